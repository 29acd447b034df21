package analyzer

import (
	"slices"
	"strconv"
)

// resolveOutsiders finds callers that send plaintext to a STRICT port: their
// own manifest names the Service, and they have no proxy or exclude the port.
func (s *setModel) resolveOutsiders() {
	strict := slices.ContainsFunc(s.workloads, func(w *Workload) bool {
		return slices.ContainsFunc(w.ports, func(p *port) bool { return p.facts.MTLS.Mode == "STRICT" })
	})
	if !strict {
		return
	}
	for _, w := range s.workloads {
		if w.pod == nil || !w.mayCallPlain() {
			continue
		}
		for _, r := range s.references(w) {
			v, _, ok := s.resolveHost(w, r.host)
			if ok && r.confidence >= medium && r.port > 0 && !r.initial() {
				s.noteOutsider(w, v, &r)
			}
		}
	}
}

// mayCallPlain reports that some of the workload's calls leave without a proxy.
func (w *Workload) mayCallPlain() bool {
	m := w.Facts.Mesh.Member
	return m == "none" || m == "sidecar" && w.Annotations[trafficPrefix+"excludeOutboundPorts"] != ""
}

// initial reports a call of an init container, which comes before the proxy.
func (r *reference) initial() bool { return slices.Contains(r.from.Path, any("initContainers")) }

func (s *setModel) noteOutsider(w *Workload, v *service, r *reference) {
	kind := "no-mesh"
	if w.Facts.Mesh.Member == "sidecar" {
		kind = "excluded-outbound"
		if !listed(w.Annotations[trafficPrefix+"excludeOutboundPorts"], r.port) {
			return
		}
	}
	called := v.destinations(r.port, "TCP")
	if len(v.maybe) > 0 || len(called) < len(v.selected) {
		return
	}
	for _, to := range called { // where one of them takes plaintext the call may come through
		m := to.w.Facts.Mesh.Member
		if to.w == w || to.port.facts.MTLS.Mode != "STRICT" || m != "sidecar" && m != "ambient" {
			return
		}
	}
	for _, to := range called {
		f := OutsiderFacts{Kind: kind}
		f.From = r.from
		f.Workloads = []WorkloadRef{to.w.ref()}
		f.Names = map[string]string{"client": "`" + w.ID + "`", "service": refPlain(v.Object), "port": strconv.Itoa(r.port), "decider": "Istio's default"}
		if o := to.port.facts.MTLS.From.Object; o != nil {
			f.Names["decider"] = refName(o)
		}
		to.port.facts.Outsiders = append(to.port.facts.Outsiders, f)
	}
}
