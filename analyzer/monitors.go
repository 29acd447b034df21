package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// monitored is whose objects a monitor looks for: namespaces nil means any.
// https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.NamespaceSelector
func monitored(o *source.Object) (namespaces []string) {
	sel := o.Root.Get("spec").Get("namespaceSelector")
	if v := sel.Get("any"); v != nil && v.Kind == yaml.Bool && parseBool(v.Text) {
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
func (r *routing) serviceMonitor(o *source.Object, services *serviceIndex, note func(scrape)) {
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
		c := scrape{by: byServiceMonitor, object: o, from: Source{Object: o, Path: yaml.Path{"spec", "endpoints", i}}}
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
func (r *routing) podMonitor(o *source.Object, note func(scrape)) {
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
		c := scrape{by: byPodMonitor, object: o, from: Source{Object: o, Path: yaml.Path{"spec", "podMetricsEndpoints", i}}}
		for _, w := range found {
			c.destinations = appendPort(c.destinations, w, cmp.Or(e.Get("port"), e.Get("portNumber"), e.Get("targetPort")))
		}
		note(c)
	}
}

// relabelled reports that rules of the endpoint may drop targets or lead
// elsewhere.
func relabelled(endpoint *yaml.Node) bool {
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
func appendPort(list []destination, w *Workload, want *yaml.Node) []destination {
	for _, p := range w.ports {
		if n, ok := nodeInt(want); p.declared && (ok && p.number == n || !ok && want != nil && want.Text != "" && p.name == want.Text) {
			return append(list, destination{w: w, port: p})
		}
	}
	return list
}

// nodeSelector reads a LabelSelector of a kind that is not decoded.
func nodeSelector(n *yaml.Node) (selector, bool) {
	if n == nil || n.Kind != yaml.Map {
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
