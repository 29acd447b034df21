package analyzer

import "slices"

// The layers that may be asked.
const (
	NetworkLayer = "network" // policies only
	MeshLayer    = "mesh"    // the mesh only, as if no network policy were there
	AllLayers    = "all"     // what both together let through
)

// MeshPresent reports Istio objects or workloads that are enrolled in a mesh.
func (m Sets) MeshPresent() bool {
	return slices.ContainsFunc(m, func(s *Layers) bool { return s.mesh.scope.present || s.mesh.scope.enrols })
}

// joinMesh adds the mesh to a survey, and with it the client without identity.
func (s *survey) joinMesh() {
	if s.ask.Layer != MeshLayer && s.ask.Layer != AllLayers {
		return
	}
	s.mesh = true
	s.ends = append(s.ends, Endpoint{Name: Anonymous, party: s.anyPod})
}

// anonymous is the place of that client among the endpoints.
func (s *survey) anonymous() int { return len(s.ends) - 1 }

// meshHits lists the sources of one destination that the mesh has a say in.
func (s *survey) meshHits(dst *Endpoint, hits []hit) []hit {
	if !s.mesh || dst.Workload == nil {
		return hits
	}
	if s.ask.Layer == MeshLayer {
		hits = s.everySource(dst)
	}
	anonymous := &s.ends[s.anonymous()]
	wanted := (s.ask.from == nil || s.ask.from(anonymous)) && (s.ask.focus == nil || s.ask.focus(dst) || s.ask.focus(anonymous))
	if !wanted || s.layers.mesh.member(dst.Workload) == "none" {
		return hits
	}
	rows := everyRow()
	if s.ask.Layer == AllLayers {
		rows = s.between(s.anyPod, dst.party)
	}
	if len(rows) > 0 {
		hits = append(slices.Clone(hits), hit{s.anonymous(), rows})
	}
	return hits
}

// everySource: without the network every workload may try.
func (s *survey) everySource(dst *Endpoint) []hit {
	var out []hit
	for i := range s.ends {
		src := &s.ends[i]
		if src.Workload == nil || s.ask.from != nil && !s.ask.from(src) || s.ask.focus != nil && !s.ask.focus(src) && !s.ask.focus(dst) {
			continue
		}
		out = append(out, hit{i, everyRow()})
	}
	return out
}

// everyRow: the mesh has a say in TCP only.
func everyRow() []row { return []row{{protocol: tcp, verdict: Allowed, ports: wholeRange()}} }

// meshed splits what the network lets through by what the mesh makes of it.
func (s *survey) meshed(src, dst *Endpoint, rows []row) []row {
	if !s.mesh || dst.Workload == nil {
		return rows
	}
	through := Allowed
	if s.ask.Layer == AllLayers && src.Workload != nil && s.layers.mesh.usesHBONE(src.Workload) && s.layers.mesh.usesHBONE(dst.Workload) {
		rows = tunnelled(rows)
		if s.layers.mesh.waypoint(dst.Workload) != No {
			through = Unsure
		}
	}
	var out []row
	segments := s.layers.segments(s.layers.senderOf(src), dst.Workload)
	for _, r := range rows {
		if r.protocol != tcp { // the mesh takes TCP only
			r.tls = "plaintext"
			out = join(out, r)
			continue
		}
		for i := range segments {
			seg := &segments[i]
			next := row{protocol: tcp, ports: r.ports.intersect(seg.ports), tls: seg.tls, when: seg.when, because: seg.because}
			next.verdict = under(under(r.verdict, through), seg.verdict)
			if next.verdict != Conditional {
				next.when = ""
			}
			out = join(out, next)
		}
	}
	return out
}

// under is the verdict of the mesh on a connection that the network lets
// through for certain or perhaps.
func under(network, mesh Verdict) Verdict {
	if network == Unsure && mesh != Denied && mesh != BrokenTLS {
		return Unsure
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
			o.ports = o.ports.union(r.ports)
			o.because = distinctReasons(slices.Concat(o.because, r.because))
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
		if r.protocol != tcp {
			out = append(out, r)
			continue
		}
		if r.ports.contains(hbonePort) {
			r.ports = wholeRange()
			out = append(out, r)
		}
	}
	return out
}
