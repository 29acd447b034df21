package analyzer

import (
	"fmt"
	"slices"
	"strconv"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// networkPolicy is a NetworkPolicy v1 and the workloads that it selects.
type networkPolicy struct {
	*decoded
	spec            *networkingv1.NetworkPolicySpec
	ns              *namespace
	sel             selector
	ingress, egress bool // the directions that it isolates
	rules           []*policyRule
	selected, maybe []*Workload
}

// policyRule is one rule of a policy, in either direction.
type policyRule struct {
	policy    *networkPolicy
	direction direction
	path      yaml.Path
	peersPath yaml.Path
	peers     []networkingv1.NetworkPolicyPeer
	ports     []networkingv1.NetworkPolicyPort
	matcher
}

// selectedBy is what was found to select a workload.
type selectedBy struct {
	policies, maybePolicies   []*networkPolicy
	peerAuths, maybePeerAuths []*peerAuthentication
	others                    map[direction]*otherPolicy
}

func (s *setModel) readPolicies() {
	for _, o := range s.objects {
		s.unmodeled.note(o.Object)
		t, ok := o.typed.(*networkingv1.NetworkPolicy)
		if !ok {
			continue
		}
		s.assumed["the cluster's network plugin enforces NetworkPolicy"] = true
		if !o.believed {
			continue // what the API server refuses isolates nobody
		}
		p := &networkPolicy{decoded: o, spec: &t.Spec, ns: s.namespace(o.Namespace), sel: labelSelector(&t.Spec.PodSelector)}
		p.ingress, p.egress = directions(&t.Spec)
		p.readRules()
		p.ns.policies = append(p.ns.policies, p)
		s.policies = append(s.policies, p)
	}
}

// directions applies the defaulting of policyTypes: Ingress always, Egress
// when the spec has an egress rule (an empty list is none).
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
// and pkg/apis/networking/v1/defaults.go (SetDefaults_NetworkPolicy).
func directions(spec *networkingv1.NetworkPolicySpec) (ingress, egress bool) {
	if len(spec.PolicyTypes) == 0 {
		return true, len(spec.Egress) > 0
	}
	return slices.Contains(spec.PolicyTypes, networkingv1.PolicyTypeIngress),
		slices.Contains(spec.PolicyTypes, networkingv1.PolicyTypeEgress)
}

// direction is the side of a connection that a policy speaks of.
type direction string

const (
	ingress direction = "ingress"
	egress  direction = "egress"
)

func (p *networkPolicy) isolates(d direction) bool {
	return d == ingress && p.ingress || d == egress && p.egress
}

func (p *networkPolicy) readRules() {
	for i, r := range p.spec.Ingress {
		p.addRule(ingress, "from", i, r.From, r.Ports)
	}
	for i, r := range p.spec.Egress {
		p.addRule(egress, "to", i, r.To, r.Ports)
	}
}

// addRule: a missing or empty list of peers is everybody, of ports every port.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func (p *networkPolicy) addRule(d direction, list string, i int, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) {
	path := yaml.Path{"spec", string(d), i}
	r := &policyRule{
		policy: p, direction: d, path: path, peersPath: path.Join(list),
		peers: peers, ports: ports, matcher: matcher{anyPeer: len(peers) == 0},
	}
	r.ranges = unionOfBlocks(peers)
	r.readPorts()
	p.rules = append(p.rules, r)
}

// unionOfBlocks returns the addresses of the rule's blocks.
// An exception carves out of its own block only: another may fill the hole.
func unionOfBlocks(peers []networkingv1.NetworkPolicyPeer) []netipx.IPRange {
	var all netipx.IPSetBuilder
	found := false
	for _, peer := range peers {
		if peer.IPBlock == nil {
			continue
		}
		if set := block(peer.IPBlock); set != nil {
			all.AddSet(set)
			found = true
		}
	}
	if !found {
		return nil
	}
	set, err := all.IPSet()
	if err != nil {
		return nil
	}
	return set.Ranges()
}

func block(b *networkingv1.IPBlock) *netipx.IPSet {
	prefix, ok := parsePrefix(b.CIDR)
	if !ok {
		return nil
	}
	var one netipx.IPSetBuilder
	one.AddPrefix(prefix)
	for _, e := range b.Except {
		if hole, ok := parsePrefix(e); ok {
			one.RemovePrefix(hole)
		}
	}
	set, err := one.IPSet()
	if err != nil {
		return nil
	}
	return set
}

// resolvePolicies finds the workloads that each policy selects.
func (s *setModel) resolvePolicies() {
	for _, p := range s.policies {
		p.selected, p.maybe = p.ns.index.match(p.sel)
		for _, w := range p.selected {
			w.selection.policies = append(w.selection.policies, p)
		}
		for _, w := range p.maybe {
			w.selection.maybePolicies = append(w.selection.maybePolicies, p)
		}
	}
}

// inForce returns the policies that isolate the workload in one direction, and
// those of which nobody knows whether they select it.
func (w *Workload) inForce(d direction) (sure, unsure []*networkPolicy) {
	for _, p := range w.selection.policies {
		if p.isolates(d) {
			sure = append(sure, p)
		}
	}
	for _, p := range w.selection.maybePolicies {
		if p.isolates(d) {
			unsure = append(unsure, p)
		}
	}
	return sure, unsure
}

// policyUnknown reports that policies may apply which were not read or are of
// a kind that is not modelled.
func (s *setModel) policyUnknown(w *Workload, d direction) bool {
	return s.policyUnread(w) || s.otherUnknown(w, d)
}

// policyUnread reports that NetworkPolicies may apply which were not read.
func (s *setModel) policyUnread(w *Workload) bool {
	return s.gaps.unread(w.Namespace, "NetworkPolicy") || isPlaceholder(w.Namespace) || w.guarded()
}

func isEmpty(s *metav1.LabelSelector) bool {
	return len(s.MatchLabels) == 0 && len(s.MatchExpressions) == 0
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func (p *port) String() string {
	switch {
	case p.number == 0:
		return "`" + p.name + "`"
	case p.name == "":
		return strconv.Itoa(p.number)
	default:
		return fmt.Sprintf("%d (`%s`)", p.number, p.name)
	}
}
