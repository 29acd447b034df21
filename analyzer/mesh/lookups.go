package mesh

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// lookups are the indexes that the facts of DestinationRules need.
type lookups struct {
	pickers           map[[2]string]bool               // endpoint pickers of InferencePools, by namespace and name
	serviceHosts      map[string][]*inventory.Service  // by full host name
	sidecars          map[string][]*inventory.Workload // workloads that follow DestinationRules, by namespace
	sidecarNamespaces []string                         // sorted
	routed            map[string]bool                  // subsets, as "host subset", that some VirtualService sends to
	namedHosts        map[string]bool                  // hosts whose ServiceEntry names the server
}

func newLookups(s *Mesh) lookups {
	x := lookups{
		pickers: map[[2]string]bool{}, serviceHosts: map[string][]*inventory.Service{}, sidecars: map[string][]*inventory.Workload{},
		routed: map[string]bool{}, namedHosts: map[string]bool{},
	}
	for _, v := range s.Inventory.Services {
		x.serviceHosts[v.Host()] = append(x.serviceHosts[v.Host()], v)
	}
	for _, w := range s.Inventory.Workloads {
		if s.Member(w) == fact.Sidecar && !w.Implied {
			x.sidecars[w.Namespace] = append(x.sidecars[w.Namespace], w)
		}
	}
	for _, list := range x.sidecars {
		slices.SortFunc(list, func(a, b *inventory.Workload) int { return cmp.Compare(a.ID, b.ID) })
	}
	x.sidecarNamespaces = slices.Sorted(maps.Keys(x.sidecars))
	for _, o := range s.Inventory.Objects {
		x.note(o)
	}
	return x
}

func (x *lookups) note(o *decode.Decoded) {
	if o.Kind == "InferencePool" && strings.HasPrefix(o.Group(), "inference.networking.") {
		spec := o.Root.Get("spec")
		name := decode.FirstText(spec.Get("endpointPickerRef").Get("name"), spec.Get("extensionRef").Get("name"))
		x.pickers[[2]string{o.Namespace, name}] = name != ""
	}
	i, ok := o.Typed.(*decode.Istio)
	if !ok {
		return
	}
	switch spec := i.Spec.(type) {
	case *networkingistio.ServiceEntry:
		if len(spec.GetSubjectAltNames()) > 0 {
			for _, host := range spec.GetHosts() {
				x.namedHosts[host] = true
			}
		}
	case *networkingistio.VirtualService:
		if !o.Believed {
			return
		}
		for _, d := range destinations(spec) {
			x.routed[fullHost(d.GetHost(), o.Namespace)+" "+d.GetSubset()] = true
		}
	}
}

func destinations(vs *networkingistio.VirtualService) []*networkingistio.Destination {
	var out []*networkingistio.Destination
	for _, route := range vs.GetHttp() {
		for _, to := range route.GetRoute() {
			out = append(out, to.GetDestination())
		}
	}
	for _, route := range vs.GetTcp() {
		for _, to := range route.GetRoute() {
			out = append(out, to.GetDestination())
		}
	}
	for _, route := range vs.GetTls() {
		for _, to := range route.GetRoute() {
			out = append(out, to.GetDestination())
		}
	}
	return out
}
