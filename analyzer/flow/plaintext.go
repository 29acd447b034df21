package flow

import (
	"slices"
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/calls"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
)

// PlaintextCallers finds callers that send plaintext to a STRICT port: their
// own manifest names the Service, and they have no proxy or exclude the port.
func (s *Needs) PlaintextCallers() map[*inventory.Port][]fact.PlaintextCallerFacts {
	strict := slices.ContainsFunc(s.inventory.Workloads, func(w *inventory.Workload) bool {
		return slices.ContainsFunc(w.Ports, func(p *inventory.Port) bool { return s.mesh.Modes[p].Mode == fact.Strict })
	})
	if !strict {
		return nil
	}
	out := map[*inventory.Port][]fact.PlaintextCallerFacts{}
	for _, w := range s.inventory.Workloads {
		if w.Pod == nil || !s.mayCallPlain(w) {
			continue
		}
		for _, r := range s.calls.References(w) {
			v, _, ok := s.inventory.ResolveHost(w, r.Host)
			if ok && r.Confidence >= calls.Medium && r.Port > 0 && !initial(&r) {
				s.notePlaintextCaller(out, w, v, &r)
			}
		}
	}
	return out
}

// mayCallPlain reports that some of the workload's calls leave without a proxy.
func (s *Needs) mayCallPlain(w *inventory.Workload) bool {
	m := s.mesh.Member(w)
	return m == fact.NoMesh || m == fact.Sidecar && w.Annotations[mesh.TrafficPrefix+"excludeOutboundPorts"] != ""
}

// initial reports a call of an init container, which comes before the proxy.
func initial(r *calls.Reference) bool { return slices.Contains(r.From.Path, any("initContainers")) }

func (s *Needs) notePlaintextCaller(to map[*inventory.Port][]fact.PlaintextCallerFacts, w *inventory.Workload, v *inventory.Service, r *calls.Reference) {
	kind := "no-mesh"
	if s.mesh.Member(w) == fact.Sidecar {
		kind = "excluded-outbound"
		if !mesh.Listed(w.Annotations[mesh.TrafficPrefix+"excludeOutboundPorts"], r.Port) {
			return
		}
	}
	called := v.Destinations(r.Port, "TCP")
	if len(v.PossiblySelected) > 0 || len(called) < len(v.Selected) {
		return
	}
	for _, d := range called { // where one of them takes plaintext the call may come through
		m := s.mesh.Member(d.W)
		if d.W == w || s.mesh.Modes[d.Port].Mode != fact.Strict || m != fact.Sidecar && m != fact.Ambient {
			return
		}
	}
	for _, d := range called {
		f := fact.PlaintextCallerFacts{Kind: kind}
		f.From = r.From
		f.Workloads = []fact.WorkloadRef{d.W.Ref()}
		f.Names = map[string]string{"client": "`" + w.ID + "`", "service": fact.RefPlain(v.Object), "port": strconv.Itoa(r.Port), "decider": "Istio's default"}
		if o := s.mesh.Modes[d.Port].From.Object; o != nil {
			f.Names["decider"] = fact.RefName(o)
		}
		to[d.Port] = append(to[d.Port], f)
	}
}
