package netpol_test

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (r random) cluster(tiers bool) *naiveCluster {
	c := &naiveCluster{namespaces: map[string]map[string]string{}}
	names := []string{"ai", "web", "mon"}[:1+r.IntN(3)]
	for _, ns := range names {
		c.namespaces[ns] = r.labels()
	}
	for range 2 + r.IntN(4) {
		c.pods = append(c.pods, naiveMember{naivePod: r.pod(), namespace: r.pick(names...), host: r.IntN(8) == 0})
	}
	for i := range r.IntN(6) {
		c.policies = append(c.policies, networkingv1.NetworkPolicy{
			TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("p%d", i), Namespace: r.pick(names...)}, Spec: r.bothWays(),
		})
	}
	if tiers {
		c.tiers = r.tiers()
	}
	c.explicit = r.IntN(3)
	if r.IntN(8) == 0 {
		c.undeclare(r, r.pick(names...))
	}
	c.orders = naiveOrders(c.tiers)
	c.networks = slices.ContainsFunc(c.tiers, naiveTier.networks)
	return c
}

func (r random) bothWays() networkingv1.NetworkPolicySpec {
	p := networkingv1.NetworkPolicySpec{}
	if r.IntN(3) > 0 {
		p.PodSelector = r.selector()
	}
	for range r.IntN(3) {
		p.Ingress = append(p.Ingress, networkingv1.NetworkPolicyIngressRule{Ports: r.ports(), From: r.peersAnywhere()})
	}
	for range r.IntN(3) {
		p.Egress = append(p.Egress, networkingv1.NetworkPolicyEgressRule{Ports: r.ports(), To: r.peersAnywhere()})
	}
	switch r.IntN(4) {
	case 0:
		p.PolicyTypes = []networkingv1.PolicyType{"Ingress"}
	case 1:
		p.PolicyTypes = []networkingv1.PolicyType{"Egress"}
	case 2:
		p.PolicyTypes = []networkingv1.PolicyType{"Ingress", "Egress"}
	}
	return p
}

func (r random) namespaceSelector() metav1.LabelSelector {
	if r.IntN(4) == 0 {
		return metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": r.pick("ai", "web", "elsewhere")}}
	}
	return r.selector()
}

func (r random) peersAnywhere() []networkingv1.NetworkPolicyPeer {
	out := r.peers()
	for range r.IntN(3) {
		var peer networkingv1.NetworkPolicyPeer
		if namespaces := r.namespaceSelector(); r.IntN(3) > 0 {
			peer.NamespaceSelector = &namespaces
		}
		if pods := r.selector(); peer.NamespaceSelector == nil || r.IntN(2) == 0 {
			peer.PodSelector = &pods
		}
		out = append(out, peer)
	}
	if len(out) == 0 && r.IntN(2) == 0 { // everybody is drawn often enough
		out = append(out, networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{}})
	}
	return out
}

// tiers are of one generation: what two of them decide together is undefined.
func (r random) tiers() []naiveTier {
	var out []naiveTier
	old := r.IntN(4) == 0
	for range r.IntN(5) {
		t := r.tier(old)
		single := func(u naiveTier) bool { return u.tier == "Baseline" }
		if old && single(t) && slices.ContainsFunc(out, single) {
			continue // there is one, named default
		}
		out = append(out, t)
	}
	return out
}

func (r random) tier(old bool) naiveTier {
	t := naiveTier{old: old, tier: r.pick("Admin", "Baseline"), priority: r.IntN(6), subject: r.tierPeer(), rules: map[string][]naiveTierRule{}}
	actions := []string{"Accept", "Deny", "Pass"}
	if t.old && t.tier == "Baseline" {
		t.priority, actions = 0, actions[:2]
	}
	for _, direction := range []string{"ingress", "egress"} {
		for range r.IntN(3) {
			rule := naiveTierRule{action: r.pick(actions...), peers: []naiveTierPeer{r.tierPeer()}}
			networks := direction == "egress" && r.IntN(4) == 0
			if networks {
				rule.peers = append(rule.peers, naiveTierPeer{networks: [][]string{
					{"0.0.0.0/0"}, {"10.0.0.0/8"}, {"128.0.0.0/1"}, {"::/0"}, {"0.0.0.0/0", "::/0"},
				}[r.IntN(5)]})
			}
			for range r.IntN(3) {
				rule.ports = append(rule.ports, r.tierPort(networks))
			}
			t.rules[direction] = append(t.rules[direction], rule)
		}
	}
	return t
}

// tierPort is a number, a range or, where every peer is pods, a name.
func (r random) tierPort(networks bool) naiveTierPort {
	if !networks && r.IntN(3) == 0 {
		return naiveTierPort{name: r.pick("http", "grpc")}
	}
	first := int32([]int{80, 85, 8000}[r.IntN(3)])
	p := naiveTierPort{protocol: corev1.Protocol(r.pick("TCP", "UDP", "SCTP")), first: first, last: first}
	if r.IntN(3) > 0 {
		p.last = []int32{8001, 8499, 8500, 9000, 65534, 65535}[r.IntN(6)]
	}
	return p
}

// tierPeer is everybody often enough for policies to meet.
func (r random) tierPeer() naiveTierPeer {
	if r.IntN(2) == 0 {
		return naiveTierPeer{}
	}
	p := naiveTierPeer{namespaces: r.namespaceSelector()}
	if pods := r.selector(); r.IntN(2) == 0 {
		p.pods = &pods
	}
	return p
}

// undeclare leaves the Namespace object out: any labels may be its own, of
// which a few are tried.
func (c *naiveCluster) undeclare(r random, name string) {
	c.undeclared = name
	c.labellings = []map[string]string{{}, {"app": "a", "tier": "a", "team": "a"}, {"app": "b", "tier": "b", "team": "b"}}
	for range 3 {
		c.labellings = append(c.labellings, r.labels())
	}
}
