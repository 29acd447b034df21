package calls

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// monitored lists the namespaces whose objects a monitor selects from; nil means
// every namespace.
// https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.NamespaceSelector
func monitored(o *source.Object) (namespaces []string) {
	sel := o.Root.Get("spec").Get("namespaceSelector")
	if v := sel.Get("any"); v != nil && v.Kind == yaml.Bool && decode.ParseBool(v.Text) {
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
func (r *routing) serviceMonitor(o *source.Object, services *serviceIndex, note func(Scrape)) {
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
		c := Scrape{By: byServiceMonitor, Object: o, From: fact.Source{Object: o, Path: yaml.Path{"spec", "endpoints", i}}}
		for _, v := range found {
			switch {
			case e.Get("port") != nil:
				c.Destinations = append(c.Destinations, v.Behind(v.PortCalled(decode.TextAt(e, "port", "")))...)
			case e.Get("targetPort") != nil:
				for _, w := range v.Selected {
					c.Destinations = appendPort(c.Destinations, w, e.Get("targetPort"))
				}
			}
		}
		note(c)
	}
}

// podMonitor reads a PodMonitor. Only ports that a container declares are
// found by it.
// https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMetricsEndpoint
func (r *routing) podMonitor(o *source.Object, note func(Scrape)) {
	spec := o.Root.Get("spec")
	sel, ok := nodeSelector(spec.Get("selector"))
	if !ok {
		return
	}
	var found []*inventory.Workload
	if namespaces := monitored(o); namespaces == nil {
		found, _ = r.pods.Match(sel)
	} else {
		for _, name := range namespaces {
			if ns := r.inventory.Namespaces[name]; ns != nil {
				yes, _ := ns.Index.Match(sel)
				found = append(found, yes...)
			}
		}
	}
	for i, e := range spec.Get("podMetricsEndpoints").List() {
		if relabelled(e) {
			continue
		}
		c := Scrape{By: byPodMonitor, Object: o, From: fact.Source{Object: o, Path: yaml.Path{"spec", "podMetricsEndpoints", i}}}
		for _, w := range found {
			c.Destinations = appendPort(c.Destinations, w, cmp.Or(e.Get("port"), e.Get("portNumber"), e.Get("targetPort")))
		}
		note(c)
	}
}

// relabelled reports that relabeling rules of the endpoint may drop targets or
// change their address.
func relabelled(endpoint *yaml.Node) bool {
	for _, rule := range endpoint.Get("relabelings").List() {
		switch strings.ToLower(decode.TextAt(rule, "action", "replace")) {
		case "keep", "drop", "keepequal", "dropequal", "labeldrop", "labelkeep":
			return true
		}
		if decode.TextAt(rule, "targetLabel", "") == "__address__" {
			return true
		}
	}
	return false
}

// appendPort appends the workload's declared port of that name or number.
func appendPort(list []inventory.Destination, w *inventory.Workload, want *yaml.Node) []inventory.Destination {
	for _, p := range w.Ports {
		if n, ok := decode.NodeInt(want); p.Declared && (ok && p.Number == n || !ok && want != nil && want.Text != "" && p.Name == want.Text) {
			return append(list, inventory.Destination{W: w, Port: p})
		}
	}
	return list
}

// nodeSelector reads a LabelSelector of a kind that is not decoded.
func nodeSelector(n *yaml.Node) (inventory.Selector, bool) {
	if n == nil || n.Kind != yaml.Map {
		return inventory.Selector{}, false
	}
	s := &metav1.LabelSelector{MatchLabels: decode.TextMap(n.Get("matchLabels"))}
	for _, e := range n.Get("matchExpressions").List() {
		r := metav1.LabelSelectorRequirement{Key: decode.TextAt(e, "key", ""), Operator: metav1.LabelSelectorOperator(decode.TextAt(e, "operator", ""))}
		for _, v := range e.Get("values").List() {
			r.Values = append(r.Values, v.Text)
		}
		s.MatchExpressions = append(s.MatchExpressions, r)
	}
	sel := inventory.LabelSelector(s)
	return sel, sel.Valid
}

// serviceIndex finds Services by their own labels.
type serviceIndex struct {
	all     []*inventory.Service
	byLabel map[[2]string][]*inventory.Service
}

func newServiceIndex(all []*inventory.Service) *serviceIndex {
	x := &serviceIndex{all: all, byLabel: map[[2]string][]*inventory.Service{}}
	for _, v := range all {
		for k, label := range v.Meta.Labels {
			x.byLabel[[2]string{k, label}] = append(x.byLabel[[2]string{k, label}], v)
		}
	}
	return x
}

func (x *serviceIndex) match(sel inventory.Selector, namespaces []string) []*inventory.Service {
	best := x.all
	for k, label := range maps.All(sel.Equalities()) {
		if list := x.byLabel[[2]string{k, label}]; len(list) < len(best) {
			best = list
		}
	}
	var out []*inventory.Service
	for _, v := range best {
		if namespaces != nil && !slices.Contains(namespaces, v.Namespace) {
			continue
		}
		if sel.Matches(inventory.LabelSet{Known: v.Meta.Labels}) == fact.Yes {
			out = append(out, v)
		}
	}
	return out
}
