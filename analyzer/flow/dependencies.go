package flow

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/calls"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// dependencyFlows asks whether a workload may connect to what its manifests
// say it calls. Of several pods behind one name one is enough.
func (n *Needs) dependencyFlows(w *inventory.Workload) []*flow {
	var out []*flow
	seen := map[*inventory.Service]bool{}
	for _, r := range n.calls.References(w) {
		v, _, ok := n.inventory.ResolveHost(w, r.Host)
		if !ok || r.Confidence < calls.Medium || len(v.PossiblySelected) > 0 || seen[v] {
			continue
		}
		if f := n.dependency(w, &r, v); f != nil {
			out = append(out, f)
			seen[v] = f.network() == fact.Denied
		}
	}
	return out
}

// dependency is the flow to the Service that a reference names, nil where a
// destination leaves it open.
func (n *Needs) dependency(w *inventory.Workload, r *calls.Reference, v *inventory.Service) *flow {
	var tried []*flow
	for _, to := range n.podPorts(r, v) {
		if to.W == w || to.W.Implied || to.Port.Number == 0 {
			return nil
		}
		f := n.flowBetween(needDependency, w, to)
		if f == nil {
			return nil
		}
		f.names["host"], f.names["reference"] = "`"+r.Host+"`", "`"+r.Name+"`"
		f.from = r.From
		f.reference = &fact.Evidence{From: r.From, Names: map[string]string{"reference": "`" + r.Name + "`", "host": "`" + r.Host + "`"}}
		tried = append(tried, f)
	}
	return bestOf(tried)
}

// podPorts lists the pod ports that a reference may mean: those behind its port,
// or behind every port of the Service when it names none.
func (n *Needs) podPorts(r *calls.Reference, v *inventory.Service) []inventory.Destination {
	if r.Port > 0 || len(v.Spec.Ports) == 1 {
		return v.Destinations(r.Port, r.Protocol)
	}
	var out []inventory.Destination
	for i := range v.Spec.Ports {
		out = append(out, v.Destinations(int(v.Spec.Ports[i].Port), decode.OrTCP(v.Spec.Ports[i].Protocol))...)
	}
	return out
}

// flowBetween is the flow from one workload to a port of another, nil where a
// waypoint stands between them, so that policies do not see this pair. Between
// pods of the ambient mesh policies see HBONE, on its own port.
func (n *Needs) flowBetween(need need, src *inventory.Workload, to inventory.Destination) *flow {
	network := n.network
	protocol := netset.ProtocolIndex(to.Port.Protocol)
	if protocol < 0 {
		return nil
	}
	f := &flow{need: need, src: network.EndpointOf[src], dst: network.EndpointOf[to.W], about: []*inventory.Workload{src, to.W}, protocol: protocol, port: to.Port.Number}
	f.names = map[string]string{
		"caller": "`" + src.ID + "`", "callee": "`" + to.W.ID + "`", "port": to.Port.String(), "protocol": to.Port.Protocol,
	}
	f.evaluate()
	x := n.layers.SenderOf(&connect.Endpoint{Workload: src, Peer: f.src})
	n.evaluateMesh(f, &x, to)
	if protocol == netset.TCP && n.mesh.UsesHBONE(src) && n.mesh.UsesHBONE(to.W) {
		if n.mesh.Waypoint(to.W) != fact.No {
			return nil
		}
		if f.network() == fact.Denied {
			f.port = mesh.HBONEPort
			f.evaluate()
			n.evaluateMesh(f, &x, to)
		}
	}
	return f
}

// callsByName answers whether the workload is known to need DNS: its manifests
// name a host. Where they name none, but its egress admits something, the answer
// is unknown.
func (n *Needs) callsByName(w *inventory.Workload) fact.Tri {
	if slices.ContainsFunc(n.calls.References(w), func(r calls.Reference) bool { return r.Confidence >= calls.Medium && !inventory.IsAddress(r.Host) }) {
		return fact.Yes
	}
	if n.network.Isolation(w, fact.Egress).Admits == "somebody" {
		return fact.Unknown
	}
	return fact.No
}
