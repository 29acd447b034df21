package connect

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// The layers that a question may be about.
const (
	NetworkLayer = "network" // network policies only
	MeshLayer    = "mesh"    // the mesh only, as if there were no network policy
	AllLayers    = "all"     // what both together allow
)

// MeshPresent reports that a set has Istio objects or enrols workloads in a mesh.
func (s Sets) MeshPresent() bool {
	return slices.ContainsFunc(s, func(l *Layers) bool { return l.Mesh.Present() })
}

// addMesh adds the mesh to a query, and with it the client without identity.
func (q *query) addMesh() {
	if q.ask.Layer != MeshLayer && q.ask.Layer != AllLayers {
		return
	}
	q.mesh = true
	q.ends = append(q.ends, Endpoint{Name: Anonymous, Peer: q.AnyPod})
}

// anonymous is the place of the client without identity among the endpoints.
func (q *query) anonymous() int { return len(q.ends) - 1 }

// meshSources adds to the sources of one destination those of the mesh layer.
func (q *query) meshSources(dst *Endpoint, hits []reachable) []reachable {
	if !q.mesh || dst.Workload == nil {
		return hits
	}
	if q.ask.Layer == MeshLayer {
		hits = q.everyWorkload(dst)
	}
	anonymous := &q.ends[q.anonymous()]
	wanted := (q.ask.from == nil || q.ask.from(anonymous)) && (q.ask.focus == nil || q.ask.focus(dst) || q.ask.focus(anonymous))
	if !wanted || q.layers.Mesh.Member(dst.Workload) == fact.NoMesh {
		return hits
	}
	rows := allTCP()
	if q.ask.Layer == AllLayers {
		rows = q.between(q.AnyPod, dst.Peer)
	}
	if len(rows) > 0 {
		hits = append(slices.Clone(hits), reachable{q.anonymous(), rows})
	}
	return hits
}

// everyWorkload lists all workloads as sources: without the network layer,
// nothing keeps one from trying.
func (q *query) everyWorkload(dst *Endpoint) []reachable {
	var out []reachable
	for i := range q.ends {
		src := &q.ends[i]
		if src.Workload == nil || q.ask.from != nil && !q.ask.from(src) || q.ask.focus != nil && !q.ask.focus(src) && !q.ask.focus(dst) {
			continue
		}
		out = append(out, reachable{i, allTCP()})
	}
	return out
}

// allTCP is every TCP port, allowed: the mesh decides about TCP only.
func allTCP() []row {
	return []row{{protocol: netset.TCP, verdict: fact.Allowed, ports: netset.WholeRange()}}
}

// applyMesh splits the rows that the network allows by the answer of the mesh.
func (q *query) applyMesh(src, dst *Endpoint, rows []row) []row {
	if !q.mesh || dst.Workload == nil {
		return rows
	}
	through := fact.Allowed
	if q.ask.Layer == AllLayers && src.Workload != nil && q.layers.Mesh.UsesHBONE(src.Workload) && q.layers.Mesh.UsesHBONE(dst.Workload) {
		rows = throughHBONE(rows)
		if q.layers.Mesh.Waypoint(dst.Workload) != fact.No {
			through = fact.Undetermined
		}
	}
	var out []row
	segments := q.layers.Segments(q.layers.SenderOf(src), dst.Workload)
	for _, r := range rows {
		if r.protocol != netset.TCP { // the mesh captures TCP only
			r.tls = mesh.Plaintext
			out = mergeRow(out, r)
			continue
		}
		for i := range segments {
			seg := &segments[i]
			next := row{protocol: netset.TCP, ports: r.ports.Intersect(seg.Ports), tls: seg.tls, when: seg.when, because: seg.Because}
			next.verdict = combine(combine(r.verdict, through), seg.Verdict)
			if next.verdict != fact.Conditional {
				next.when = ""
			}
			out = mergeRow(out, next)
		}
	}
	return out
}

// combine is the verdict of both layers, where the network allows the connection
// or may allow it.
func combine(network, inMesh fact.Verdict) fact.Verdict {
	if network == fact.Undetermined && inMesh != fact.Denied && inMesh != fact.BrokenTLS {
		return fact.Undetermined
	}
	return inMesh
}

// mergeRow adds the ports of a row to one that is otherwise equal, or the row.
func mergeRow(to []row, r row) []row {
	if len(r.ports) == 0 {
		return to
	}
	for i := range to {
		o := &to[i]
		if o.protocol == r.protocol && o.verdict == r.verdict && o.tls == r.tls && o.when == r.when {
			o.ports = o.ports.Union(r.ports)
			o.because = fact.DistinctReasons(slices.Concat(o.because, r.because))
			return to
		}
	}
	return append(to, r)
}

// throughHBONE returns the rows between two pods of the ambient mesh: the network
// sees HBONE only, and a source that may use it reaches every TCP port.
// https://istio.io/latest/docs/ambient/usage/networkpolicy/
func throughHBONE(rows []row) []row {
	var out []row
	for _, r := range rows {
		if r.protocol != netset.TCP {
			out = append(out, r)
			continue
		}
		if r.ports.Contains(mesh.HBONEPort) {
			r.ports = netset.WholeRange()
			out = append(out, r)
		}
	}
	return out
}
