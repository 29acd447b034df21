package flow

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/authz"
	"github.com/aisec-lint/aisec-lint/analyzer/calls"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
)

// settleMesh asks the mesh about a flow that the network settled.
func (s *Needs) settleMesh(f *Flow, x *connect.Sender, to inventory.Destination) {
	f.facts.Mesh.Verdict = fact.Allowed
	if to.Port.Protocol != "TCP" || x == nil || s.mesh.Member(to.W) == fact.NoMesh {
		return
	}
	for _, seg := range s.layers.Segments(*x, to.W) {
		if !seg.Ports.Contains(to.Port.Number) {
			continue
		}
		f.facts.Mesh.Verdict = seg.Verdict
		if from := decisive(&seg.MeshAnswer); from.Object != nil {
			f.facts.Mesh.From = from
			f.names["mesh_policy"] = fact.RefName(from.Object)
		} else if seg.Verdict == fact.Denied || seg.Verdict == fact.BrokenTLS {
			f.facts.Mesh.Verdict = fact.Undetermined // nothing to point at, nothing to say
		}
	}
}

// decisive is the object that keeps a connection out: an AuthorizationPolicy
// where it is denied, what sets the mode of either side where TLS does not fit.
func decisive(a *connect.MeshAnswer) fact.Source {
	for _, r := range a.Because {
		if r.Object != nil && (r.Object.Kind == "AuthorizationPolicy") == (a.Verdict == fact.Denied) {
			return fact.Source{Object: r.Object, Path: r.Path}
		}
	}
	return fact.Source{}
}

// meshSender is the caller of a route or scrape in the mesh: a pod of the set
// or the proxies of an Istio gateway, whose account nobody knows. Of others
// nothing is known, not even whether they are in the mesh.
func (s *Needs) meshSender(p *netpol.Endpoint, src *calls.RouteSource) *connect.Sender {
	switch {
	case p.Kind == netpol.PodEndpoint:
		x := s.layers.SenderOf(&connect.Endpoint{Workload: p.Workload, Party: p})
		if p.Workload.Gateway && istio(src) { // a gateway of Istio has its identity by nature
			x.Member = fact.Sidecar
		}
		if x.Member == fact.UnknownMember {
			return nil
		}
		return &x
	case istio(src) && !src.AnyNamespace:
		w := &inventory.Workload{Namespace: src.Namespace, Ns: s.inventory.Namespace(src.Namespace), LabelSet: inventory.LabelSet{Known: src.Labels, Open: true}}
		return &connect.Sender{W: w, Member: fact.Sidecar, Caller: authz.Caller{Namespace: src.Namespace}}
	}
	return nil
}

// istio reports proxies that istiod programs.
func istio(r *calls.RouteSource) bool { return r.Kind == calls.PodSource && r.Gateway != nil }

// sameMesh reports whether several flows fare alike in the mesh: of some of
// them only, nothing is said.
func sameMesh(flows []*Flow) bool {
	return !slices.ContainsFunc(flows, func(f *Flow) bool { return f.facts.Mesh.Verdict != flows[0].facts.Mesh.Verdict })
}
