package analyzer

// tierRules are the policies of each tier that may select a party, by priority.
type tierRules struct{ admin, baseline []*tierPolicy }

// outcome is what rules in their order decide about every port: by action what
// is certain and what may be, and what may be left to the next tier.
type outcome struct {
	yes, may [3]portSet // by tierAction
	open     portSet
}

func undecided() outcome { return outcome{open: wholePorts()} }

// others is what may have been decided otherwise.
func (o *outcome) others(a tierAction) portSet {
	return o.may[(a+1)%3].union(o.may[(a+2)%3])
}

// apply adds the next rule: what an earlier one decided stays decided.
func (o *outcome) apply(a tierAction, m permitted) {
	o.yes[a] = o.yes[a].union(m.yes.intersect(o.open).minus(o.others(a)))
	o.may[a] = o.may[a].union(m.may.intersect(o.open))
	o.open = o.open.minus(m.yes)
}

// join adds policies of one priority. "The implementation can apply any of the
// matching policies": only what none contradicts is certain.
// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha2 ClusterNetworkPolicySpec.Priority
func (o *outcome) join(equals []outcome) {
	var all outcome
	for i := range equals {
		for a := range all.may {
			all.may[a] = all.may[a].union(equals[i].may[a])
			all.yes[a] = all.yes[a].union(equals[i].yes[a])
		}
	}
	before, open := *o, o.open
	for a := accept; a <= pass; a++ {
		sure := all.yes[a].minus(all.others(a))
		o.yes[a] = o.yes[a].union(sure.intersect(open).minus(before.others(a)))
		o.may[a] = o.may[a].union(all.may[a].intersect(open))
		o.open = o.open.minus(sure)
	}
}

// over is the answer of the tier with that of the next tier below it.
func (o *outcome) over(lower permitted) permitted {
	return permitted{
		yes: o.yes[accept].union(lower.yes.minus(o.may[deny])),
		may: o.may[accept].union(o.open.union(o.may[pass]).intersect(lower.may)),
	}
}

// decide evaluates one tier.
func decide(policies []*tierPolicy, d direction, self, peer, dst *party) outcome {
	all := undecided()
	for i := 0; i < len(policies); {
		var equals []outcome
		for first := policies[i].priority; i < len(policies) && policies[i].priority == first; i++ {
			equals = append(equals, policies[i].decide(d, self, peer, dst))
		}
		all.join(equals)
	}
	return all
}

func (t *tierPolicy) decide(d direction, self, peer, dst *party) outcome {
	out := undecided()
	for _, r := range t.rules {
		if r.direction == d {
			out.apply(r.action, r.traffic(t.pods.has(self), peer, dst))
		}
	}
	return out
}

// traffic is what of the traffic between the parties the rule speaks of.
func (r *tierRule) traffic(subject Tri, peer, dst *party) permitted {
	switch both(subject, r.concerns(peer)) {
	case Yes:
		return r.portsOn(dst)
	case Unknown:
		return permitted{may: r.portsOn(dst).may}
	case No:
	}
	return permitted{}
}

// concerns answers whether the rule's peers include the party. Networks are
// checked for traffic inside the cluster too, where nobody knows the addresses
// beforehand; nodes and domains are addresses that nobody knows either.
// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha2 ClusterNetworkPolicyEgressPeer
func (r *tierRule) concerns(x *party) Tri {
	answer := r.admits(x)
	switch {
	case answer == Yes:
		return Yes
	case x.kind == addressParty:
		if r.outside {
			return Unknown
		}
		return answer
	case r.everyIP:
		return Yes
	case r.networks || r.outside && x.node():
		return Unknown
	case x.kind == classParty && r.action != accept && len(r.peers) > 0:
		return Unknown // the pod may be one that the rule keeps out
	}
	return answer
}
