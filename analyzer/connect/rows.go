package connect

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// question is the user's question: which endpoints, and which ports of a
// destination. A nil function stands for all endpoints.
type question struct {
	ConnectivityOptions

	from, to, focus func(*Endpoint) bool
	ports           func(dst *Endpoint) netset.Ports
}

// endpoints lists the possible ends of a connection, sorted; those outside the
// tree only with exposure.
func endpoints(n *netpol.Network, exposure bool) []Endpoint {
	var out []Endpoint
	for _, p := range n.Pods {
		for _, w := range p.Members {
			out = append(out, Endpoint{Name: w.ID, Workload: w, Peer: p})
		}
	}
	for _, p := range n.Addresses {
		out = append(out, Endpoint{Name: p.Name(), Peer: p})
	}
	if exposure {
		out = append(out, Endpoint{Name: n.AnyPod.Name(), Peer: n.AnyPod})
		for _, p := range n.UnknownPods {
			out = append(out, Endpoint{Name: p.Name(), Peer: p})
		}
	}
	slices.SortStableFunc(out, func(a, b Endpoint) int { return a.compare(&b) })
	return out
}

// query computes the rows of one set.
type query struct {
	*netpol.Network

	layers  *Layers
	ask     *question
	ends    []Endpoint
	of      map[*netpol.Endpoint][]int       // places in ends
	grouped map[*netpol.Endpoint][]reachable // the sources of destinations with several members, once computed
	mesh    bool                             // false where only the network layer is in question
}

// reachable is a source and what it may reach of one destination.
type reachable struct {
	end  int
	rows []row
}

type row struct {
	protocol int
	verdict  fact.Verdict
	ports    netset.Intervals

	// From the mesh layer.
	tls     mesh.Outcome // "" where it is not known
	when    string
	because []fact.Reason
}

func (l *Layers) rows(ask *question, yield func(Connection) bool) bool {
	q := &query{Network: l.Network, layers: l, ask: ask, ends: endpoints(l.Network, ask.Exposure), of: map[*netpol.Endpoint][]int{}, grouped: map[*netpol.Endpoint][]reachable{}}
	for i := range q.ends {
		q.of[q.ends[i].Peer] = append(q.of[q.ends[i].Peer], i)
	}
	known := len(q.ends)
	q.addMesh()
	from := matching(q.ends[:known], ask.from)
	focus := matching(q.ends[:known], func(e *Endpoint) bool {
		return (ask.from == nil || ask.from(e)) && (ask.focus == nil || ask.focus(e))
	})
	for i := range known {
		dst := &q.ends[i]
		if ask.to != nil && !ask.to(dst) {
			continue
		}
		var hits []reachable
		switch {
		case ask.focus != nil && !ask.focus(dst):
			hits = q.fromSources(focus, dst.Peer)
		case ask.from != nil:
			hits = q.fromSources(from, dst.Peer)
		default:
			hits = q.fromEverywhere(dst.Peer)
		}
		if !q.write(dst, q.meshSources(dst, hits), yield) {
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

// fromSources answers for the given sources; where they are few, without
// computing the others.
func (q *query) fromSources(sources []int, dst *netpol.Endpoint) []reachable {
	const few = 64
	var out []reachable
	if len(sources) > few {
		for _, h := range q.fromEverywhere(dst) {
			if _, found := slices.BinarySearch(sources, h.end); found {
				out = append(out, h)
			}
		}
		return out
	}
	for _, i := range sources {
		if rows := q.between(q.ends[i].Peer, dst); len(rows) > 0 {
			out = append(out, reachable{i, rows})
		}
	}
	return out
}

// fromEverywhere answers for every source, once for all members of a group.
func (q *query) fromEverywhere(dst *netpol.Endpoint) []reachable {
	if known, ok := q.grouped[dst]; ok {
		return known
	}
	var out []reachable
	for _, src := range q.Sources(dst, q.ask.Exposure) {
		if rows := q.between(src, dst); len(rows) > 0 {
			for _, i := range q.of[src] {
				out = append(out, reachable{i, rows})
			}
		}
	}
	slices.SortFunc(out, func(a, b reachable) int { return a.end - b.end })
	if len(dst.Members) > 1 {
		q.grouped[dst] = out
	}
	return out
}

// between lists the rows of one pair. At least one end is a pod of the tree; a
// class of pods that may do no more than any pod has no rows of its own.
func (q *query) between(src, dst *netpol.Endpoint) []row {
	if src.Kind != netpol.PodEndpoint && dst.Kind != netpol.PodEndpoint {
		return nil
	}
	found := q.Permits(src, dst)
	switch {
	case src.Peer != nil && found.Within(q.Permits(q.AnyPod, dst)):
		return nil
	case dst.Peer != nil && found.Within(q.Permits(src, q.AnyPod)):
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
func (q *query) write(dst *Endpoint, hits []reachable, yield func(Connection) bool) bool {
	names := netset.Protocols()
	asked := q.ask.ports(dst)
	for _, h := range hits {
		src := &q.ends[h.end]
		if src.Workload != nil && dst.Workload != nil && src.Workload.ID == dst.Workload.ID {
			continue
		}
		for _, r := range q.applyMesh(src, dst, h.rows) {
			if r.ports = r.ports.Intersect(asked[r.protocol]); len(r.ports) == 0 {
				continue
			}
			c := Connection{Src: *src, Dst: *dst, Protocol: names[r.protocol], Ports: r.ports, Verdict: r.verdict, TLS: shownTLS(r.tls), When: r.when}
			if q.ask.Explain {
				c.Because = q.explain(src, dst, &r)
			}
			if !yield(c) {
				return false
			}
		}
	}
	return true
}

// shownTLS is the word that rows have for an outcome.
func shownTLS(o mesh.Outcome) string {
	if o == mesh.Origination {
		return "origination"
	}
	return string(o)
}

// explain names the objects that decide about a row: those of the network, those
// of the mesh, or both, as the question's layer says.
func (q *query) explain(src, dst *Endpoint, r *row) []fact.Reason {
	if q.ask.Layer == MeshLayer {
		return r.because
	}
	var ports netset.Ports
	ports[r.protocol] = r.ports
	return append(because(q.Network, src, dst, ports), r.because...)
}
