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

// mostCallers bounds how many callers are looked at for a witness.
const mostCallers = 256

// kubeletProbes is the address that ambient gives the kubelet's probes.
// https://istio.io/latest/docs/ambient/usage/networkpolicy/#ambient-health-probes-and-kubernetes-networkpolicy
func kubeletProbes() netip.Addr { return netip.AddrFrom4([4]byte{169, 254, 7, 127}) }

// ambientFlows asks what policies make of HBONE and of probes.
func (s *Needs) ambientFlows(w *inventory.Workload) []*Flow {
	if !s.mesh.UsesHBONE(w) {
		return nil
	}
	var out []*Flow
	if s.network.IsolatedIn(w, fact.Ingress) == fact.Yes {
		out = append(out, s.hboneIn(w)...)
		out = append(out, s.probeFlows(w)...)
	}
	if s.network.IsolatedIn(w, fact.Egress) == fact.Yes {
		out = append(out, s.hboneOut(w)...)
	}
	return out
}

// hboneIn looks for a caller of the ambient mesh that is admitted to a port of
// the application and not to HBONE.
func (s *Needs) hboneIn(w *inventory.Workload) []*Flow {
	n := s.network
	self := n.EndpointOf[w]
	if s.mesh.Waypoint(w) != fact.No {
		return nil
	}
	for i, src := range n.Sources(self, false) {
		if i >= mostCallers {
			break
		}
		if src == self || !s.ambientParty(src) {
			continue
		}
		found := netpol.PermitOn(fact.Ingress, self, src, self)
		if port := appPort(w, found.Definite); port != nil && !found.Possible[netset.TCP].Contains(mesh.HBONEPort) {
			return []*Flow{hbone(n, src, self, w, src.Workload, w, port)}
		}
	}
	return nil
}

// hboneOut does the same for the workload's own egress.
func (s *Needs) hboneOut(w *inventory.Workload) []*Flow {
	n := s.network
	self := n.EndpointOf[w]
	callees := n.AppendNamed(nil, &self.Egress, fact.Egress)
	if self.Egress.AnyPod {
		callees = append(callees, n.Pods[:min(len(n.Pods), mostCallers)]...)
	}
	for _, dst := range callees {
		if dst == self || !s.ambientParty(dst) || s.mesh.Waypoint(dst.Workload) != fact.No {
			continue
		}
		found := netpol.PermitOn(fact.Egress, self, dst, dst)
		if port := appPort(dst.Workload, found.Definite); port != nil && !found.Possible[netset.TCP].Contains(mesh.HBONEPort) {
			return []*Flow{hbone(n, self, dst, w, w, dst.Workload, port)}
		}
	}
	return nil
}

// hbone is the flow of one such pair; about is the workload whose policies are
// to blame.
func hbone(n *netpol.Network, src, dst *netpol.Endpoint, about, caller, callee *inventory.Workload, port *inventory.Port) *Flow {
	f := &Flow{need: "hbone", src: src, dst: dst, about: []*inventory.Workload{about}, protocol: netset.TCP, port: mesh.HBONEPort, from: about.Anchor()}
	f.names = map[string]string{}
	settle(n, f)
	f.facts.Reference = fact.PlaceFacts{Present: true, Evidence: fact.Evidence{From: caller.Anchor(), Names: map[string]string{
		"caller": "`" + caller.ID + "`", "callee": "`" + callee.ID + "`", "port": port.String(),
	}}}
	return f
}

func (s *Needs) ambientParty(p *netpol.Endpoint) bool {
	return p.Kind == netpol.PodEndpoint && !p.Workload.Implied && s.mesh.UsesHBONE(p.Workload)
}

// appPort returns a port of the application that is among the given ones.
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
func (s *Needs) probeFlows(w *inventory.Workload) []*Flow {
	n := s.network
	probes := n.Addresses[netset.PartIndex(n.Partition, kubeletProbes())]
	var out []*Flow
	for _, c := range w.ContainerFacts() {
		for _, p := range c.Probes {
			if p.Port == 0 || p.Handler == "exec" {
				continue
			}
			f := &Flow{need: "probe", src: probes, dst: n.EndpointOf[w], about: []*inventory.Workload{w}, protocol: netset.TCP, port: p.Port, from: c.From}
			f.names = map[string]string{"port": strconv.Itoa(p.Port)}
			settle(n, f)
			out = append(out, f)
		}
	}
	return out
}

// HBONEOverbroad finds the rule that opens HBONE to every pod of the cluster or
// of the namespace, where the ports of the application are kept for some: as
// all of them are reached through HBONE, the narrow rules narrow nothing.
func (s *Needs) HBONEOverbroad(w *inventory.Workload) fact.AdmitFacts {
	f := fact.AdmitFacts{Admitted: fact.No}
	if !s.mesh.UsesHBONE(w) || w.Implied || s.network.IsolatedIn(w, fact.Ingress) != fact.Yes || s.network.UnmodelledMayApply(w, fact.Ingress) {
		return f
	}
	n := s.network
	self := n.EndpointOf[w]
	if len(self.Ingress.Tiers.Admin) > 0 || appPort(w, netpol.PermitOn(fact.Ingress, self, n.AnyPod, self).Possible) != nil {
		return f
	}
	narrow := false
	for r := range self.Ingress.Rules(fact.Ingress) {
		ports := r.PortsOn(self).Definite
		narrow = narrow || appPort(w, ports) != nil
		if place, whom := r.AdmitsAllOf(w.Ns); place != nil && f.Admitted == fact.No && ports[netset.TCP].Contains(mesh.HBONEPort) {
			f = fact.AdmitFacts{Admitted: fact.Yes, Via: "namespace-selector", Evidence: fact.Evidence{
				From:  fact.Source{Object: r.Policy.Object, Path: place},
				Names: map[string]string{"policy": fact.RefPlain(r.Policy.Object), "peer": whom},
			}}
		}
	}
	if !narrow {
		return fact.AdmitFacts{Admitted: fact.No}
	}
	return f
}
