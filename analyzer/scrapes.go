package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/loader"
)

// scrape is one place that tells Prometheus to read metrics of pods.
type scrape struct {
	by           scrapeBy
	object       *loader.Object
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
	sources := r.prometheus()
	services := newServiceIndex(r.s.services)
	note := func(c scrape) {
		if len(c.destinations) > 0 {
			c.sources = sources
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
		at := loader.Path{"metadata", "annotations", "prometheus.io/port"}
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
			from := Source{Object: w.object, Path: w.template.Join("metadata", "annotations", "prometheus.io/port")}
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

// prometheus finds who scrapes: the pods of the set that run Prometheus, and
// those that the operator makes of the only Prometheus object.
// https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/server/statefulset.go
func (r *routing) prometheus() routeSource {
	src := routeSource{kind: podSource}
	for _, w := range r.s.workloads {
		if w.runs("prom/prometheus", "prometheus/prometheus") {
			src.workloads = append(src.workloads, w)
		}
	}
	var objects []*loader.Object
	for _, o := range r.s.objects {
		if o.Group() == "monitoring.coreos.com" && o.Kind == "Prometheus" {
			objects = append(objects, o.Object)
		}
	}
	switch {
	case len(objects) == 1 && len(src.workloads) == 0:
		src.namespace = objects[0].Namespace
		src.labels = map[string]string{"app.kubernetes.io/name": "prometheus", "prometheus": objects[0].Name}
		src.gateway = objects[0]
		return src
	case len(objects) == 0 && len(src.workloads) == 1:
		w := src.workloads[0]
		src.namespace, src.labels = w.Namespace, w.Labels
		return src
	}
	return routeSource{workloads: src.workloads} // of several, which one scrapes lies in their configuration
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

// monitored is whose objects a monitor looks for: namespaces nil means any.
// https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.NamespaceSelector
func monitored(o *loader.Object) (namespaces []string) {
	sel := o.Root.Get("spec").Get("namespaceSelector")
	if v := sel.Get("any"); v != nil && v.Kind == loader.Bool && parseBool(v.Text) {
		return nil
	}
	for _, n := range sel.Get("matchNames").List() {
		namespaces = append(namespaces, n.Text)
	}
	if len(namespaces) == 0 {
		namespaces = []string{o.Namespace}
	}
	slices.Sort(namespaces)
	return slices.Compact(namespaces)
}

// serviceMonitor reads a ServiceMonitor: labels of Services, then their ports
// by name, or the pods' by targetPort.
// https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Endpoint
func (r *routing) serviceMonitor(o *loader.Object, services *serviceIndex, note func(scrape)) {
	spec := o.Root.Get("spec")
	sel, ok := nodeSelector(spec.Get("selector"))
	if !ok {
		return
	}
	found := services.match(sel, monitored(o))
	for i, e := range spec.Get("endpoints").List() {
		if relabelled(e) {
			continue
		}
		c := scrape{by: byServiceMonitor, object: o, from: Source{Object: o, Path: loader.Path{"spec", "endpoints", i}}}
		for _, v := range found {
			switch {
			case e.Get("port") != nil:
				c.destinations = append(c.destinations, v.behind(v.portCalled(textAt(e, "port", "")))...)
			case e.Get("targetPort") != nil:
				for _, w := range v.selected {
					c.destinations = appendPort(c.destinations, w, e.Get("targetPort"))
				}
			}
		}
		note(c)
	}
}

// podMonitor reads a PodMonitor. Only ports that a container declares are
// found by it.
// https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMetricsEndpoint
func (r *routing) podMonitor(o *loader.Object, note func(scrape)) {
	spec := o.Root.Get("spec")
	sel, ok := nodeSelector(spec.Get("selector"))
	if !ok {
		return
	}
	var found []*Workload
	if namespaces := monitored(o); namespaces == nil {
		found, _ = r.pods.match(sel)
	} else {
		for _, name := range namespaces {
			if ns := r.s.namespaces[name]; ns != nil {
				yes, _ := ns.index.match(sel)
				found = append(found, yes...)
			}
		}
	}
	for i, e := range spec.Get("podMetricsEndpoints").List() {
		if relabelled(e) {
			continue
		}
		c := scrape{by: byPodMonitor, object: o, from: Source{Object: o, Path: loader.Path{"spec", "podMetricsEndpoints", i}}}
		for _, w := range found {
			c.destinations = appendPort(c.destinations, w, cmp.Or(e.Get("port"), e.Get("portNumber"), e.Get("targetPort")))
		}
		note(c)
	}
}

// relabelled reports that rules of the endpoint may drop targets or lead
// elsewhere.
func relabelled(endpoint *loader.Node) bool {
	for _, rule := range endpoint.Get("relabelings").List() {
		switch strings.ToLower(textAt(rule, "action", "replace")) {
		case "keep", "drop", "keepequal", "dropequal", "labeldrop", "labelkeep":
			return true
		}
		if textAt(rule, "targetLabel", "") == "__address__" {
			return true
		}
	}
	return false
}

// appendPort appends the workload's declared port of that name or number.
func appendPort(list []destination, w *Workload, want *loader.Node) []destination {
	for _, p := range w.ports {
		if n, ok := nodeInt(want); p.declared && (ok && p.number == n || !ok && want != nil && want.Text != "" && p.name == want.Text) {
			return append(list, destination{w: w, port: p})
		}
	}
	return list
}

// nodeSelector reads a LabelSelector of a kind that is not decoded.
func nodeSelector(n *loader.Node) (selector, bool) {
	if n == nil || n.Kind != loader.Map {
		return selector{}, false
	}
	s := &metav1.LabelSelector{MatchLabels: textMap(n.Get("matchLabels"))}
	for _, e := range n.Get("matchExpressions").List() {
		r := metav1.LabelSelectorRequirement{Key: textAt(e, "key", ""), Operator: metav1.LabelSelectorOperator(textAt(e, "operator", ""))}
		for _, v := range e.Get("values").List() {
			r.Values = append(r.Values, v.Text)
		}
		s.MatchExpressions = append(s.MatchExpressions, r)
	}
	sel := labelSelector(s)
	return sel, sel.valid
}

// serviceIndex finds Services by their own labels.
type serviceIndex struct {
	all     []*service
	byLabel map[[2]string][]*service
}

func newServiceIndex(all []*service) *serviceIndex {
	x := &serviceIndex{all: all, byLabel: map[[2]string][]*service{}}
	for _, v := range all {
		for k, label := range v.meta.Labels {
			x.byLabel[[2]string{k, label}] = append(x.byLabel[[2]string{k, label}], v)
		}
	}
	return x
}

func (x *serviceIndex) match(sel selector, namespaces []string) []*service {
	best := x.all
	for k, label := range maps.All(sel.equalities()) {
		if list := x.byLabel[[2]string{k, label}]; len(list) < len(best) {
			best = list
		}
	}
	var out []*service
	for _, v := range best {
		if namespaces != nil && !slices.Contains(namespaces, v.Namespace) {
			continue
		}
		if sel.matches(labelSet{known: v.meta.Labels}) == Yes {
			out = append(out, v)
		}
	}
	return out
}
