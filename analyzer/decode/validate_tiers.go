package decode

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// tierAPI is what one version of a kind of policy.networking.k8s.io allows.
// What the API server refuses decides nothing, and fields that an older or
// newer version has beyond these are not understood. In both cases the verdicts
// about the pods that the policy may select become unknown; a place for a
// finding is not kept.
// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha1, v1alpha2, v1beta1
// (the kubebuilder markers).
type tierAPI struct {
	v1alpha1  bool // AdminNetworkPolicy or BaselineAdminNetworkPolicy
	baseline  bool // BaselineAdminNetworkPolicy
	canonical bool // networks have no bits set outside their prefix
	actions   []string
	maxItems  int // rules in a direction, peers and ports in a rule
}

func tierAPIOf(o *source.Object) *tierAPI {
	switch o.APIVersion + "/" + o.Kind {
	case TierGroup + "/v1beta1/ClusterNetworkPolicy":
		return &tierAPI{actions: []string{"Accept", "Deny", "Pass"}, maxItems: 25, canonical: true}
	case TierGroup + "/v1alpha2/ClusterNetworkPolicy":
		return &tierAPI{actions: []string{"Accept", "Deny", "Pass"}, maxItems: 25}
	case TierGroup + "/v1alpha1/AdminNetworkPolicy":
		return &tierAPI{v1alpha1: true, actions: []string{"Allow", "Deny", "Pass"}, maxItems: 100}
	case TierGroup + "/v1alpha1/BaselineAdminNetworkPolicy":
		return &tierAPI{v1alpha1: true, baseline: true, actions: []string{"Allow", "Deny"}, maxItems: 100}
	}
	return nil
}

func (a *tierAPI) allows(p *TierPolicy) bool {
	s := &p.Spec
	switch {
	case a.baseline && (p.Metadata.Name != "default" || s.Priority != nil):
		return false // "Only one baseline admin network policy with metadata.name=default"
	case !a.baseline && (s.Priority == nil || *s.Priority < 0 || *s.Priority > 1000):
		return false
	case a.v1alpha1 && s.Tier != "", !a.v1alpha1 && s.Tier != "Admin" && s.Tier != "Baseline":
		return false
	case len(s.Ingress) > a.maxItems || len(s.Egress) > a.maxItems:
		return false
	}
	return a.allowsPods(&s.Subject) &&
		!slices.ContainsFunc(s.Ingress, func(r TierRule) bool { return !a.allowsRule(&r, r.From) || r.To != nil }) &&
		!slices.ContainsFunc(s.Egress, func(r TierRule) bool { return !a.allowsRule(&r, r.To) || r.From != nil })
}

// allowsPods checks a subject, or a peer that is pods. Peers of ingress can be
// nothing else.
func (a *tierAPI) allowsPods(p *TierPeer) bool {
	if fieldsSet(p) != 1 || p.Nodes != nil || p.Networks != nil || p.DomainNames != nil {
		return false
	}
	return p.Pods == nil || p.Pods.PodSelector != nil && (p.Pods.NamespaceSelector != nil || !a.v1alpha1)
}

func (a *tierAPI) allowsRule(r *TierRule, peers []TierPeer) bool {
	const maxName = 100
	switch {
	case !slices.Contains(a.actions, r.Action), len([]rune(r.Name)) > maxName:
		return false
	case len(peers) == 0 || len(peers) > a.maxItems:
		return false
	case a.v1alpha1 && r.Protocols != nil, !a.v1alpha1 && r.Ports != nil:
		return false
	case r.Protocols != nil && len(r.Protocols) == 0, r.Ports != nil && len(r.Ports) == 0:
		return false // v1alpha2 refuses an empty list, and v1alpha1 does not say what it means
	case len(r.Protocols) > a.maxItems || len(r.Ports) > a.maxItems:
		return false
	case slices.ContainsFunc(r.Protocols, func(p TierProtocol) bool { return !allowsProtocol(&p) }):
		return false
	case slices.ContainsFunc(r.Ports, func(p TierPort) bool { return !allowsPort(&p) }):
		return false
	}
	return a.allowsPeers(r, peers)
}

// allowsPeers checks the peers of a rule: pods or, for egress, what lies
// outside the cluster, which has no names for ports.
func (a *tierAPI) allowsPeers(r *TierRule, peers []TierPeer) bool {
	named := slices.ContainsFunc(r.Protocols, func(p TierProtocol) bool { return p.NamedPort != "" }) ||
		slices.ContainsFunc(r.Ports, func(p TierPort) bool { return p.NamedPort != nil })
	for i := range peers {
		p := &peers[i]
		switch {
		case a.allowsPods(p):
		case r.From != nil, !a.allowsOutside(p, r.Action), named:
			return false
		}
	}
	return true
}

// allowsOutside checks a peer of nodes, networks or domain names. Domain names
// can only be accepted.
func (a *tierAPI) allowsOutside(p *TierPeer, action string) bool {
	if fieldsSet(p) != 1 || p.Namespaces != nil || p.Pods != nil {
		return false
	}
	for _, cidr := range p.Networks {
		prefix, ok := netset.ParsePrefix(cidr)
		if !ok || a.canonical && prefix.String() != cidr {
			return false
		}
	}
	return p.Nodes != nil || 0 < len(p.Networks)+len(p.DomainNames) && len(p.Networks) <= a.maxItems && len(p.DomainNames) <= a.maxItems &&
		(p.DomainNames == nil || action == "Accept" || action == "Allow")
}

func fieldsSet(p *TierPeer) int {
	n := 0
	for _, set := range []bool{p.Namespaces != nil, p.Pods != nil, p.Nodes != nil, p.Networks != nil, p.DomainNames != nil} {
		if set {
			n++
		}
	}
	return n
}

// allowsProtocol checks an item of v1alpha2: exactly one field is set, and of a
// destination port exactly one of number and range.
func allowsProtocol(p *TierProtocol) bool {
	set := 0
	for _, to := range []*TierDestination{p.TCP, p.UDP, p.SCTP} {
		if to == nil {
			continue
		}
		set++
		switch {
		case to.Port == nil, (to.Port.Number != 0) == (to.Port.Range != nil):
			return false
		case to.Port.Range != nil:
			if !allowsRange("TCP", to.Port.Range.Start, to.Port.Range.End) {
				return false
			}
		case !allowsNumber("TCP", to.Port.Number):
			return false
		}
	}
	if p.NamedPort != "" {
		set++
	}
	return set == 1
}

// allowsPort checks an item of v1alpha1: exactly one field is set.
func allowsPort(p *TierPort) bool {
	switch {
	case p.Number != nil && p.Range == nil && p.NamedPort == nil:
		return allowsNumber(p.Number.Protocol, p.Number.Port)
	case p.Number == nil && p.Range != nil && p.NamedPort == nil:
		return allowsRange(p.Range.Protocol, p.Range.Start, p.Range.End)
	}
	return p.Number == nil && p.Range == nil && Deref(p.NamedPort) != ""
}

// allowsRange checks a range: "the Start value must be less than End".
func allowsRange(protocol string, first, last int32) bool {
	return first < last && allowsNumber(protocol, first) && allowsNumber(protocol, last)
}

func allowsNumber(protocol string, port int32) bool {
	return netset.ProtocolIndex(OrTCP(protocol)) >= 0 && 1 <= port && port <= netset.LastPort
}
