package netpol

import (
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// Permits answers for every port between two endpoints. "For a connection from
// a source pod to a destination pod to be allowed, both the egress policy on
// the source pod and the ingress policy on the destination pod need to allow it."
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
func (n *Network) Permits(src, dst *Endpoint) netset.Permitted {
	in := PermitOn(fact.Ingress, dst, src, dst)
	if in.Possible.Empty() {
		return in
	}
	out := PermitOn(fact.Egress, src, dst, dst)
	if out.Definite.Whole() {
		return in
	}
	return in.Intersect(out)
}

// PermitOn answers for one direction of self, by self's policies alone. peer
// is the other end; dst is whichever of the two is connected to, whose ports
// are asked for.
func PermitOn(d fact.Direction, self, peer, dst *Endpoint) netset.Permitted {
	v := self.View(d)
	switch {
	case v.unmodelled:
		return netset.Permitted{Possible: netset.WholePorts()}
	case !self.Enforced():
		return netset.PermitAll()
	}
	out := v.permit(d, self, peer, dst)
	if peer.OnHostNetwork() {
		// "Traffic to and from the node where a Pod is running is always
		// allowed"; manifests do not say whether it is that node. A rule without
		// peers holds for nodes too, one for addresses depends on theirs.
		// https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites
		out.Possible = netset.WholePorts()
	}
	return out
}

// permit runs through the tiers: Admin, then NetworkPolicy for the pods that
// one selects, Baseline for the others.
// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha2 ClusterNetworkPolicySpec.Tier
func (v *PolicyView) permit(d fact.Direction, self, peer, dst *Endpoint) netset.Permitted {
	lower := netset.PermitAll()
	if len(v.Definite) == 0 && len(v.Tiers.Baseline) > 0 {
		baseline := decide(v.Tiers.Baseline, d, self, peer, dst)
		lower = baseline.withLowerTier(lower)
	}
	lower = v.permitIsolated(d, peer, dst, lower)
	if len(v.Tiers.Admin) == 0 {
		return lower
	}
	admin := decide(v.Tiers.Admin, d, self, peer, dst)
	return admin.withLowerTier(lower)
}

// permitIsolated is what the NetworkPolicies admit together, or notIsolated
// where none selects the endpoint.
func (v *PolicyView) permitIsolated(d fact.Direction, peer, dst *Endpoint, notIsolated netset.Permitted) netset.Permitted {
	var out netset.Permitted
	for _, p := range v.Definite {
		a := p.admits(d, peer, dst)
		out.Definite, out.Possible = out.Definite.Union(a.Definite), out.Possible.Union(a.Possible)
	}
	if len(v.Definite) == 0 {
		out = notIsolated
	}
	for _, p := range v.Possible {
		a := p.admits(d, peer, dst)
		out.Possible = out.Possible.Union(a.Possible)
		if len(v.Definite) == 0 { // it may be the only one that isolates
			out.Definite = out.Definite.Intersect(a.Definite)
		}
	}
	if v.unread { // a policy that was not read may admit more, and may be the one that isolates
		out.Possible = netset.WholePorts()
		if len(v.Definite) == 0 {
			out.Definite = netset.Ports{}
		}
	}
	return out
}

// admits is what the rules of one policy admit together.
func (p *Policy) admits(d fact.Direction, peer, dst *Endpoint) netset.Permitted {
	var out netset.Permitted
	for _, r := range p.Rules {
		if r.Direction != d {
			continue
		}
		switch r.Admits(peer) {
		case fact.Yes:
			ports := r.PortsOn(dst)
			out.Definite, out.Possible = out.Definite.Union(ports.Definite), out.Possible.Union(ports.Possible)
		case fact.Unknown:
			out.Possible = out.Possible.Union(r.PortsOn(dst).Possible)
		case fact.No:
		}
	}
	return out
}
