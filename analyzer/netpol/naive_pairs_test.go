package netpol_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/naive"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// naiveCluster is a cluster of which everything is known but the nodes that
// pods run on and the addresses that they get.
type naiveCluster struct {
	namespaces map[string]map[string]string
	pods       []naiveMember
	policies   []networkingv1.NetworkPolicy
	tiers      []naiveTier
	networks   bool // some tier names addresses, so that those of pods matter
	orders     [][]naiveTier
	explicit   int                 // how empty fields are written, see naiveExplicit
	undeclared string              // a namespace whose labels nobody knows
	labellings []map[string]string // those that it may have
}

type naiveMember struct {
	naivePod

	namespace string
	host      bool
}

// naiveEnd is one end of one connection: a pod, or an address outside.
type naiveEnd struct {
	pod     *naiveMember
	address netip.Addr // of a pod the one it may have been given
}

type naivePortNumber struct {
	protocol corev1.Protocol
	number   int32
}

// naiveRepresentatives hold one address of each region that the generator's
// blocks can tell apart.
func naiveRepresentatives() []netip.Addr {
	var out []netip.Addr
	for _, a := range []string{"1.0.0.1", "10.0.0.1", "10.128.0.1", "130.0.0.1", "2001:db8::1", "9000::1", "fd00::1"} {
		out = append(out, netip.MustParseAddr(a))
	}
	return out
}

// allows: "both the egress policy on the source pod and the ingress policy on
// the destination pod need to allow the connection". The address that the
// destination pod may have is tried out.
func (c *naiveCluster) allows(src, dst naiveEnd, p naivePortNumber) fact.Tri {
	addresses := []netip.Addr{dst.address}
	if dst.pod != nil && !dst.pod.host && c.networks {
		addresses = naiveRepresentatives()
	}
	labellings := c.labellings
	if len(labellings) == 0 {
		labellings = []map[string]string{nil}
	}
	var answers []fact.Tri
	for _, labels := range labellings {
		if labels != nil {
			c.namespaces[c.undeclared] = labels
		}
		for _, a := range addresses {
			dst.address = a
			answers = append(answers, inventory.Both(c.side("egress", src, dst, dst, p), c.side("ingress", dst, src, dst, p)))
		}
	}
	return naive.Agreed(answers, fact.Unknown)
}

// side answers for one direction: Admin tier, NetworkPolicy, Baseline tier.
func (c *naiveCluster) side(direction string, self, peer, dst naiveEnd, p naivePortNumber) fact.Tri {
	if self.pod == nil || self.pod.host {
		return fact.Yes // policies are about pods of the pod network
	}
	if peer.pod != nil && peer.pod.host {
		// On the same node it is allowed; from another it is an address that
		// only a rule for everybody is sure to mean.
		if c.decide(direction, self, naiveEnd{}, dst, p) == fact.Yes {
			return fact.Yes
		}
		return fact.Unknown
	}
	return c.decide(direction, self, peer, dst, p)
}

func (c *naiveCluster) decide(direction string, self, peer, dst naiveEnd, p naivePortNumber) fact.Tri {
	var answers []fact.Tri
	for _, order := range c.orders {
		switch c.tier("Admin", order, direction, self, peer, dst, p) {
		case "Accept":
			answers = append(answers, fact.Yes)
			continue
		case "Deny":
			answers = append(answers, fact.No)
			continue
		}
		if isolated, admitted := c.networkPolicies(direction, self, peer, dst, p); isolated {
			answers = append(answers, map[bool]fact.Tri{true: fact.Yes, false: fact.No}[admitted])
			continue
		}
		if c.tier("Baseline", order, direction, self, peer, dst, p) == "Deny" {
			answers = append(answers, fact.No)
		} else {
			answers = append(answers, fact.Yes)
		}
	}
	return naive.Agreed(answers, fact.Unknown)
}

func (c *naiveCluster) networkPolicies(direction string, self, peer, dst naiveEnd, p naivePortNumber) (isolated, admitted bool) {
	for i := range c.policies {
		policy := &c.policies[i]
		if policy.Namespace != self.pod.namespace || !naiveSelects(policy.Spec.PodSelector, self.pod.labels) {
			continue
		}
		if direction == "ingress" && naiveIngress(policy.Spec) {
			isolated = true
			for _, r := range policy.Spec.Ingress {
				admitted = admitted || c.rule(policy.Namespace, r.From, r.Ports, peer, dst, p)
			}
		}
		if direction == "egress" && naiveEgress(policy.Spec) {
			isolated = true
			for _, r := range policy.Spec.Egress {
				admitted = admitted || c.rule(policy.Namespace, r.To, r.Ports, peer, dst, p)
			}
		}
	}
	return isolated, admitted
}

// naiveEgress: "Egress will be set if the NetworkPolicy has any egress rules".
func naiveEgress(p networkingv1.NetworkPolicySpec) bool {
	if len(p.PolicyTypes) == 0 {
		return len(p.Egress) > 0
	}
	return slices.Contains(p.PolicyTypes, networkingv1.PolicyTypeEgress)
}

// rule: "traffic must match both ports and from".
func (c *naiveCluster) rule(own string, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort, peer, dst naiveEnd, p naivePortNumber) bool {
	var target naivePod // an address names no ports
	if dst.pod != nil {
		target = dst.pod.naivePod
	}
	if !naivePort(ports, target, corev1.ContainerPort{ContainerPort: p.number, Protocol: p.protocol}) {
		return false
	}
	if len(peers) == 0 {
		return true // "this rule matches all sources"
	}
	if peer.pod == nil {
		return peer.address.IsValid() && naiveFrom(peers, peer.address)
	}
	for _, q := range peers {
		if q.IPBlock == nil && c.selects(own, q.NamespaceSelector, q.PodSelector, peer.pod) {
			return true
		}
	}
	return false
}

func (c *naiveCluster) selects(own string, namespaces, pods *metav1.LabelSelector, pod *naiveMember) bool {
	if namespaces == nil && pod.namespace != own {
		return false // "the Pods matching podSelector in the policy's own namespace"
	}
	if namespaces != nil && !naiveSelects(*namespaces, c.namespaceLabels(pod.namespace)) {
		return false
	}
	return pods == nil || naiveSelects(*pods, pod.labels)
}

func (c *naiveCluster) namespaceLabels(name string) map[string]string {
	out := map[string]string{"kubernetes.io/metadata.name": name}
	maps.Copy(out, c.namespaces[name])
	return out
}

// name is how connectivity rows call the end.
func (e naiveEnd) name(c *naiveCluster) string {
	for i := range c.pods {
		if e.pod == &c.pods[i] {
			return fmt.Sprintf("%s/pod%d[Pod]", e.pod.namespace, i)
		}
	}
	return e.address.String()
}
