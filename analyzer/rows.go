package analyzer

import (
	"slices"
)

// question is what was asked: endpoints by name, nil for all of them.
type question struct {
	ConnectivityOptions

	from, to, focus func(*Endpoint) bool
	ports           func(dst *Endpoint) portSet
}

// endpoints lists everything that may stand at one end, sorted.
func (n *network) endpoints(exposure bool) []Endpoint {
	var out []Endpoint
	for _, p := range n.pods {
		for _, w := range p.members {
			out = append(out, Endpoint{Name: w.ID, Workload: w, party: p})
		}
	}
	for _, p := range n.addresses {
		out = append(out, Endpoint{Name: p.name(), party: p})
	}
	if exposure {
		out = append(out, Endpoint{Name: n.anyPod.name(), party: n.anyPod})
		for _, p := range n.classes {
			out = append(out, Endpoint{Name: p.name(), party: p})
		}
	}
	slices.SortStableFunc(out, func(a, b Endpoint) int { return a.compare(&b) })
	return out
}

// survey is one walk over the rows of a set.
type survey struct {
	*network

	layers *Layers
	ask    *question
	ends   []Endpoint
	of     map[*party][]int // places in ends
	hits   map[*party][]hit // of destinations with several members
	mesh   bool             // false where only the network was asked
}

// hit is a source and what it may reach of one destination.
type hit struct {
	end  int
	rows []row
}

type row struct {
	protocol int
	verdict  Verdict
	ports    intervals

	// Of the mesh.
	tls, when string
	because   []Reason
}

func (l *Layers) rows(ask *question, yield func(Connection) bool) bool {
	s := &survey{network: l.network, layers: l, ask: ask, ends: l.network.endpoints(ask.Exposure), of: map[*party][]int{}, hits: map[*party][]hit{}}
	for i := range s.ends {
		s.of[s.ends[i].party] = append(s.of[s.ends[i].party], i)
	}
	known := len(s.ends)
	s.joinMesh()
	from := matching(s.ends[:known], ask.from)
	focus := matching(s.ends[:known], func(e *Endpoint) bool {
		return (ask.from == nil || ask.from(e)) && (ask.focus == nil || ask.focus(e))
	})
	for i := range known {
		dst := &s.ends[i]
		if ask.to != nil && !ask.to(dst) {
			continue
		}
		var hits []hit
		switch {
		case ask.focus != nil && !ask.focus(dst):
			hits = s.asked(focus, dst.party)
		case ask.from != nil:
			hits = s.asked(from, dst.party)
		default:
			hits = s.all(dst.party)
		}
		if !s.write(dst, s.meshHits(dst, hits), yield) {
			return false
		}
	}
	return true
}

// matching returns the places of the endpoints that a name means; nil means all.
func matching(ends []Endpoint, named func(*Endpoint) bool) []int {
	var out []int
	for i := range ends {
		if named == nil || named(&ends[i]) {
			out = append(out, i)
		}
	}
	return out
}

// asked answers for given sources; of few, without looking at any other.
func (s *survey) asked(sources []int, dst *party) []hit {
	const few = 64
	var out []hit
	if len(sources) > few {
		for _, h := range s.all(dst) {
			if _, found := slices.BinarySearch(sources, h.end); found {
				out = append(out, h)
			}
		}
		return out
	}
	for _, i := range sources {
		if rows := s.between(s.ends[i].party, dst); len(rows) > 0 {
			out = append(out, hit{i, rows})
		}
	}
	return out
}

// all answers for every source, once for all members of a group.
func (s *survey) all(dst *party) []hit {
	if known, ok := s.hits[dst]; ok {
		return known
	}
	var out []hit
	for _, src := range s.sources(dst, s.ask.Exposure) {
		if rows := s.between(src, dst); len(rows) > 0 {
			for _, i := range s.of[src] {
				out = append(out, hit{i, rows})
			}
		}
	}
	slices.SortFunc(out, func(a, b hit) int { return a.end - b.end })
	if len(dst.members) > 1 {
		s.hits[dst] = out
	}
	return out
}

// between lists the rows of one pair of parties. Of two ends one at least is a
// pod of the tree; a class that fares no better than any pod says nothing new.
func (s *survey) between(src, dst *party) []row {
	if src.kind != podParty && dst.kind != podParty {
		return nil
	}
	found := s.permits(src, dst)
	switch {
	case src.class != nil && found.within(s.permits(s.anyPod, dst)):
		return nil
	case dst.class != nil && found.within(s.permits(src, s.anyPod)):
		return nil
	}
	var out []row
	for i := range found.yes {
		out = addRow(out, row{protocol: i, verdict: Allowed, ports: found.yes[i]})
		out = addRow(out, row{protocol: i, verdict: Unsure, ports: found.may[i].minus(found.yes[i])})
	}
	return out
}

func (p permitted) within(q permitted) bool {
	return p.yes.minus(q.yes).empty() && p.may.minus(q.may).empty()
}

func addRow(to []row, r row) []row {
	if len(r.ports) == 0 {
		return to
	}
	return append(to, r)
}

// write yields the rows of one destination. A workload's connections to itself
// are left out: "a Pod cannot block access to itself".
// https://kubernetes.io/docs/concepts/services-networking/network-policies/
func (s *survey) write(dst *Endpoint, hits []hit, yield func(Connection) bool) bool {
	names := protocols()
	asked := s.ask.ports(dst)
	for _, h := range hits {
		src := &s.ends[h.end]
		if src.Workload != nil && dst.Workload != nil && src.Workload.ID == dst.Workload.ID {
			continue
		}
		for _, r := range s.meshed(src, dst, h.rows) {
			if r.ports = r.ports.intersect(asked[r.protocol]); len(r.ports) == 0 {
				continue
			}
			c := Connection{Src: *src, Dst: *dst, Protocol: names[r.protocol], Ports: r.ports, Verdict: r.verdict, TLS: r.tls, When: r.when}
			if s.ask.Explain {
				c.Because = s.explain(src, dst, &r)
			}
			if !yield(c) {
				return false
			}
		}
	}
	return true
}

// explain names what decides about a row: the network's objects, unless only
// the mesh was asked, then the mesh's.
func (s *survey) explain(src, dst *Endpoint, r *row) []Reason {
	if s.ask.Layer == MeshLayer {
		return r.because
	}
	var ports portSet
	ports[r.protocol] = r.ports
	return append(s.because(src, dst, ports), r.because...)
}
