package analyzer

import (
	"slices"
	"strconv"
)

// plaintextCallers finds callers that send plaintext to a STRICT port: their
// own manifest names the Service, and they have no proxy or exclude the port.
func (s *Needs) plaintextCallers() map[*port][]OutsiderFacts {
	strict := slices.ContainsFunc(s.inventory.workloads, func(w *Workload) bool {
		return slices.ContainsFunc(w.ports, func(p *port) bool { return s.mesh.modes[p].Mode == "STRICT" })
	})
	if !strict {
		return nil
	}
	out := map[*port][]OutsiderFacts{}
	for _, w := range s.inventory.workloads {
		if w.pod == nil || !s.mayCallPlain(w) {
			continue
		}
		for _, r := range s.calls.references(w) {
			v, _, ok := s.inventory.resolveHost(w, r.host)
			if ok && r.confidence >= medium && r.port > 0 && !r.initial() {
				s.notePlaintextCaller(out, w, v, &r)
			}
		}
	}
	return out
}

// mayCallPlain reports that some of the workload's calls leave without a proxy.
func (s *Needs) mayCallPlain(w *Workload) bool {
	m := s.mesh.member(w)
	return m == "none" || m == "sidecar" && w.Annotations[trafficPrefix+"excludeOutboundPorts"] != ""
}

// initial reports a call of an init container, which comes before the proxy.
func (r *reference) initial() bool { return slices.Contains(r.from.Path, any("initContainers")) }

func (s *Needs) notePlaintextCaller(to map[*port][]OutsiderFacts, w *Workload, v *service, r *reference) {
	kind := "no-mesh"
	if s.mesh.member(w) == "sidecar" {
		kind = "excluded-outbound"
		if !listed(w.Annotations[trafficPrefix+"excludeOutboundPorts"], r.port) {
			return
		}
	}
	called := v.destinations(r.port, "TCP")
	if len(v.maybe) > 0 || len(called) < len(v.selected) {
		return
	}
	for _, d := range called { // where one of them takes plaintext the call may come through
		m := s.mesh.member(d.w)
		if d.w == w || s.mesh.modes[d.port].Mode != "STRICT" || m != "sidecar" && m != "ambient" {
			return
		}
	}
	for _, d := range called {
		f := OutsiderFacts{Kind: kind}
		f.From = r.from
		f.Workloads = []WorkloadRef{d.w.ref()}
		f.Names = map[string]string{"client": "`" + w.ID + "`", "service": refPlain(v.Object), "port": strconv.Itoa(r.port), "decider": "Istio's default"}
		if o := s.mesh.modes[d.port].From.Object; o != nil {
			f.Names["decider"] = refName(o)
		}
		to[d.port] = append(to[d.port], f)
	}
}
