package analyzer

import (
	"slices"
	"strings"
)

// meshScope is what the set as a whole says of a mesh.
type meshScope struct {
	present bool // the set has Istio objects or enrols workloads
	enrols  bool // some workload is enrolled by its own or its namespace's labels
}

// resolveMesh decides for every workload whether its pods get a sidecar or are
// captured by ambient's ztunnel.
func (s *Mesh) resolveMesh() {
	for _, o := range s.inventory.objects {
		if i, ok := o.typed.(*istioObject); ok && i != nil {
			s.scope.present = true
			switch o.Kind {
			case "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication":
				s.istioPolicies[o.Namespace] = true
			}
		}
	}
	s.scope.present = s.scope.present || s.config.ofMesh
	for _, w := range s.inventory.workloads {
		m := s.membership(w)
		s.members[w] = m
		if (m.Member == "sidecar" || m.Member == "ambient") && m.Reason != "injected" { // what a cluster exported was not written to enrol anything
			s.scope.enrols = true
		}
	}
}

// member says whether the workload's pods are in the mesh: sidecar, ambient,
// none or unknown.
func (s *Mesh) member(w *Workload) string { return s.members[w].Member }

// expected answers whether the tree itself means the workload to be in a mesh.
func (s *Mesh) expected(w *Workload) Tri {
	switch {
	case s.istioPolicies[w.Namespace] || s.scope.enrols:
		return Yes
	case s.scope.present:
		return Unknown // Istio may serve as a gateway only
	default:
		return No
	}
}

// isTrue reads a boolean as injectRequired does.
func isTrue(s string) bool {
	return slices.Contains([]string{"y", "yes", "true", "on"}, strings.ToLower(s))
}

// serviceMember is the membership that the pods behind a Service have in
// common.
func (s *Mesh) serviceMember(v *service) string {
	member := "unknown"
	for i, w := range v.selected {
		switch {
		case w.gateway: // a gateway's ports are its listeners', which say their protocol themselves
			member = "unknown"
		case i == 0:
			member = s.member(w)
		case s.member(w) != member:
			member = "unknown"
		}
	}
	return member
}
