package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"
)

// lazyIndexes are indexes that the facts of DestinationRules need, made when
// first asked for.
type lazyIndexes struct {
	pickerIndex  map[[2]string]bool
	hostIndex    map[string][]*service
	sidecarIndex map[string][]*Workload
	routeIndex   map[string]bool
	namedIndex   map[string]bool
	sidecarNames []string
}

func (s *setModel) pickers() map[[2]string]bool {
	if s.pickerIndex == nil {
		s.pickerIndex = map[[2]string]bool{}
		for _, o := range s.objects {
			if o.Kind == "InferencePool" && strings.HasPrefix(o.Group(), "inference.networking.") {
				spec := o.Root.Get("spec")
				name := firstText(spec.Get("endpointPickerRef").Get("name"), spec.Get("extensionRef").Get("name"))
				s.pickerIndex[[2]string{o.Namespace, name}] = name != ""
			}
		}
	}
	return s.pickerIndex
}

func (s *setModel) serviceHosts() map[string][]*service {
	if s.hostIndex == nil {
		s.hostIndex = map[string][]*service{}
		for _, v := range s.services {
			s.hostIndex[v.host()] = append(s.hostIndex[v.host()], v)
		}
	}
	return s.hostIndex
}

func (s *setModel) sidecarsIn(namespace string) []*Workload { return s.sidecars()[namespace] }

func (s *setModel) sidecarNamespaces() []string {
	if s.sidecarNames == nil {
		s.sidecarNames = slices.Sorted(maps.Keys(s.sidecars()))
	}
	return s.sidecarNames
}

// namedHosts are the hosts whose ServiceEntry names the server.
func (s *setModel) namedHosts() map[string]bool {
	if s.namedIndex != nil {
		return s.namedIndex
	}
	s.namedIndex = map[string]bool{}
	for _, o := range s.objects {
		i, ok := o.typed.(*istioObject)
		if !ok {
			continue
		}
		if e, ok := i.Spec.(*networkingistio.ServiceEntry); ok && len(e.GetSubjectAltNames()) > 0 {
			for _, host := range e.GetHosts() {
				s.namedIndex[host] = true
			}
		}
	}
	return s.namedIndex
}

// sidecars are the workloads that follow DestinationRules, by namespace.
func (s *setModel) sidecars() map[string][]*Workload {
	if s.sidecarIndex == nil {
		s.sidecarIndex = map[string][]*Workload{}
		for _, w := range s.workloads {
			if w.Facts.Mesh.Member == "sidecar" && !w.implied {
				s.sidecarIndex[w.Namespace] = append(s.sidecarIndex[w.Namespace], w)
			}
		}
		for _, list := range s.sidecarIndex {
			slices.SortFunc(list, func(a, b *Workload) int { return cmp.Compare(a.ID, b.ID) })
		}
	}
	return s.sidecarIndex
}

// routed are the subsets, as "host subset", that some VirtualService sends to.
func (s *setModel) routed() map[string]bool {
	if s.routeIndex != nil {
		return s.routeIndex
	}
	s.routeIndex = map[string]bool{}
	for _, o := range s.objects {
		i, ok := o.typed.(*istioObject)
		if !ok || !o.believed {
			continue
		}
		vs, ok := i.Spec.(*networkingistio.VirtualService)
		if !ok {
			continue
		}
		for _, d := range destinations(vs) {
			s.routeIndex[fullHost(d.GetHost(), o.Namespace)+" "+d.GetSubset()] = true
		}
	}
	return s.routeIndex
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
