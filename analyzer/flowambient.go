package analyzer

import (
	"iter"
	"net/netip"
	"strconv"
)

// hbonePort is where ztunnel takes in traffic between pods of an ambient mesh,
// whatever port of the application it is for: that is what policies see.
// https://istio.io/latest/docs/ambient/usage/networkpolicy/
const hbonePort = 15008

// mostCallers bounds how many callers are looked at for a witness.
const mostCallers = 256

// kubeletProbes is the address that ambient gives the kubelet's probes.
// https://istio.io/latest/docs/ambient/usage/networkpolicy/#ambient-health-probes-and-kubernetes-networkpolicy
func kubeletProbes() netip.Addr { return netip.AddrFrom4([4]byte{169, 254, 7, 127}) }

// ambientFlows asks what policies make of HBONE and of probes.
func (s *Needs) ambientFlows(w *Workload) []*flow {
	if !s.mesh.usesHBONE(w) {
		return nil
	}
	var out []*flow
	if s.network.isolatedIn(w, ingress) == Yes {
		out = append(out, s.hboneIn(w)...)
		out = append(out, s.probeFlows(w)...)
	}
	if s.network.isolatedIn(w, egress) == Yes {
		out = append(out, s.hboneOut(w)...)
	}
	return out
}

// hboneIn looks for a caller of the ambient mesh that is admitted to a port of
// the application and not to HBONE.
func (s *Needs) hboneIn(w *Workload) []*flow {
	n := s.network
	self := n.partyOf[w]
	if s.mesh.waypoint(w) != No {
		return nil
	}
	for i, src := range n.sources(self, false) {
		if i >= mostCallers {
			break
		}
		if src == self || !s.ambientParty(src) {
			continue
		}
		found := permitOn(ingress, self, src, self)
		if port := appPort(w, found.yes); port != nil && !found.may[tcp].contains(hbonePort) {
			return []*flow{n.hbone(src, self, w, src.w, w, port)}
		}
	}
	return nil
}

// hboneOut does the same for the workload's own egress.
func (s *Needs) hboneOut(w *Workload) []*flow {
	n := s.network
	self := n.partyOf[w]
	callees := n.named(nil, &self.out, egress)
	if self.out.pods {
		callees = append(callees, n.pods[:min(len(n.pods), mostCallers)]...)
	}
	for _, dst := range callees {
		if dst == self || !s.ambientParty(dst) || s.mesh.waypoint(dst.w) != No {
			continue
		}
		found := permitOn(egress, self, dst, dst)
		if port := appPort(dst.w, found.yes); port != nil && !found.may[tcp].contains(hbonePort) {
			return []*flow{n.hbone(self, dst, w, w, dst.w, port)}
		}
	}
	return nil
}

// hbone is the flow of one such pair; about is the workload whose policies are
// to blame.
func (n *network) hbone(src, dst *party, about, caller, callee *Workload, port *port) *flow {
	f := &flow{need: "hbone", src: src, dst: dst, about: []*Workload{about}, protocol: tcp, port: hbonePort, from: about.anchor()}
	f.names = map[string]string{}
	n.settle(f)
	f.facts.Reference = PlaceFacts{Known: true, Evidence: Evidence{From: caller.anchor(), Names: map[string]string{
		"caller": "`" + caller.ID + "`", "callee": "`" + callee.ID + "`", "port": port.String(),
	}}}
	return f
}

func (s *Needs) ambientParty(p *party) bool {
	return p.kind == podParty && !p.w.implied && s.mesh.usesHBONE(p.w)
}

// usesHBONE reports pods of the ambient mesh that no annotation lets traffic
// past ztunnel to.
// https://istio.io/latest/docs/reference/config/annotations/#AmbientBypassInboundCapture
func (s *Mesh) usesHBONE(w *Workload) bool {
	return s.member(w) == "ambient" && w.Annotations["ambient.istio.io/bypass-inbound-capture"] != "true"
}

// appPort returns a port of the application that is among the given ones.
func appPort(w *Workload, ports portSet) *port {
	for _, p := range w.ports {
		if p.protocol == "TCP" && p.number > 0 && p.purpose == "app" && ports[tcp].contains(p.number) {
			return p
		}
	}
	return nil
}

// probeFlows asks whether the kubelet's probes, which ambient sends from a
// link-local address, are admitted where they go.
func (s *Needs) probeFlows(w *Workload) []*flow {
	n := s.network
	probes := n.addresses[partOf(n.partition, kubeletProbes())]
	var out []*flow
	for _, c := range w.containerFacts() {
		for _, p := range c.Probes {
			if p.Port == 0 || p.By == "exec" {
				continue
			}
			f := &flow{need: "probe", src: probes, dst: n.partyOf[w], about: []*Workload{w}, protocol: tcp, port: p.Port, from: c.From}
			f.names = map[string]string{"port": strconv.Itoa(p.Port)}
			n.settle(f)
			out = append(out, f)
		}
	}
	return out
}

// hboneOverbroad finds the rule that opens HBONE to every pod of the cluster or
// of the namespace, where the ports of the application are kept for some: as
// all of them are reached through HBONE, the narrow rules narrow nothing.
func (s *Needs) hboneOverbroad(w *Workload) AdmitFacts {
	f := AdmitFacts{Admitted: No}
	if !s.mesh.usesHBONE(w) || w.implied || s.network.isolatedIn(w, ingress) != Yes || s.network.otherUnknown(w, ingress) {
		return f
	}
	n := s.network
	self := n.partyOf[w]
	if len(self.in.tiers.admin) > 0 || appPort(w, permitOn(ingress, self, n.anyPod, self).may) != nil {
		return f
	}
	narrow := false
	for r := range self.in.rules(ingress) {
		ports := r.portsOn(self).yes
		narrow = narrow || appPort(w, ports) != nil
		if place, whom := r.opens(w.ns); place != nil && f.Admitted == No && ports[tcp].contains(hbonePort) {
			f = AdmitFacts{Admitted: Yes, Via: "namespace-selector", Evidence: Evidence{
				From:  Source{Object: r.policy.Object, Path: place},
				Names: map[string]string{"policy": refPlain(r.policy.Object), "peer": whom},
			}}
		}
	}
	if !narrow {
		return AdmitFacts{Admitted: No}
	}
	return f
}

// rules yields the rules of the policies that certainly isolate the side.
func (s *side) rules(d direction) iter.Seq[*policyRule] {
	return func(yield func(*policyRule) bool) {
		for _, p := range s.sure {
			for _, r := range p.rules {
				if r.direction == d && !yield(r) {
					return
				}
			}
		}
	}
}

// opens returns the place at which a rule admits every pod of the cluster or of
// the namespace, nil if it does not.
func (r *policyRule) opens(ns *namespace) (place []any, whom string) {
	if r.anyPeer {
		return r.path, "everybody"
	}
	if path := r.everyNamespace(); path != nil {
		return path, "every pod of every namespace"
	}
	if i := r.wholeNamespace(ns); i >= 0 {
		return r.peersPath.Join(i), describePeer(&r.peers[i])
	}
	return nil, ""
}
