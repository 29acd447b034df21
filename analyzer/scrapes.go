package analyzer

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// scrape is one place that tells Prometheus to read metrics of pods.
type scrape struct {
	by           scrapeBy
	object       *source.Object
	from         Source // the endpoint or annotation
	sources      routeSource
	destinations []destination
}

// scrapeBy is how a scrape is asked for.
type scrapeBy int

const (
	byServiceMonitor scrapeBy = iota
	byPodMonitor
	// byPodAnnotation and byServiceAnnotation are a convention of the common
	// scrape configurations, not of Prometheus: whether one follows it the
	// manifests need not say. Istio rewrites a pod's to its own port 15020.
	byPodAnnotation
	byServiceAnnotation
)

// scrapes returns what Prometheus is told to scrape, in the order of the set's
// objects, monitors first.
func (s *setModel) scrapes() []scrape { return s.routing().scrapes }

func (r *routing) readScrapes() {
	who := r.prometheus()
	services := newServiceIndex(r.s.services)
	note := func(c scrape) {
		if c.destinations = distinct(c.destinations); len(c.destinations) > 0 {
			c.sources = who.of(c)
			r.scrapes = append(r.scrapes, c)
		}
	}
	for _, o := range r.s.objects {
		switch {
		case o.Group() != "monitoring.coreos.com":
		case o.Kind == "ServiceMonitor":
			r.serviceMonitor(o.Object, services, note)
		case o.Kind == "PodMonitor":
			r.podMonitor(o.Object, note)
		}
	}
	for _, v := range r.s.services {
		at := yaml.Path{"metadata", "annotations", "prometheus.io/port"}
		if n := scrapedPort(v.meta.Annotations); n != 0 {
			c := scrape{by: byServiceAnnotation, object: v.Object, from: Source{Object: v.Object, Path: at}}
			for _, w := range v.selected {
				c.destinations = append(c.destinations, destination{w: w, port: w.podPort(n, c.from)})
			}
			note(c)
		}
	}
	for _, w := range r.s.workloads {
		if n := scrapedPort(w.Annotations); n != 0 {
			from := Source{Object: w.object, Path: w.podPath("metadata", "annotations", "prometheus.io/port")}
			note(scrape{by: byPodAnnotation, object: w.object, from: from, destinations: []destination{{w: w, port: w.podPort(n, from)}}})
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

// prometheus is who scrapes, as far as the set tells.
type prometheus struct {
	r *routing
	// object is the only Prometheus of the operator, nil without one.
	object *source.Object
	// pod is the only workload that runs Prometheus by itself, and config what
	// it mounts; nil without one.
	pod    *Workload
	config []string
}

func (r *routing) prometheus() *prometheus {
	p := &prometheus{r: r}
	objects, pods := 0, 0
	for _, o := range r.s.objects {
		if o.Group() == "monitoring.coreos.com" && o.Kind == "Prometheus" {
			p.object = o.Object
			objects++
		}
	}
	for _, w := range r.s.workloads {
		if w.runs("prom/prometheus", "prometheus/prometheus") {
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
		p.config = r.d.mountedTexts(p.pod)
	}
	return p
}

// of finds whose connections a scrape is. A monitor is read by the operator's
// Prometheus that selects it; an annotation by one whose configuration says so,
// for every namespace.
// https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/server/statefulset.go
func (p *prometheus) of(c scrape) routeSource {
	switch c.by {
	case byServiceMonitor, byPodMonitor:
		if p.object == nil || !p.selects(c) {
			return routeSource{}
		}
		src := p.r.proxies(map[string]string{"app.kubernetes.io/name": "prometheus", "prometheus": p.object.Name}, p.object.Namespace, false)
		src.gateway = p.object
		return src
	case byPodAnnotation, byServiceAnnotation:
		role := "pod"
		if c.by == byServiceAnnotation {
			role = "service"
		}
		for _, text := range p.config {
			if strings.Contains(text, "__meta_kubernetes_"+role+"_annotation_prometheus_io_scrape") && !strings.Contains(text, "namespaces:") {
				return routeSource{kind: podSource, labels: p.pod.Labels, namespace: p.pod.Namespace, workloads: []*Workload{p.pod}}
			}
		}
	}
	return routeSource{}
}

// selects reports whether the operator gives the monitor to its Prometheus: a
// missing selector selects none, a missing namespace selector the own one.
// https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.CommonPrometheusFields
func (p *prometheus) selects(c scrape) bool {
	field := "serviceMonitor"
	if c.by == byPodMonitor {
		field = "podMonitor"
	}
	spec := p.object.Root.Get("spec")
	sel, ok := nodeSelector(spec.Get(field + "Selector"))
	labels := labelSet{known: textMap(c.object.Root.Get("metadata").Get("labels"))}
	if !ok || sel.matches(labels) != Yes {
		return false
	}
	in, ok := nodeSelector(spec.Get(field + "NamespaceSelector"))
	if !ok {
		return c.object.Namespace == p.object.Namespace
	}
	ns := p.r.s.namespaces[c.object.Namespace]
	return in.empty() || ns != nil && in.matches(ns.labels) == Yes
}

// mountedTexts are the ConfigMaps that a workload mounts.
func (d *directory) mountedTexts(w *Workload) []string {
	var out []string
	for i := range w.pod.Volumes {
		for _, source := range configSources(&w.pod.Volumes[i]) {
			o := d.configMaps[w.Namespace+"/"+source.name]
			if o == nil {
				continue
			}
			texts := textMap(o.Root.Get("data"))
			for _, key := range slices.Sorted(maps.Keys(texts)) {
				out = append(out, texts[key])
			}
		}
	}
	return out
}

// runs reports whether a container has one of the images, of any registry.
func (w *Workload) runs(images ...string) bool {
	if w.pod == nil {
		return false
	}
	for i := range w.pod.Containers {
		image := w.pod.Containers[i].Image
		image, _, _ = strings.Cut(image, "@")
		if name, tag, ok := cutLast(image, ":"); ok && !strings.Contains(tag, "/") {
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
