package connect

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// The layers that may be asked.
const (
	NetworkLayer = "network" // policies only
	MeshLayer    = "mesh"    // the mesh only, as if no network policy were there
	AllLayers    = "all"     // what both together let through
)

// MeshPresent reports Istio objects or workloads that are enrolled in a mesh.
func (m Sets) MeshPresent() bool {
	return slices.ContainsFunc(m, func(s *Layers) bool { return s.Mesh.Scope.Present || s.Mesh.Scope.Enrols })
}

// joinMesh adds the mesh to a survey, and with it the client without identity.
func (s *query) joinMesh() {
	if s.ask.Layer != MeshLayer && s.ask.Layer != AllLayers {
		return
	}
	s.mesh = true
	s.ends = append(s.ends, Endpoint{Name: Anonymous, Party: s.AnyPod})
}

// anonymous is the place of that client among the endpoints.
func (s *query) anonymous() int { return len(s.ends) - 1 }

// meshHits lists the sources of one destination that the mesh has a say in.
func (s *query) meshHits(dst *Endpoint, hits []match) []match {
	if !s.mesh || dst.Workload == nil {
		return hits
	}
	if s.ask.Layer == MeshLayer {
		hits = s.everySource(dst)
	}
	anonymous := &s.ends[s.anonymous()]
	wanted := (s.ask.from == nil || s.ask.from(anonymous)) && (s.ask.focus == nil || s.ask.focus(dst) || s.ask.focus(anonymous))
	if !wanted || s.layers.Mesh.Member(dst.Workload) == fact.NoMesh {
		return hits
	}
	rows := everyRow()
	if s.ask.Layer == AllLayers {
		rows = s.between(s.AnyPod, dst.Party)
	}
	if len(rows) > 0 {
		hits = append(slices.Clone(hits), match{s.anonymous(), rows})
	}
	return hits
}

// everySource: without the network every workload may try.
func (s *query) everySource(dst *Endpoint) []match {
	var out []match
	for i := range s.ends {
		src := &s.ends[i]
		if src.Workload == nil || s.ask.from != nil && !s.ask.from(src) || s.ask.focus != nil && !s.ask.focus(src) && !s.ask.focus(dst) {
			continue
		}
		out = append(out, match{i, everyRow()})
	}
	return out
}

// everyRow: the mesh has a say in TCP only.
func everyRow() []row {
	return []row{{protocol: netset.TCP, verdict: fact.Allowed, ports: netset.WholeRange()}}
}

// meshed splits what the network lets through by what the mesh makes of it.
func (s *query) meshed(src, dst *Endpoint, rows []row) []row {
	if !s.mesh || dst.Workload == nil {
		return rows
	}
	through := fact.Allowed
	if s.ask.Layer == AllLayers && src.Workload != nil && s.layers.Mesh.UsesHBONE(src.Workload) && s.layers.Mesh.UsesHBONE(dst.Workload) {
		rows = tunnelled(rows)
		if s.layers.Mesh.Waypoint(dst.Workload) != fact.No {
			through = fact.Undetermined
		}
	}
	var out []row
	segments := s.layers.Segments(s.layers.SenderOf(src), dst.Workload)
	for _, r := range rows {
		if r.protocol != netset.TCP { // the mesh takes TCP only
			r.tls = "plaintext"
			out = join(out, r)
			continue
		}
		for i := range segments {
			seg := &segments[i]
			next := row{protocol: netset.TCP, ports: r.ports.Intersect(seg.Ports), tls: seg.tls, when: seg.when, because: seg.Because}
			next.verdict = under(under(r.verdict, through), seg.Verdict)
			if next.verdict != fact.Conditional {
				next.when = ""
			}
			out = join(out, next)
		}
	}
	return out
}

// under is the verdict of the mesh on a connection that the network lets
// through for certain or perhaps.
func under(network, mesh fact.Verdict) fact.Verdict {
	if network == fact.Undetermined && mesh != fact.Denied && mesh != fact.BrokenTLS {
		return fact.Undetermined
	}
	return mesh
}

// join adds a row to those that it can share.
func join(to []row, r row) []row {
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

// tunnelled: between pods of the ambient mesh the network sees HBONE, and
// whoever it lets through reaches every port.
// https://istio.io/latest/docs/ambient/usage/networkpolicy/
func tunnelled(rows []row) []row {
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
