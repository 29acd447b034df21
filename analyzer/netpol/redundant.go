package netpol

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// The search for redundant rules is bounded: it leaves out a policy that selects
// more workloads, or stands beside more policies.
const (
	mostSelected = 64
	mostBeside   = 16
)

// alsoSelecting lists the other policies that isolate the same direction of
// every workload that p selects.
func (n *Network) alsoSelecting(p *Policy, d fact.Direction) []*Policy {
	if len(p.selected) == 0 || len(p.selected) > mostSelected || len(p.possiblySelected) > 0 {
		return nil
	}
	others, _ := n.inForce(p.selected[0], d)
	if len(others) > mostBeside {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(others), func(q *Policy) bool {
		if q == p || len(q.possiblySelected) > 0 {
			return true
		}
		return slices.ContainsFunc(p.selected, func(w *inventory.Workload) bool { return !slices.Contains(n.selection(w).definite, q) })
	})
}

// repeats returns a rule that admits all that r admits for the same pods, nil if
// there is none. Of two equal rules it is the earlier one, so that the later
// one is reported. beside are the other policies for the same pods.
func (r *Rule) repeats(beside []*Policy) *Rule {
	before := true
	for _, other := range r.Policy.Rules {
		before = before && other != r
		if other != r && other.Direction == r.Direction && other.includes(r) && (before || !r.includes(other)) {
			return other
		}
	}
	for _, q := range beside {
		for _, other := range q.Rules {
			if other.Direction == r.Direction && other.includes(r) && (q.precedes(r.Policy) || !r.includes(other)) {
				return other
			}
		}
	}
	return nil
}

// precedes orders policies by file and line.
func (p *Policy) precedes(q *Policy) bool {
	if p.File.Name != q.File.Name {
		return p.File.Name < q.File.Name
	}
	return p.Root.Pos.Line < q.Root.Pos.Line
}

// includes reports that m admits every peer of o on every port of o, as far as
// the rules alone show it.
func (m *Matcher) includes(o *Rule) bool {
	if !o.fixed.Minus(m.fixed).Empty() {
		return false
	}
	if !m.fixed.Whole() && slices.ContainsFunc(o.named, func(n namedPort) bool { return !slices.Contains(m.named, n) && !m.fixed[n.protocol].Whole() }) {
		return false
	}
	if m.anyPeer {
		return true
	}
	if o.anyPeer {
		return false
	}
	return m.includesPods(o) && m.includesAddresses(o)
}

func (m *Matcher) includesPods(o *Rule) bool {
	if slices.ContainsFunc(m.Peers, (*Peer).everyPod) {
		return true
	}
	return !slices.ContainsFunc(o.Peers, func(p *Peer) bool {
		return p.block == nil && !slices.ContainsFunc(m.Peers, func(q *Peer) bool { return q.resolved == p.resolved })
	})
}

func (m *Matcher) includesAddresses(o *Rule) bool {
	return !slices.ContainsFunc(o.spans, func(span netset.AddressSpan) bool {
		for id := span.First; id <= span.Last; id++ {
			if m.admitsAddress(id) != fact.Yes {
				return true
			}
		}
		return false
	})
}
