package flow

import (
	"github.com/aisec-lint/aisec-lint/analyzer/calls"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
)

// Flow is a connection that the tree needs, and what policies make of it.
type Flow struct {
	need     string // see FlowFacts
	src, dst *netpol.Endpoint
	about    []*inventory.Workload // whom a finding is about
	protocol int
	port     int
	facts    fact.FlowFacts
	names    map[string]string
	from     fact.Source // what says that it is needed
}

// Subject lays out the flow for the rules.
func (f *Flow) Subject() fact.Subject {
	f.facts.Need = f.need
	e := fact.Evidence{From: f.from, Names: f.names}
	for _, w := range f.about {
		e.Workloads = append(e.Workloads, w.Ref())
	}
	return fact.Subject{Type: "flow", Facts: &f.facts, Evidence: e}
}

// settle asks the policies of both ends about the flow.
func settle(n *netpol.Network, f *Flow) {
	f.facts.Mesh.Verdict = fact.Allowed
	out := sideOf(n, fact.Egress, f.src, f.dst, f.dst, f)
	in := sideOf(n, fact.Ingress, f.dst, f.src, f.dst, f)
	f.facts.Egress, f.facts.Ingress = out, in
	f.facts.Verdict = worse(out.Verdict, in.Verdict)
}

// worse is the verdict of two sides together: both must allow.
func worse(a, b fact.Verdict) fact.Verdict {
	switch {
	case a == fact.Denied || b == fact.Denied:
		return fact.Denied
	case a == fact.Undetermined || b == fact.Undetermined:
		return fact.Undetermined
	}
	return fact.Allowed
}

func sideOf(n *netpol.Network, d fact.Direction, self, peer, dst *netpol.Endpoint, f *Flow) fact.FlowSideFacts {
	out := fact.FlowSideFacts{Verdict: fact.Allowed}
	if !self.Enforced() {
		return out
	}
	verdict := netpol.PermitOn(d, self, peer, dst).Verdict(f.protocol, f.port)
	out.Verdict = verdict
	if verdict == fact.Denied {
		out.From = denier(n, d, self, peer, dst, f)
		f.names[string(d)+"_policy"] = fact.RefName(out.From.Object)
	}
	return out
}

// denier returns the place that keeps the traffic of a denied flow out, and
// that a person would change: the rule of the Admin tier, the policy that
// isolates the pod (rather one written for it than a default deny), the rule
// of the Baseline tier.
func denier(n *netpol.Network, d fact.Direction, self, peer, dst *netpol.Endpoint, f *Flow) fact.Source {
	side := self.View(d)
	if from, ok := denyingTier(side.Tiers.Admin, d, self, peer, dst, f); ok {
		return from
	}
	if len(side.Definite) > 0 {
		best := side.Definite[0]
		for _, p := range side.Definite {
			if best.Selector.Empty() && !p.Selector.Empty() {
				best = p
			}
		}
		return best.Section(d)
	}
	from, _ := denyingTier(side.Tiers.Baseline, d, self, peer, dst, f)
	if from.Object == nil {
		from = self.Workload.Anchor()
	}
	return from
}

func denyingTier(policies []*netpol.TierPolicy, d fact.Direction, self, peer, dst *netpol.Endpoint, f *Flow) (fact.Source, bool) {
	for _, t := range policies {
		for _, r := range t.Rules {
			if r.Direction != d || !r.Traffic(t.Subject.Selects(self), peer, dst).Definite[f.protocol].Contains(f.port) {
				continue
			}
			return fact.Source{Object: t.Object, Path: r.Path}, r.Action == netpol.Deny
		}
	}
	return fact.Source{}, false
}

// best is the flow of several that fares best: one of the destinations is
// enough.
func best(flows []*Flow) *Flow {
	rank := map[fact.Verdict]int{fact.Allowed: 2, fact.Undetermined: 1, fact.Denied: 0}
	out := flows[0]
	for _, f := range flows[1:] {
		if rank[f.facts.Verdict] > rank[out.facts.Verdict] {
			out = f
		}
	}
	return out
}

// Needs asks whether policies let through the connections that a set of
// manifests cannot do without.
type Needs struct {
	inventory *inventory.Inventory
	network   *netpol.Network
	mesh      *mesh.Mesh
	layers    *connect.Layers
	calls     *calls.Calls
	istiod    []*netpol.Endpoint
}

// New asks about the calls of the set.
func New(layers *connect.Layers, calls *calls.Calls) *Needs {
	return &Needs{
		inventory: layers.Inventory, network: layers.Network, mesh: layers.Mesh, layers: layers, calls: calls,
		istiod: istiod(layers.Network, layers.Mesh.Config.RootNamespace),
	}
}

// Flows lists what the tree needs, as far as policies have a say in it.
func (s *Needs) Flows() []*Flow {
	var out []*Flow
	for _, w := range s.inventory.Workloads {
		if w.Implied || w.HostNetwork() || w.Platform {
			continue
		}
		out = append(out, s.dnsFlows(w)...)
		out = append(out, s.istiodFlows(w)...)
		out = append(out, s.webhookFlows(w)...)
		out = append(out, s.ambientFlows(w)...)
		out = append(out, s.dependencyFlows(w)...)
	}
	out = append(out, s.routeFlows()...)
	return append(out, s.scrapeFlows()...)
}
