package analyzer

import (
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// flow is a connection that the tree needs, and what policies make of it.
type flow struct {
	need     string // see FlowFacts
	src, dst *party
	about    []*Workload // whom a finding is about
	protocol int
	port     int
	facts    FlowFacts
	names    map[string]string
	from     Source // what says that it is needed
}

// subject lays out the flow for the rules.
func (f *flow) subject() Subject {
	f.facts.Need = f.need
	e := Evidence{From: f.from, Names: f.names}
	for _, w := range f.about {
		e.Workloads = append(e.Workloads, w.ref())
	}
	return Subject{Type: "flow", Facts: &f.facts, Evidence: e}
}

// settle asks the policies of both ends about the flow.
func (n *network) settle(f *flow) {
	f.facts.Mesh.Verdict = string(Allowed)
	out := n.sideOf(egress, f.src, f.dst, f.dst, f)
	in := n.sideOf(ingress, f.dst, f.src, f.dst, f)
	f.facts.Egress, f.facts.Ingress = out, in
	f.facts.Verdict = string(worse(Verdict(out.Verdict), Verdict(in.Verdict)))
}

// worse is the verdict of two sides together: both must allow.
func worse(a, b Verdict) Verdict {
	switch {
	case a == Denied || b == Denied:
		return Denied
	case a == Unsure || b == Unsure:
		return Unsure
	}
	return Allowed
}

func (n *network) sideOf(d direction, self, peer, dst *party, f *flow) FlowSideFacts {
	out := FlowSideFacts{Verdict: string(Allowed)}
	if !self.enforced() {
		return out
	}
	verdict := permitOn(d, self, peer, dst).verdict(f.protocol, f.port)
	out.Verdict = string(verdict)
	if verdict == Denied {
		out.From = n.denier(d, self, peer, dst, f)
		f.names[string(d)+"_policy"] = refName(out.From.Object)
	}
	return out
}

// denier returns the place that keeps the traffic of a denied flow out, and
// that a person would change: the rule of the Admin tier, the policy that
// isolates the pod (rather one written for it than a default deny), the rule
// of the Baseline tier.
func (n *network) denier(d direction, self, peer, dst *party, f *flow) Source {
	side := self.side(d)
	if from, ok := denyingTier(side.tiers.admin, d, self, peer, dst, f); ok {
		return from
	}
	if len(side.sure) > 0 {
		best := side.sure[0]
		for _, p := range side.sure {
			if best.sel.empty() && !p.sel.empty() {
				best = p
			}
		}
		return best.section(d)
	}
	from, _ := denyingTier(side.tiers.baseline, d, self, peer, dst, f)
	if from.Object == nil {
		from = self.w.anchor()
	}
	return from
}

// section is the place at which the policy would be changed to admit more.
func (p *networkPolicy) section(d direction) Source {
	for _, field := range []string{string(d), "policyTypes"} {
		if path := (yaml.Path{"spec", field}); p.Node(path) != nil {
			return Source{Object: p.Object, Path: path, Key: true}
		}
	}
	return Source{Object: p.Object, Path: yaml.Path{"spec", "podSelector"}, Key: true}
}

func denyingTier(policies []*tierPolicy, d direction, self, peer, dst *party, f *flow) (Source, bool) {
	for _, t := range policies {
		for _, r := range t.rules {
			if r.direction != d || !r.traffic(t.pods.has(self), peer, dst).yes[f.protocol].contains(f.port) {
				continue
			}
			return Source{Object: t.Object, Path: r.path}, r.action == deny
		}
	}
	return Source{}, false
}

// best is the flow of several that fares best: one of the destinations is
// enough.
func best(flows []*flow) *flow {
	rank := map[string]int{string(Allowed): 2, string(Unsure): 1, string(Denied): 0}
	out := flows[0]
	for _, f := range flows[1:] {
		if rank[f.facts.Verdict] > rank[out.facts.Verdict] {
			out = f
		}
	}
	return out
}

// flows lists what the tree needs, as far as policies have a say in it.
func (s *setModel) flows() []*flow {
	var out []*flow
	for _, w := range s.workloads {
		if w.implied || w.hostNetwork() || w.Facts.Platform {
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
