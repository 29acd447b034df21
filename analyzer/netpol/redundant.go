package netpol

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// Looking for redundancy is bounded: a policy of more workloads, or among more
// policies, is left alone.
const (
	mostSelected = 64
	mostBeside   = 16
)

// beside lists the other policies that isolate the same direction of every
// workload that p selects.
func (s *Network) beside(p *Policy, d fact.Direction) []*Policy {
	if len(p.selected) == 0 || len(p.selected) > mostSelected || len(p.possiblySelected) > 0 {
		return nil
	}
	others, _ := s.inForce(p.selected[0], d)
	if len(others) > mostBeside {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(others), func(q *Policy) bool {
		if q == p || len(q.possiblySelected) > 0 {
			return true
		}
		return slices.ContainsFunc(p.selected, func(w *inventory.Workload) bool { return !slices.Contains(s.selection(w).policies, q) })
	})
}

// repeated returns a rule that admits all that r admits to the same pods, nil
// if there is none. Of two equal rules the later one is repeated.
func (r *Rule) repeated(beside []*Policy) *Rule {
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

func (p *Policy) precedes(q *Policy) bool {
	if p.File.Name != q.File.Name {
		return p.File.Name < q.File.Name
	}
	return p.Root.Pos.Line < q.Root.Pos.Line
}

// includes reports, where it can be told from the rules alone, that m admits
// every peer of o on every port of o.
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
	everyPod := slices.ContainsFunc(m.Resolved, func(s *peerSet) bool { return s != nil && s.every })
	return everyPod || !slices.ContainsFunc(o.Resolved, func(s *peerSet) bool { return s != nil && !slices.Contains(m.Resolved, s) })
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
