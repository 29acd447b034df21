package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"
)

// lookups are the indexes that the facts of DestinationRules need.
type lookups struct {
	pickers           map[[2]string]bool     // endpoint pickers of InferencePools, by namespace and name
	serviceHosts      map[string][]*service  // by full host name
	sidecars          map[string][]*Workload // workloads that follow DestinationRules, by namespace
	sidecarNamespaces []string               // sorted
	routed            map[string]bool        // subsets, as "host subset", that some VirtualService sends to
	namedHosts        map[string]bool        // hosts whose ServiceEntry names the server
}

func newLookups(s *Mesh) lookups {
	x := lookups{
		pickers: map[[2]string]bool{}, serviceHosts: map[string][]*service{}, sidecars: map[string][]*Workload{},
		routed: map[string]bool{}, namedHosts: map[string]bool{},
	}
	for _, v := range s.inventory.services {
		x.serviceHosts[v.host()] = append(x.serviceHosts[v.host()], v)
	}
	for _, w := range s.inventory.workloads {
		if s.member(w) == "sidecar" && !w.implied {
			x.sidecars[w.Namespace] = append(x.sidecars[w.Namespace], w)
		}
	}
	for _, list := range x.sidecars {
		slices.SortFunc(list, func(a, b *Workload) int { return cmp.Compare(a.ID, b.ID) })
	}
	x.sidecarNamespaces = slices.Sorted(maps.Keys(x.sidecars))
	for _, o := range s.inventory.objects {
		x.note(o)
	}
	return x
}

func (x *lookups) note(o *decoded) {
	if o.Kind == "InferencePool" && strings.HasPrefix(o.Group(), "inference.networking.") {
		spec := o.Root.Get("spec")
		name := firstText(spec.Get("endpointPickerRef").Get("name"), spec.Get("extensionRef").Get("name"))
		x.pickers[[2]string{o.Namespace, name}] = name != ""
	}
	i, ok := o.typed.(*istioObject)
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
		if !o.believed {
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
