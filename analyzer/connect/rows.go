package connect

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// question is what was asked: endpoints by name, nil for all of them.
type question struct {
	ConnectivityOptions

	from, to, focus func(*Endpoint) bool
	ports           func(dst *Endpoint) netset.Ports
}

// endpoints lists everything that may stand at one end, sorted.
func endpoints(n *netpol.Network, exposure bool) []Endpoint {
	var out []Endpoint
	for _, p := range n.Pods {
		for _, w := range p.Members {
			out = append(out, Endpoint{Name: w.ID, Workload: w, Party: p})
		}
	}
	for _, p := range n.Addresses {
		out = append(out, Endpoint{Name: p.Name(), Party: p})
	}
	if exposure {
		out = append(out, Endpoint{Name: n.AnyPod.Name(), Party: n.AnyPod})
		for _, p := range n.UnknownPods {
			out = append(out, Endpoint{Name: p.Name(), Party: p})
		}
	}
	slices.SortStableFunc(out, func(a, b Endpoint) int { return a.compare(&b) })
	return out
}

// query is one walk over the rows of a set.
type query struct {
	*netpol.Network

	layers *Layers
	ask    *question
	ends   []Endpoint
	of     map[*netpol.Endpoint][]int   // places in ends
	hits   map[*netpol.Endpoint][]match // of destinations with several members
	mesh   bool                         // false where only the network was asked
}

// match is a source and what it may reach of one destination.
type match struct {
	end  int
	rows []row
}

type row struct {
	protocol int
	verdict  fact.Verdict
	ports    netset.Intervals

	// Of the mesh.
	tls, when string
	because   []fact.Reason
}

func (l *Layers) rows(ask *question, yield func(Connection) bool) bool {
	s := &query{Network: l.Network, layers: l, ask: ask, ends: endpoints(l.Network, ask.Exposure), of: map[*netpol.Endpoint][]int{}, hits: map[*netpol.Endpoint][]match{}}
	for i := range s.ends {
		s.of[s.ends[i].Party] = append(s.of[s.ends[i].Party], i)
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
		var hits []match
		switch {
		case ask.focus != nil && !ask.focus(dst):
			hits = s.asked(focus, dst.Party)
		case ask.from != nil:
			hits = s.asked(from, dst.Party)
		default:
			hits = s.all(dst.Party)
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
func (s *query) asked(sources []int, dst *netpol.Endpoint) []match {
	const few = 64
	var out []match
	if len(sources) > few {
		for _, h := range s.all(dst) {
			if _, found := slices.BinarySearch(sources, h.end); found {
				out = append(out, h)
			}
		}
		return out
	}
	for _, i := range sources {
		if rows := s.between(s.ends[i].Party, dst); len(rows) > 0 {
			out = append(out, match{i, rows})
		}
	}
	return out
}

// all answers for every source, once for all members of a group.
func (s *query) all(dst *netpol.Endpoint) []match {
	if known, ok := s.hits[dst]; ok {
		return known
	}
	var out []match
	for _, src := range s.Sources(dst, s.ask.Exposure) {
		if rows := s.between(src, dst); len(rows) > 0 {
			for _, i := range s.of[src] {
				out = append(out, match{i, rows})
			}
		}
	}
	slices.SortFunc(out, func(a, b match) int { return a.end - b.end })
	if len(dst.Members) > 1 {
		s.hits[dst] = out
	}
	return out
}

// between lists the rows of one pair of parties. Of two ends one at least is a
// pod of the tree; a class that fares no better than any pod says nothing new.
func (s *query) between(src, dst *netpol.Endpoint) []row {
	if src.Kind != netpol.PodEndpoint && dst.Kind != netpol.PodEndpoint {
		return nil
	}
	found := s.Permits(src, dst)
	switch {
	case src.Peer != nil && found.Within(s.Permits(s.AnyPod, dst)):
		return nil
	case dst.Peer != nil && found.Within(s.Permits(src, s.AnyPod)):
		return nil
	}
	var out []row
	for i := range found.Definite {
		out = addRow(out, row{protocol: i, verdict: fact.Allowed, ports: found.Definite[i]})
		out = addRow(out, row{protocol: i, verdict: fact.Undetermined, ports: found.Possible[i].Minus(found.Definite[i])})
	}
	return out
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
func (s *query) write(dst *Endpoint, hits []match, yield func(Connection) bool) bool {
	names := netset.Protocols()
	asked := s.ask.ports(dst)
	for _, h := range hits {
		src := &s.ends[h.end]
		if src.Workload != nil && dst.Workload != nil && src.Workload.ID == dst.Workload.ID {
			continue
		}
		for _, r := range s.meshed(src, dst, h.rows) {
			if r.ports = r.ports.Intersect(asked[r.protocol]); len(r.ports) == 0 {
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
func (s *query) explain(src, dst *Endpoint, r *row) []fact.Reason {
	if s.ask.Layer == MeshLayer {
		return r.because
	}
	var ports netset.Ports
	ports[r.protocol] = r.ports
	return append(because(s.Network, src, dst, ports), r.because...)
}
