package flow

import (
	"maps"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
)

// need says why the tree needs a connection. The values are those of
// fact.FlowFacts.Need, which documents each.
type need string

const (
	needDNS        need = "dns"
	needIstiod     need = "istiod"
	needWebhook    need = "webhook"
	needScrape     need = "scrape"
	needRoute      need = "route"
	needDependency need = "dependency"
	needHBONE      need = "hbone"
	needProbe      need = "probe"
)

// flow is a connection that the tree needs, and what policies make of it.
type flow struct {
	need     need
	src, dst *netpol.Endpoint
	about    []*inventory.Workload // the workloads that a finding names
	protocol int                   // netset.TCP, UDP or SCTP
	port     int

	egress, ingress decision // of the network policies of src and dst
	mesh            decision // once the network let it through

	source       string            // of routes and scrapes: workload or elsewhere
	reference    *fact.Evidence    // what asks for the connection, if it is not from
	callsByName  fact.Tri          // of DNS: whether the workload needs names
	names        map[string]string // for messages
	from         fact.Source       // the place that a finding points to
	policyByName map[string]string // names of the objects that deny, for messages
}

// decision is the verdict of one layer, and the object that denies.
type decision struct {
	verdict fact.Verdict
	denier  fact.Source // no object unless the verdict is a denial
}

// evaluate asks the network policies of both ends about the flow. The mesh
// allows it until it is asked too.
func (f *flow) evaluate() {
	f.policyByName = map[string]string{}
	f.mesh = decision{verdict: fact.Allowed}
	f.egress = f.decide(fact.Egress, f.src, f.dst)
	f.ingress = f.decide(fact.Ingress, f.dst, f.src)
}

// decide is the decision of the policies for one direction of self.
func (f *flow) decide(d fact.Direction, self, peer *netpol.Endpoint) decision {
	if !self.Enforced() {
		return decision{verdict: fact.Allowed}
	}
	out := decision{verdict: netpol.PermitOn(d, self, peer, f.dst).Verdict(f.protocol, f.port)}
	if out.verdict == fact.Denied {
		out.denier = f.denier(d, self, peer)
		f.policyByName[string(d)+"_policy"] = fact.RefName(out.denier.Object)
	}
	return out
}

// network is the verdict of both directions: each must allow the flow.
func (f *flow) network() fact.Verdict {
	switch {
	case f.egress.verdict == fact.Denied || f.ingress.verdict == fact.Denied:
		return fact.Denied
	case f.egress.verdict == fact.Undetermined || f.ingress.verdict == fact.Undetermined:
		return fact.Undetermined
	}
	return fact.Allowed
}

// denier returns the place that denies a flow and that a person would change: the
// rule of the Admin tier, the policy that isolates the pod (one with a selector
// rather than a default deny), the rule of the Baseline tier.
func (f *flow) denier(d fact.Direction, self, peer *netpol.Endpoint) fact.Source {
	side := self.View(d)
	if from, ok := f.denyingRule(side.Tiers.Admin, d, self, peer); ok {
		return from
	}
	if len(side.Definite) > 0 {
		isolating := side.Definite[0]
		for _, p := range side.Definite {
			if isolating.Selector.Empty() && !p.Selector.Empty() {
				isolating = p
			}
		}
		return isolating.Section(d)
	}
	from, _ := f.denyingRule(side.Tiers.Baseline, d, self, peer)
	if from.Object == nil {
		from = self.Workload.Anchor()
	}
	return from
}

// denyingRule returns the first rule of a tier that matches the flow for certain,
// and whether it denies.
func (f *flow) denyingRule(policies []*netpol.TierPolicy, d fact.Direction, self, peer *netpol.Endpoint) (fact.Source, bool) {
	for _, t := range policies {
		for _, r := range t.Rules {
			if r.Direction != d || !r.Traffic(t.Subject.Selects(self), peer, f.dst).Definite[f.protocol].Contains(f.port) {
				continue
			}
			return fact.Source{Object: t.Object, Path: r.Path}, r.Action == netpol.Deny
		}
	}
	return fact.Source{}, false
}

// bestOf returns the flow of several that the network treats best, because one
// of the destinations is enough; nil without any. Where the mesh does not treat
// all of them alike, its verdict is unknown.
func bestOf(flows []*flow) *flow {
	if len(flows) == 0 {
		return nil
	}
	rank := map[fact.Verdict]int{fact.Allowed: 2, fact.Undetermined: 1, fact.Denied: 0}
	best := flows[0]
	for _, f := range flows[1:] {
		if rank[f.network()] > rank[best.network()] {
			best = f
		}
	}
	if slices.ContainsFunc(flows, func(f *flow) bool { return f.mesh.verdict != flows[0].mesh.verdict }) {
		best.mesh = decision{verdict: fact.Undetermined}
	}
	return best
}

// subject lays out the flow for rules.
func (f *flow) subject() fact.Subject {
	facts := &fact.FlowFacts{
		Need: string(f.need), Verdict: f.network(), Source: f.source, CallsHosts: f.callsByName,
		Egress: f.egress.facts(), Ingress: f.ingress.facts(),
	}
	facts.Mesh.Verdict, facts.Mesh.From = f.mesh.verdict, f.mesh.denier
	if f.reference != nil {
		facts.Reference = fact.PlaceFacts{Present: true, Evidence: *f.reference}
	}
	e := fact.Evidence{From: f.from, Names: f.names}
	maps.Copy(e.Names, f.policyByName)
	for _, w := range f.about {
		e.Workloads = append(e.Workloads, w.Ref())
	}
	return fact.Subject{Type: "flow", Facts: facts, Evidence: e}
}

func (d decision) facts() fact.FlowSideFacts {
	return fact.FlowSideFacts{Verdict: d.verdict, Evidence: fact.Evidence{From: d.denier}}
}
