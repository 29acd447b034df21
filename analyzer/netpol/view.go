package netpol

import (
	"iter"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// PolicyView holds the policies that decide one direction of an endpoint, and
// how far they let it reach.
type PolicyView struct {
	Definite, Possible []*Policy    // the NetworkPolicies that isolate it, or may
	Tiers              TierPolicies // those that select it, or may, and have rules for the direction
	AnyPod             bool         // it may connect to any pod, so that no list of them exists

	unread     bool // NetworkPolicies may apply that were not read
	gap        bool // policies of a kind that is not evaluated may apply that were not read
	unmodelled bool // gap, or such a policy of the tree applies or may apply
	anyAddress bool // it may connect to any address
}

// TierPolicies holds the policies of each tier, by priority.
type TierPolicies struct{ Admin, Baseline []*TierPolicy }

// Unread reports that policies of some kind may apply that were not read.
func (v *PolicyView) Unread() bool { return v.unread || v.gap }

// Rules yields the rules of one direction of the policies that definitely
// isolate the endpoint.
func (v *PolicyView) Rules(d fact.Direction) iter.Seq[*Rule] {
	return func(yield func(*Rule) bool) {
		for _, p := range v.Definite {
			for _, r := range p.Rules {
				if r.Direction == d && !yield(r) {
					return
				}
			}
		}
	}
}

// matchers lists the rules of one direction that are or may be in force, of
// NetworkPolicies and both tiers.
func (v *PolicyView) matchers(d fact.Direction) []*Matcher {
	var out []*Matcher
	for _, p := range slices.Concat(v.Definite, v.Possible) {
		for _, r := range p.Rules {
			if r.Direction == d {
				out = append(out, &r.Matcher)
			}
		}
	}
	for _, t := range slices.Concat(v.Tiers.Admin, v.Tiers.Baseline) {
		for _, r := range t.Rules {
			if r.Direction == d {
				out = append(out, &r.Matcher)
			}
		}
	}
	return out
}

// readView gathers what decides one direction of a pod endpoint.
func (n *Network) readView(x *Endpoint, d fact.Direction) {
	v := x.View(d)
	v.gap = n.unmodelled.unread
	v.unmodelled = n.UnmodelledMayApply(x.Workload, d)
	if !x.Enforced() {
		v.AnyPod, v.anyAddress = true, true
		return
	}
	v.Definite, v.Possible = n.inForce(x.Workload, d)
	v.unread = x.Workload.Implied || n.policyUnread(x.Workload)
	n.readTierView(x, d)
	if len(v.Definite) == 0 || v.unread || v.unmodelled || len(v.Tiers.Admin) > 0 {
		v.AnyPod, v.anyAddress = true, true
	}
	for _, m := range v.matchers(d) {
		v.anyAddress = v.anyAddress || m.anyPeer
		v.AnyPod = v.AnyPod || m.anyPeer || slices.ContainsFunc(m.Peers, (*Peer).everyPod)
	}
}

func (n *Network) readTierView(x *Endpoint, d fact.Direction) {
	v := x.View(d)
	for _, t := range n.tiers {
		switch {
		case !t.hasRules(d) || t.Subject.Selects(x) == fact.No:
		case t.admin:
			v.Tiers.Admin = append(v.Tiers.Admin, t)
		default:
			v.Tiers.Baseline = append(v.Tiers.Baseline, t)
		}
	}
}
