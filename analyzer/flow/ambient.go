package flow

import (
	"net/netip"
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// mostCallers bounds the callers that are tried until one is found.
const mostCallers = 256

// kubeletProbes is the source address that ambient gives the kubelet's probes.
// https://istio.io/latest/docs/ambient/usage/networkpolicy/#ambient-health-probes-and-kubernetes-networkpolicy
func kubeletProbes() netip.Addr { return netip.AddrFrom4([4]byte{169, 254, 7, 127}) }

// ambientFlows asks whether policies let HBONE and probes through.
func (n *Needs) ambientFlows(w *inventory.Workload) []*flow {
	if !n.mesh.UsesHBONE(w) {
		return nil
	}
	var out []*flow
	if n.network.IsolatedIn(w, fact.Ingress) == fact.Yes {
		out = append(out, n.hboneIn(w)...)
		out = append(out, n.probeFlows(w)...)
	}
	if n.network.IsolatedIn(w, fact.Egress) == fact.Yes {
		out = append(out, n.hboneOut(w)...)
	}
	return out
}

// hboneIn looks for a caller of the ambient mesh that policies admit to a port of
// the application but not to HBONE. One is enough for a finding.
func (n *Needs) hboneIn(w *inventory.Workload) []*flow {
	network := n.network
	self := network.EndpointOf[w]
	if n.mesh.Waypoint(w) != fact.No {
		return nil
	}
	for i, src := range network.Sources(self, false) {
		if i >= mostCallers {
			break
		}
		if src == self || !n.usesHBONE(src) {
			continue
		}
		found := netpol.PermitOn(fact.Ingress, self, src, self)
		if port := appPort(w, found.Definite); port != nil && !found.Possible[netset.TCP].Contains(mesh.HBONEPort) {
			return []*flow{hbone(src, self, w, src.Workload, w, port)}
		}
	}
	return nil
}

// hboneOut does the same for the workload's own egress.
func (n *Needs) hboneOut(w *inventory.Workload) []*flow {
	network := n.network
	self := network.EndpointOf[w]
	callees := network.AppendNamed(nil, &self.Egress, fact.Egress)
	if self.Egress.AnyPod {
		callees = append(callees, network.Pods[:min(len(network.Pods), mostCallers)]...)
	}
	for _, dst := range callees {
		if dst == self || !n.usesHBONE(dst) || n.mesh.Waypoint(dst.Workload) != fact.No {
			continue
		}
		found := netpol.PermitOn(fact.Egress, self, dst, dst)
		if port := appPort(dst.Workload, found.Definite); port != nil && !found.Possible[netset.TCP].Contains(mesh.HBONEPort) {
			return []*flow{hbone(self, dst, w, w, dst.Workload, port)}
		}
	}
	return nil
}

// hbone is the flow of one such pair; about is the workload whose policies are
// wrong, and port the application's port that they admit.
func hbone(src, dst *netpol.Endpoint, about, caller, callee *inventory.Workload, port *inventory.Port) *flow {
	f := &flow{need: needHBONE, src: src, dst: dst, about: []*inventory.Workload{about}, protocol: netset.TCP, port: mesh.HBONEPort, from: about.Anchor()}
	f.names = map[string]string{}
	f.evaluate()
	f.reference = &fact.Evidence{From: caller.Anchor(), Names: map[string]string{
		"caller": "`" + caller.ID + "`", "callee": "`" + callee.ID + "`", "port": port.String(),
	}}
	return f
}

func (n *Needs) usesHBONE(p *netpol.Endpoint) bool {
	return p.Kind == netpol.PodEndpoint && !p.Workload.Implied && n.mesh.UsesHBONE(p.Workload)
}

// appPort returns a TCP port of the application that is in the set, nil without
// one.
func appPort(w *inventory.Workload, ports netset.Ports) *inventory.Port {
	for _, p := range w.Ports {
		if p.Protocol == "TCP" && p.Number > 0 && p.Purpose == fact.ForApplication && ports[netset.TCP].Contains(p.Number) {
			return p
		}
	}
	return nil
}

// probeFlows asks whether the kubelet's probes, which ambient sends from a
// link-local address, are admitted where they go.
func (n *Needs) probeFlows(w *inventory.Workload) []*flow {
	network := n.network
	probes := network.Addresses[netset.PartIndex(network.Partition, kubeletProbes())]
	var out []*flow
	for _, c := range w.ContainerFacts() {
		for _, p := range c.Probes {
			if p.Port == 0 || p.Handler == "exec" {
				continue
			}
			f := &flow{need: needProbe, src: probes, dst: network.EndpointOf[w], about: []*inventory.Workload{w}, protocol: netset.TCP, port: p.Port, from: c.From}
			f.names = map[string]string{"port": strconv.Itoa(p.Port)}
			f.evaluate()
			out = append(out, f)
		}
	}
	return out
}

// HBONEOverbroad finds a rule that admits every pod of the cluster or of the
// namespace to HBONE, where other rules admit only some to the ports of the
// application: as every port is reached through HBONE, those rules have no effect.
func (n *Needs) HBONEOverbroad(w *inventory.Workload) fact.AdmitFacts {
	f := fact.AdmitFacts{Admitted: fact.No}
	if !n.mesh.UsesHBONE(w) || w.Implied || n.network.IsolatedIn(w, fact.Ingress) != fact.Yes || n.network.UnmodelledMayApply(w, fact.Ingress) {
		return f
	}
	network := n.network
	self := network.EndpointOf[w]
	if len(self.Ingress.Tiers.Admin) > 0 || appPort(w, netpol.PermitOn(fact.Ingress, self, network.AnyPod, self).Possible) != nil {
		return f
	}
	narrow := false
	for r := range self.Ingress.Rules(fact.Ingress) {
		ports := r.PortsOn(self).Definite
		narrow = narrow || appPort(w, ports) != nil
		if place, peer := r.AdmitsAllOf(w.Ns); place != nil && f.Admitted == fact.No && ports[netset.TCP].Contains(mesh.HBONEPort) {
			f = fact.AdmitFacts{Admitted: fact.Yes, Via: "namespace-selector", Evidence: fact.Evidence{
				From:  fact.Source{Object: r.Policy.Object, Path: place},
				Names: map[string]string{"policy": fact.RefPlain(r.Policy.Object), "peer": peer},
			}}
		}
	}
	if !narrow {
		return fact.AdmitFacts{Admitted: fact.No}
	}
	return f
}
