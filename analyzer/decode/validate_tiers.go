package decode

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// tierAPI is what one version of a kind of policy.networking.k8s.io allows.
// What the API server refuses decides nothing, and what an older or newer
// version has more than this is not understood: both leave verdicts open.
// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha1, v1alpha2, v1beta1
// (the kubebuilder markers).
type tierAPI struct {
	old, Admin, baseline bool // of v1alpha1: AdminNetworkPolicy or BaselineAdminNetworkPolicy
	canonical            bool // networks have no bits beside their prefix
	actions              []string
	most                 int // rules in a direction, peers and ports in a rule
}

func TierAPIOf(o *source.Object) *tierAPI {
	switch o.APIVersion + "/" + o.Kind {
	case TierGroup + "/v1beta1/ClusterNetworkPolicy":
		return &tierAPI{actions: []string{"Accept", "Deny", "Pass"}, most: 25, canonical: true}
	case TierGroup + "/v1alpha2/ClusterNetworkPolicy":
		return &tierAPI{actions: []string{"Accept", "Deny", "Pass"}, most: 25}
	case TierGroup + "/v1alpha1/AdminNetworkPolicy":
		return &tierAPI{old: true, Admin: true, actions: []string{"Allow", "Deny", "Pass"}, most: 100}
	case TierGroup + "/v1alpha1/BaselineAdminNetworkPolicy":
		return &tierAPI{old: true, baseline: true, actions: []string{"Allow", "Deny"}, most: 100}
	}
	return nil
}

func (a *tierAPI) Allows(o *TierObject) bool {
	s := &o.Spec
	switch {
	case a.baseline && (o.Metadata.Name != "default" || s.Priority != nil):
		return false // "Only one baseline admin network policy with metadata.name=default"
	case !a.baseline && (s.Priority == nil || *s.Priority < 0 || *s.Priority > 1000):
		return false
	case a.old && s.Tier != "", !a.old && s.Tier != "Admin" && s.Tier != "Baseline":
		return false
	case len(s.Ingress) > a.most || len(s.Egress) > a.most:
		return false
	}
	return a.allowsPods(&s.Subject) &&
		!slices.ContainsFunc(s.Ingress, func(r TierRuleSpec) bool { return !a.allowsRule(&r, r.From) || r.To != nil }) &&
		!slices.ContainsFunc(s.Egress, func(r TierRuleSpec) bool { return !a.allowsRule(&r, r.To) || r.From != nil })
}

// allowsPods: a subject, and every peer of ingress, is pods.
func (a *tierAPI) allowsPods(p *TierPeer) bool {
	if fields(p) != 1 || p.Nodes != nil || p.Networks != nil || p.DomainNames != nil {
		return false
	}
	return p.Pods == nil || p.Pods.PodSelector != nil && (p.Pods.NamespaceSelector != nil || !a.old)
}

func (a *tierAPI) allowsRule(r *TierRuleSpec, peers []TierPeer) bool {
	const longest = 100
	switch {
	case !slices.Contains(a.actions, r.Action), len([]rune(r.Name)) > longest:
		return false
	case len(peers) == 0 || len(peers) > a.most:
		return false
	case a.old && r.Protocols != nil, !a.old && r.Ports != nil:
		return false
	case r.Protocols != nil && len(r.Protocols) == 0, r.Ports != nil && len(r.Ports) == 0:
		return false // refused in v1alpha2, and nowhere said what it means in v1alpha1
	case len(r.Protocols) > a.most || len(r.Ports) > a.most:
		return false
	}
	named := slices.ContainsFunc(r.Protocols, func(p TierProtocol) bool { return p.NamedPort != "" }) ||
		slices.ContainsFunc(r.Ports, func(p TierPort) bool { return p.NamedPort != nil })
	for i := range peers {
		p := &peers[i]
		switch {
		case a.allowsPods(p):
		case r.From != nil, !a.allowsOutside(p, r.Action), named:
			return false // addresses name no ports, and are peers of egress only
		}
	}
	return true
}

// allowsOutside: nodes, networks or domain names, of which the last may only
// be accepted.
func (a *tierAPI) allowsOutside(p *TierPeer, action string) bool {
	if fields(p) != 1 || p.Namespaces != nil || p.Pods != nil {
		return false
	}
	for _, cidr := range p.Networks {
		prefix, ok := netset.ParsePrefix(cidr)
		if !ok || a.canonical && prefix.String() != cidr {
			return false
		}
	}
	return p.Nodes != nil || 0 < len(p.Networks)+len(p.DomainNames) && len(p.Networks) <= a.most && len(p.DomainNames) <= a.most &&
		(p.DomainNames == nil || action == "Accept" || action == "Allow")
}

func fields(p *TierPeer) int {
	n := 0
	for _, set := range []bool{p.Namespaces != nil, p.Pods != nil, p.Nodes != nil, p.Networks != nil, p.DomainNames != nil} {
		if set {
			n++
		}
	}
	return n
}
