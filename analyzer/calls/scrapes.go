package calls

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Scrape is one place that configures Prometheus to read metrics of pods.
type Scrape struct {
	By           ScrapeKind
	Object       *source.Object // the monitor, or the object with the annotation
	From         fact.Source    // the endpoint or annotation
	Sources      RouteSource    // the Prometheus that scrapes
	Destinations []inventory.Destination
}

// ScrapeKind is how a scrape is configured.
type ScrapeKind int

const (
	byServiceMonitor ScrapeKind = iota
	byPodMonitor
	// ByPodAnnotation and byServiceAnnotation follow a convention of common scrape
	// configurations, not of Prometheus: the manifests need not say whether a
	// Prometheus follows it. Istio rewrites a pod's annotation to its port 15020.
	ByPodAnnotation
	byServiceAnnotation
)

// Scrapes returns what Prometheus is configured to scrape: that of monitors, of
// annotated Services and of annotated pods, each in the order of the set.
func (c *Calls) Scrapes() []Scrape { return c.routing.scrapes }

func (r *routing) readScrapes() {
	scraper := r.prometheus()
	services := newServiceIndex(r.inventory.Services)
	note := func(c Scrape) {
		if c.Destinations = inventory.Distinct(c.Destinations); len(c.Destinations) > 0 {
			c.Sources = scraper.sourceOf(c)
			r.scrapes = append(r.scrapes, c)
		}
	}
	for _, o := range r.inventory.Objects {
		switch {
		case o.Group() != "monitoring.coreos.com":
		case o.Kind == "ServiceMonitor":
			r.serviceMonitor(o.Object, services, note)
		case o.Kind == "PodMonitor":
			r.podMonitor(o.Object, note)
		}
	}
	for _, v := range r.inventory.Services {
		at := yaml.Path{"metadata", "annotations", "prometheus.io/port"}
		if n := scrapedPort(v.Meta.Annotations); n != 0 {
			c := Scrape{By: byServiceAnnotation, Object: v.Object, From: fact.Source{Object: v.Object, Path: at}}
			for _, w := range v.Selected {
				c.Destinations = append(c.Destinations, inventory.Destination{W: w, Port: w.PodPort(n, c.From)})
			}
			note(c)
		}
	}
	for _, w := range r.inventory.Workloads {
		if n := scrapedPort(w.Annotations); n != 0 {
			from := fact.Source{Object: w.Object, Path: w.PodPath("metadata", "annotations", "prometheus.io/port")}
			note(Scrape{By: ByPodAnnotation, Object: w.Object, From: from, Destinations: []inventory.Destination{{W: w, Port: w.PodPort(n, from)}}})
		}
	}
}

// scrapedPort is the port that the annotations ask to scrape, 0 for none.
// https://github.com/prometheus/prometheus/blob/main/documentation/examples/prometheus-kubernetes.yml
func scrapedPort(annotations map[string]string) int {
	if annotations["prometheus.io/scrape"] != "true" {
		return 0
	}
	n, err := strconv.Atoi(annotations["prometheus.io/port"])
	if err != nil || n < 1 || n > 65535 {
		return 0
	}
	return n
}

// prometheus is the Prometheus that scrapes, as far as the set shows.
type prometheus struct {
	r *routing
	// object is the only Prometheus of the operator, nil without one.
	object *source.Object
	// pod is the only workload that runs Prometheus by itself, and config what
	// it mounts; nil without one.
	pod    *inventory.Workload
	config []string
}

func (r *routing) prometheus() *prometheus {
	p := &prometheus{r: r}
	objects, pods := 0, 0
	for _, o := range r.inventory.Objects {
		if o.Group() == "monitoring.coreos.com" && o.Kind == "Prometheus" {
			p.object = o.Object
			objects++
		}
	}
	for _, w := range r.inventory.Workloads {
		if runs(w, "prom/prometheus", "prometheus/prometheus") {
			p.pod = w
			pods++
		}
	}
	if objects != 1 {
		p.object = nil // of several, which one scrapes lies in each one's selectors
	}
	if objects > 0 || pods != 1 {
		p.pod = nil
	}
	if p.pod != nil {
		p.config = mountedTexts(r.d, p.pod)
	}
	return p
}

// sourceOf finds the Prometheus of a scrape. A monitor is read by the operator's
// Prometheus that selects it; an annotation by one whose configuration says so,
// for every namespace.
// https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/server/statefulset.go
func (p *prometheus) sourceOf(c Scrape) RouteSource {
	switch c.By {
	case byServiceMonitor, byPodMonitor:
		if p.object == nil || !p.selects(c) {
			return RouteSource{}
		}
		src := p.r.proxies(map[string]string{"app.kubernetes.io/name": "prometheus", "prometheus": p.object.Name}, p.object.Namespace, false)
		src.Gateway = p.object
		return src
	case ByPodAnnotation, byServiceAnnotation:
		role := "pod"
		if c.By == byServiceAnnotation {
			role = "service"
		}
		for _, text := range p.config {
			if strings.Contains(text, "__meta_kubernetes_"+role+"_annotation_prometheus_io_scrape") && !strings.Contains(text, "namespaces:") {
				return RouteSource{Kind: PodSource, Labels: p.pod.Labels, Namespace: p.pod.Namespace, Workloads: []*inventory.Workload{p.pod}}
			}
		}
	}
	return RouteSource{}
}

// selects reports whether the operator gives the monitor to its Prometheus: a
// missing selector selects none, a missing namespace selector the own one.
// https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.CommonPrometheusFields
func (p *prometheus) selects(c Scrape) bool {
	field := "serviceMonitor"
	if c.By == byPodMonitor {
		field = "podMonitor"
	}
	spec := p.object.Root.Get("spec")
	sel, ok := nodeSelector(spec.Get(field + "Selector"))
	labels := inventory.LabelSet{Known: decode.TextMap(c.Object.Root.Get("metadata").Get("labels"))}
	if !ok || sel.Matches(labels) != fact.Yes {
		return false
	}
	in, ok := nodeSelector(spec.Get(field + "NamespaceSelector"))
	if !ok {
		return c.Object.Namespace == p.object.Namespace
	}
	ns := p.r.inventory.Namespaces[c.Object.Namespace]
	return in.Empty() || ns != nil && in.Matches(ns.Labels) == fact.Yes
}

// mountedTexts are the ConfigMaps that a workload mounts.
func mountedTexts(d *inventory.NameIndex, w *inventory.Workload) []string {
	var out []string
	for i := range w.Pod.Volumes {
		for _, source := range configSources(&w.Pod.Volumes[i]) {
			o := d.ConfigMaps[w.Namespace+"/"+source.name]
			if o == nil {
				continue
			}
			texts := decode.TextMap(o.Root.Get("data"))
			for _, key := range slices.Sorted(maps.Keys(texts)) {
				out = append(out, texts[key])
			}
		}
	}
	return out
}

// runs reports whether a container has one of the images, of any registry.
func runs(w *inventory.Workload, images ...string) bool {
	if w.Pod == nil {
		return false
	}
	for i := range w.Pod.Containers {
		image := w.Pod.Containers[i].Image
		image, _, _ = strings.Cut(image, "@")
		if name, tag, ok := inventory.CutLast(image, ":"); ok && !strings.Contains(tag, "/") {
			image = name
		}
		for _, want := range images {
			if image == want || strings.HasSuffix(image, "/"+want) {
				return true
			}
		}
	}
	return false
}
