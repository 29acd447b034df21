package analyzer

import "slices"

// Looking for redundancy is bounded: a policy of more workloads, or among more
// policies, is left alone.
const (
	mostSelected = 64
	mostBeside   = 16
)

// beside lists the other policies that isolate the same direction of every
// workload that p selects.
func (s *network) beside(p *networkPolicy, d direction) []*networkPolicy {
	if len(p.selected) == 0 || len(p.selected) > mostSelected || len(p.maybe) > 0 {
		return nil
	}
	others, _ := s.inForce(p.selected[0], d)
	if len(others) > mostBeside {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(others), func(q *networkPolicy) bool {
		if q == p || len(q.maybe) > 0 {
			return true
		}
		return slices.ContainsFunc(p.selected, func(w *Workload) bool { return !slices.Contains(s.selection(w).policies, q) })
	})
}

// repeated returns a rule that admits all that r admits to the same pods, nil
// if there is none. Of two equal rules the later one is repeated.
func (r *policyRule) repeated(beside []*networkPolicy) *policyRule {
	before := true
	for _, other := range r.policy.rules {
		before = before && other != r
		if other != r && other.direction == r.direction && other.includes(r) && (before || !r.includes(other)) {
			return other
		}
	}
	for _, q := range beside {
		for _, other := range q.rules {
			if other.direction == r.direction && other.includes(r) && (q.precedes(r.policy) || !r.includes(other)) {
				return other
			}
		}
	}
	return nil
}

func (p *networkPolicy) precedes(q *networkPolicy) bool {
	if p.File.Name != q.File.Name {
		return p.File.Name < q.File.Name
	}
	return p.Root.Pos.Line < q.Root.Pos.Line
}

// includes reports, where it can be told from the rules alone, that m admits
// every peer of o on every port of o.
func (m *matcher) includes(o *policyRule) bool {
	if !o.fixed.minus(m.fixed).empty() {
		return false
	}
	if !m.fixed.whole() && slices.ContainsFunc(o.named, func(n namedPort) bool { return !slices.Contains(m.named, n) && !m.fixed[n.protocol].whole() }) {
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

func (m *matcher) includesPods(o *policyRule) bool {
	everyPod := slices.ContainsFunc(m.resolved, func(s *peerSet) bool { return s != nil && s.every })
	return everyPod || !slices.ContainsFunc(o.resolved, func(s *peerSet) bool { return s != nil && !slices.Contains(m.resolved, s) })
}

func (m *matcher) includesAddresses(o *policyRule) bool {
	return !slices.ContainsFunc(o.spans, func(span addressSpan) bool {
		for id := span.first; id <= span.last; id++ {
			if m.admitsAddress(id) != Yes {
				return true
			}
		}
		return false
	})
}
