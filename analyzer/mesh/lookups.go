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

// lookups are indexes that the facts of DestinationRules need.
type lookups struct {
	pickers          map[[2]string]bool               // endpoint pickers of InferencePools, by namespace and name
	serviceHosts     map[string][]*inventory.Service  // by full host name
	clients          map[string][]*inventory.Workload // workloads with a sidecar, which follows DestinationRules, by namespace
	clientNamespaces []string                         // sorted
	routed           map[string]bool                  // subsets, as "host subset", that some VirtualService sends to
	namedHosts       map[string]bool                  // hosts whose ServiceEntry names the server
}

func newLookups(m *Mesh) lookups {
	x := lookups{
		pickers: map[[2]string]bool{}, serviceHosts: map[string][]*inventory.Service{}, clients: map[string][]*inventory.Workload{},
		routed: map[string]bool{}, namedHosts: map[string]bool{},
	}
	for _, v := range m.Inventory.Services {
		x.serviceHosts[v.Host()] = append(x.serviceHosts[v.Host()], v)
	}
	for _, w := range m.Inventory.Workloads {
		if m.Member(w) == fact.Sidecar && !w.Implied {
			x.clients[w.Namespace] = append(x.clients[w.Namespace], w)
		}
	}
	for _, list := range x.clients {
		slices.SortFunc(list, func(a, b *inventory.Workload) int { return cmp.Compare(a.ID, b.ID) })
	}
	x.clientNamespaces = slices.Sorted(maps.Keys(x.clients))
	x.readObjects(m.Inventory.Objects)
	return x
}

// readObjects reads InferencePools, ServiceEntries and VirtualServices.
func (x *lookups) readObjects(objects []*decode.Decoded) {
	for _, o := range objects {
		if o.Kind == "InferencePool" && strings.HasPrefix(o.Group(), "inference.networking.") {
			spec := o.Root.Get("spec")
			name := decode.FirstText(spec.Get("endpointPickerRef").Get("name"), spec.Get("extensionRef").Get("name"))
			x.pickers[[2]string{o.Namespace, name}] = name != ""
		}
	}
	for _, spec := range decode.Each[*networkingistio.ServiceEntry](objects) {
		for _, host := range spec.GetHosts() {
			x.namedHosts[host] = x.namedHosts[host] || len(spec.GetSubjectAltNames()) > 0
		}
	}
	for o, spec := range decode.Each[*networkingistio.VirtualService](objects) {
		for _, d := range destinations(spec) {
			x.routed[fullHost(d.GetHost(), o.Namespace)+" "+d.GetSubset()] = true
		}
	}
}

// destinations lists where the routes of a VirtualService send requests.
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
