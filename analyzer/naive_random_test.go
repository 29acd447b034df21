package analyzer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

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

// document writes the policy as either API has it.
func (t naiveTier) document(i int) map[string]any {
	version, kind := "policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"
	spec := map[string]any{"subject": t.subject.document(), "priority": t.priority}
	switch {
	case !t.old:
		spec["tier"] = t.tier
	case t.tier == "Admin":
		version, kind = "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"
	default:
		version, kind = "policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy"
		delete(spec, "priority")
	}
	for direction, rules := range t.rules {
		var list []any
		for _, r := range rules {
			list = append(list, r.document(direction, t.old))
		}
		spec[direction] = list
	}
	name := fmt.Sprintf("t%d", i)
	if kind == "BaselineAdminNetworkPolicy" {
		name = "default"
	}
	return map[string]any{"apiVersion": version, "kind": kind, "metadata": map[string]any{"name": name}, "spec": spec}
}

func (r naiveTierRule) document(direction string, old bool) map[string]any {
	action := r.action
	if old && action == "Accept" {
		action = "Allow"
	}
	var peers, ports []any
	for _, p := range r.peers {
		peers = append(peers, p.document())
	}
	for _, p := range r.ports {
		switch {
		case p.name != "" && old:
			ports = append(ports, map[string]any{"namedPort": p.name})
		case p.name != "":
			ports = append(ports, map[string]any{"destinationNamedPort": p.name})
		case old && p.first == p.last:
			ports = append(ports, map[string]any{"portNumber": map[string]any{"protocol": p.protocol, "port": p.first}})
		case old:
			ports = append(ports, map[string]any{"portRange": map[string]any{"protocol": p.protocol, "start": p.first, "end": p.last}})
		case p.first == p.last:
			ports = append(ports, map[string]any{strings.ToLower(string(p.protocol)): map[string]any{"destinationPort": map[string]any{"number": p.first}}})
		default:
			ports = append(ports, map[string]any{strings.ToLower(string(p.protocol)): map[string]any{
				"destinationPort": map[string]any{"range": map[string]any{"start": p.first, "end": p.last}},
			}})
		}
	}
	out := map[string]any{"action": action, map[string]string{"ingress": "from", "egress": "to"}[direction]: peers}
	if len(ports) > 0 {
		out[map[bool]string{true: "ports", false: "protocols"}[old]] = ports
	}
	return out
}

func (p naiveTierPeer) document() map[string]any {
	switch {
	case len(p.networks) > 0:
		return map[string]any{"networks": p.networks}
	case p.pods != nil:
		return map[string]any{"pods": map[string]any{"namespaceSelector": p.namespaces, "podSelector": p.pods}}
	default:
		return map[string]any{"namespaces": p.namespaces}
	}
}

// manifests writes the cluster as documents.
func (c *naiveCluster) manifests(tb testing.TB) string {
	tb.Helper()
	var out []string
	for name, labels := range c.namespaces {
		if name == c.undeclared {
			continue
		}
		out = append(out, object(tb, corev1.Namespace{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		}))
	}
	slices.Sort(out)
	for i, pod := range c.pods {
		out = append(out, object(tb, corev1.Pod{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("pod%d", i), Namespace: pod.namespace, Labels: pod.labels},
			Spec:       corev1.PodSpec{HostNetwork: pod.host, Containers: pod.containers()},
		}))
	}
	for _, p := range c.policies {
		out = append(out, naiveExplicit(tb, object(tb, p), c.explicit))
	}
	for i, t := range c.tiers {
		out = append(out, object(tb, t.document(i)))
	}
	return docs(out...)
}

// containers: two of them may give one name to different ports.
func (p naivePod) containers() []corev1.Container {
	return []corev1.Container{{Name: "c", Image: "i", Ports: p.ports[:3]}, {Name: "d", Image: "i", Ports: p.ports[3:]}}
}

// naiveExplicit writes what the API's types leave out when it is empty: as an
// empty value, or as null.
func naiveExplicit(tb testing.TB, policy string, how int) string {
	tb.Helper()
	if how == 0 {
		return policy
	}
	var o map[string]any
	if err := json.Unmarshal([]byte(policy), &o); err != nil {
		tb.Fatal(err)
	}
	empty := any([]any{})
	if how == 2 {
		empty = nil
	}
	fill := func(m map[string]any, fields ...string) {
		for _, f := range fields {
			if m[f] == nil {
				m[f] = empty
			}
		}
	}
	spec := o["spec"].(map[string]any)
	fill(spec, "ingress", "egress", "policyTypes")
	if s, _ := spec["podSelector"].(map[string]any); len(s) == 0 && how == 2 {
		spec["podSelector"] = nil
	}
	for direction, peers := range map[string]string{"ingress": "from", "egress": "to"} {
		rules, _ := spec[direction].([]any)
		for _, r := range rules {
			fill(r.(map[string]any), "ports", peers)
		}
	}
	return object(tb, o)
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
