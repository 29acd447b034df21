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
func (n *Needs) PlaintextCallers() map[*inventory.Port][]fact.PlaintextCallerFacts {
	strict := slices.ContainsFunc(n.inventory.Workloads, func(w *inventory.Workload) bool {
		return slices.ContainsFunc(w.Ports, func(p *inventory.Port) bool { return n.mesh.PortMTLS(w, p).Mode == fact.Strict })
	})
	if !strict {
		return nil
	}
	out := map[*inventory.Port][]fact.PlaintextCallerFacts{}
	for _, w := range n.inventory.Workloads {
		if w.Pod == nil || !n.bypassesProxy(w) {
			continue
		}
		for _, r := range n.calls.References(w) {
			v, _, ok := n.inventory.ResolveHost(w, r.Host)
			if ok && r.Confidence >= calls.Medium && r.Port > 0 && !fromInitContainer(&r) {
				n.addPlaintextCaller(out, w, v, &r)
			}
		}
	}
	return out
}

// bypassesProxy reports that some of the workload's calls leave without a proxy.
func (n *Needs) bypassesProxy(w *inventory.Workload) bool {
	m := n.mesh.Member(w)
	return m == fact.NoMesh || m == fact.Sidecar && mesh.ExcludesOutbound(w, 0)
}

// fromInitContainer reports a call of an init container, which runs before the
// proxy starts.
func fromInitContainer(r *calls.Reference) bool {
	return slices.Contains(r.From.Path, any("initContainers"))
}

// addPlaintextCaller adds the workload to the callers of the ports behind the
// Service that a reference names, where it sends plaintext to all of them.
func (n *Needs) addPlaintextCaller(to map[*inventory.Port][]fact.PlaintextCallerFacts, w *inventory.Workload, v *inventory.Service, r *calls.Reference) {
	kind := "no-mesh"
	if n.mesh.Member(w) == fact.Sidecar {
		kind = "excluded-outbound"
		if !mesh.ExcludesOutbound(w, r.Port) {
			return
		}
	}
	called := v.Destinations(r.Port, "TCP")
	if len(v.PossiblySelected) > 0 || len(called) < len(v.Selected) {
		return
	}
	for _, d := range called { // where one of them accepts plaintext, the call may succeed
		if d.W == w || n.mesh.PortMTLS(d.W, d.Port).Mode != fact.Strict || !n.mesh.Member(d.W).InMesh() {
			return
		}
	}
	for _, d := range called {
		f := fact.PlaintextCallerFacts{Kind: kind}
		f.From = r.From
		f.Workloads = []fact.WorkloadRef{d.W.Ref()}
		f.Names = map[string]string{"client": "`" + w.ID + "`", "service": fact.RefPlain(v.Object), "port": strconv.Itoa(r.Port), "decider": n.mesh.PortMTLS(d.W, d.Port).Decider()}
		to[d.Port] = append(to[d.Port], f)
	}
}
