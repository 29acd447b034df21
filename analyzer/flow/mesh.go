package flow

import (
	"github.com/aisec-lint/aisec-lint/analyzer/authz"
	"github.com/aisec-lint/aisec-lint/analyzer/calls"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
)

// evaluateMesh asks the mesh about a flow that the network has decided. A sender
// of nil is one that nothing is known of.
func (n *Needs) evaluateMesh(f *flow, sender *connect.Sender, to inventory.Destination) {
	f.mesh = decision{verdict: fact.Allowed}
	if to.Port.Protocol != "TCP" || sender == nil || n.mesh.Member(to.W) == fact.NoMesh {
		return
	}
	for _, seg := range n.layers.Segments(*sender, to.W) {
		if !seg.Ports.Contains(to.Port.Number) {
			continue
		}
		f.mesh = decision{verdict: seg.Verdict, denier: decisive(&seg.MeshAnswer)}
		switch {
		case f.mesh.denier.Object != nil:
			f.policyByName["mesh_policy"] = fact.RefName(f.mesh.denier.Object)
		case seg.Verdict == fact.Denied || seg.Verdict == fact.BrokenTLS:
			f.mesh.verdict = fact.Undetermined // a finding would have no object to point to
		}
	}
}

// decisive is the object that keeps a connection out: an AuthorizationPolicy
// where it is denied, what sets the TLS of either side where that is broken.
func decisive(a *connect.MeshAnswer) fact.Source {
	for _, r := range a.Because {
		if r.Object != nil && (r.Object.Kind == "AuthorizationPolicy") == (a.Verdict == fact.Denied) {
			return fact.Source{Object: r.Object, Path: r.Path}
		}
	}
	return fact.Source{}
}

// meshSender is the client of a route or scrape in the mesh: a pod of the set, or
// the proxies of an Istio gateway, whose service account is not known. It is nil
// for other clients: not even their membership is known.
func (n *Needs) meshSender(p *netpol.Endpoint, src *calls.RouteSource) *connect.Sender {
	switch {
	case p.Kind == netpol.PodEndpoint:
		x := n.layers.SenderOf(&connect.Endpoint{Workload: p.Workload, Peer: p})
		if p.Workload.Gateway && istioProxies(src) { // a gateway of Istio always has an identity of the mesh
			x.Member = fact.Sidecar
		}
		if x.Member == fact.UnknownMember {
			return nil
		}
		return &x
	case istioProxies(src) && !src.AnyNamespace:
		w := &inventory.Workload{Namespace: src.Namespace, Ns: n.inventory.Namespace(src.Namespace), LabelSet: inventory.LabelSet{Known: src.Labels, Open: true}}
		return &connect.Sender{W: w, Member: fact.Sidecar, Caller: authz.Caller{Namespace: src.Namespace}}
	}
	return nil
}

// istioProxies reports a source whose proxies istiod configures.
func istioProxies(r *calls.RouteSource) bool { return r.Kind == calls.PodSource && r.Gateway != nil }
