package mesh

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// meshScope is what the set as a whole says of a mesh.
type meshScope struct {
	Present bool // the set has Istio objects or enrols workloads
	Enrols  bool // some workload is enrolled by its own or its namespace's labels
}

// resolveMesh decides for every workload whether its pods get a sidecar or are
// captured by ambient's ztunnel.
func (s *Mesh) resolveMesh() {
	for _, o := range s.Inventory.Objects {
		if i, ok := o.Typed.(*decode.Istio); ok && i != nil {
			s.Scope.Present = true
			switch o.Kind {
			case "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication":
				s.istioPolicies[o.Namespace] = true
			}
		}
	}
	s.Scope.Present = s.Scope.Present || s.Config.ofMesh
	for _, w := range s.Inventory.Workloads {
		m := s.membership(w)
		s.members[w] = m
		if (m.Member == fact.Sidecar || m.Member == fact.Ambient) && m.Reason != "injected" { // what a cluster exported was not written to enrol anything
			s.Scope.Enrols = true
		}
	}
}

// Member says whether the workload's pods are in the mesh: sidecar, ambient,
// none or unknown.
func (s *Mesh) Member(w *inventory.Workload) fact.Member { return s.members[w].Member }

// expected answers whether the tree itself means the workload to be in a mesh.
func (s *Mesh) expected(w *inventory.Workload) fact.Tri {
	switch {
	case s.istioPolicies[w.Namespace] || s.Scope.Enrols:
		return fact.Yes
	case s.Scope.Present:
		return fact.Unknown // Istio may serve as a gateway only
	default:
		return fact.No
	}
}

// isTrue reads a boolean as injectRequired does.
func isTrue(s string) bool {
	return slices.Contains([]string{"y", "yes", "true", "on"}, strings.ToLower(s))
}

// ServiceMember is the membership that the pods behind a Service have in
// common.
func (s *Mesh) ServiceMember(v *inventory.Service) fact.Member {
	member := fact.UnknownMember
	for i, w := range v.Selected {
		switch {
		case w.Gateway: // a gateway's ports are its listeners', which say their protocol themselves
			member = fact.UnknownMember
		case i == 0:
			member = s.Member(w)
		case s.Member(w) != member:
			member = fact.UnknownMember
		}
	}
	return member
}
