package analyzer

import (
	"slices"
)

// dependencyFlows asks whether a workload may connect to what its manifests
// say it calls. Of several pods behind one name one is enough.
func (s *Needs) dependencyFlows(w *Workload) []*flow {
	var out []*flow
	seen := map[*service]bool{}
	for _, r := range s.calls.references(w) {
		v, _, ok := s.inventory.resolveHost(w, r.host)
		if !ok || r.confidence < medium || len(v.maybe) > 0 || seen[v] {
			continue
		}
		if f := s.dependency(w, &r, v); f != nil {
			out = append(out, f)
			seen[v] = f.facts.Verdict == string(Denied)
		}
	}
	return out
}

func (s *Needs) dependency(w *Workload, r *reference, v *service) *flow {
	var tried []*flow
	for _, to := range s.called(r, v) {
		if to.w == w || to.w.implied || to.port.number == 0 {
			return nil
		}
		f := s.flowBetween("dependency", w, to)
		if f == nil {
			return nil
		}
		f.names["host"], f.names["reference"] = "`"+r.host+"`", "`"+r.name+"`"
		f.from = r.from
		f.facts.Reference = PlaceFacts{Known: true, Evidence: Evidence{From: r.from, Names: map[string]string{"reference": "`" + r.name + "`", "host": "`" + r.host + "`"}}}
		tried = append(tried, f)
	}
	if len(tried) == 0 {
		return nil
	}
	out := best(tried)
	if !sameMesh(tried) {
		out.facts.Mesh = FlowMeshFacts{Verdict: string(Unsure)}
	}
	return out
}

// called lists the pod ports that a reference may mean: those behind its port,
// or behind every port of the Service when it names none.
func (s *Needs) called(r *reference, v *service) []destination {
	if r.port > 0 || len(v.spec.Ports) == 1 {
		return v.destinations(r.port, r.protocol)
	}
	var out []destination
	for i := range v.spec.Ports {
		out = append(out, v.destinations(int(v.spec.Ports[i].Port), orTCP(v.spec.Ports[i].Protocol))...)
	}
	return out
}

// flowBetween is the flow from one workload to a port of another, nil where
// policies see something else than the two of them: a waypoint stands between.
// Between pods of the ambient mesh they see HBONE, on its own port.
func (s *Needs) flowBetween(need string, src *Workload, to destination) *flow {
	n := s.network
	protocol := protocolIndex(to.port.protocol)
	if protocol < 0 {
		return nil
	}
	f := &flow{need: need, src: n.partyOf[src], dst: n.partyOf[to.w], about: []*Workload{src, to.w}, protocol: protocol, port: to.port.number}
	f.names = map[string]string{
		"caller": "`" + src.ID + "`", "callee": "`" + to.w.ID + "`", "port": to.port.String(), "protocol": to.port.protocol,
	}
	n.settle(f)
	x := s.layers.senderOf(&Endpoint{Workload: src, party: f.src})
	s.settleMesh(f, &x, to)
	if protocol == tcp && s.mesh.usesHBONE(src) && s.mesh.usesHBONE(to.w) {
		if s.mesh.waypoint(to.w) != No {
			return nil
		}
		if f.facts.Verdict == string(Denied) {
			f.port = hbonePort
			n.settle(f)
			s.settleMesh(f, &x, to)
		}
	}
	return f
}

// callsByName answers whether the workload is known to need names. One that
// may call somebody does, unless it was given addresses.
func (s *Needs) callsByName(w *Workload) Tri {
	if slices.ContainsFunc(s.calls.references(w), func(r reference) bool { return r.confidence >= medium && !isAddress(r.host) }) {
		return Yes
	}
	if s.network.isolations[w].egress.Admits == "somebody" {
		return Unknown
	}
	return No
}
