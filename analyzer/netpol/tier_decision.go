package netpol

import (
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// decision is what the rules of a tier decide about every port, in their order:
// for each action the ports to which it definitely or possibly applies, and the
// ports that are not definitely decided yet.
type decision struct {
	definite, possible [3]netset.Ports // by TierAction
	open               netset.Ports
}

func undecided() decision { return decision{open: netset.WholePorts()} }

// decidedOtherwise returns the ports to which another action possibly applies.
func (o *decision) decidedOtherwise(a TierAction) netset.Ports {
	return o.possible[(a+1)%3].Union(o.possible[(a+2)%3])
}

// apply adds the next rule. What an earlier rule decided stays decided.
func (o *decision) apply(a TierAction, m netset.Permitted) {
	o.definite[a] = o.definite[a].Union(m.Definite.Intersect(o.open).Minus(o.decidedOtherwise(a)))
	o.possible[a] = o.possible[a].Union(m.Possible.Intersect(o.open))
	o.open = o.open.Minus(m.Definite)
}

// applyEquals adds policies of one priority. "The implementation can apply any
// of the matching policies": only what none of them contradicts is definite.
// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha2 ClusterNetworkPolicySpec.Priority
func (o *decision) applyEquals(equals []decision) {
	var all decision
	for i := range equals {
		for a := range all.possible {
			all.possible[a] = all.possible[a].Union(equals[i].possible[a])
			all.definite[a] = all.definite[a].Union(equals[i].definite[a])
		}
	}
	before, open := *o, o.open
	for a := Accept; a <= Pass; a++ {
		definite := all.definite[a].Minus(all.decidedOtherwise(a))
		o.definite[a] = o.definite[a].Union(definite.Intersect(open).Minus(before.decidedOtherwise(a)))
		o.possible[a] = o.possible[a].Union(all.possible[a].Intersect(open))
		o.open = o.open.Minus(definite)
	}
}

// withLowerTier is the tier's answer where lower is that of the tiers below it.
func (o *decision) withLowerTier(lower netset.Permitted) netset.Permitted {
	return netset.Permitted{
		Definite: o.definite[Accept].Union(lower.Definite.Minus(o.possible[Deny])),
		Possible: o.possible[Accept].Union(o.open.Union(o.possible[Pass]).Intersect(lower.Possible)),
	}
}

// decide evaluates the policies of one tier, which are sorted by priority.
func decide(policies []*TierPolicy, d fact.Direction, self, peer, dst *Endpoint) decision {
	all := undecided()
	for i := 0; i < len(policies); {
		var equals []decision
		for first := policies[i].priority; i < len(policies) && policies[i].priority == first; i++ {
			equals = append(equals, policies[i].decide(d, self, peer, dst))
		}
		all.applyEquals(equals)
	}
	return all
}

func (t *TierPolicy) decide(d fact.Direction, self, peer, dst *Endpoint) decision {
	out := undecided()
	for _, r := range t.Rules {
		if r.Direction == d {
			out.apply(r.Action, r.Traffic(t.Subject.Selects(self), peer, dst))
		}
	}
	return out
}

// Traffic returns the ports of dst on which the rule matches the traffic with
// the peer. subject says whether the policy is for the other end.
func (r *TierRule) Traffic(subject fact.Tri, peer, dst *Endpoint) netset.Permitted {
	switch inventory.Both(subject, r.matchesPeer(peer)) {
	case fact.Yes:
		return r.PortsOn(dst)
	case fact.Unknown:
		return netset.Permitted{Possible: r.PortsOn(dst).Possible}
	case fact.No:
	}
	return netset.Permitted{}
}

// matchesPeer answers whether the rule's peers include the endpoint. Networks
// apply to traffic inside the cluster too, where the addresses are not known
// beforehand; nor are those of nodes and domains.
// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha2 ClusterNetworkPolicyEgressPeer
func (r *TierRule) matchesPeer(x *Endpoint) fact.Tri {
	answer := r.Admits(x)
	switch {
	case answer == fact.Yes:
		return fact.Yes
	case x.Kind == AddressEndpoint:
		if r.outside {
			return fact.Unknown
		}
		return answer
	case r.everyIP:
		return fact.Yes
	case len(r.ranges) > 0 || r.outside && x.OnHostNetwork():
		return fact.Unknown
	case x.Kind == UnknownPodsEndpoint && r.Action != Accept && r.selectsPods:
		return fact.Unknown // it may be one of the pods that the rule is for
	}
	return answer
}
