package netpol

import (
	"slices"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Policy is a NetworkPolicy v1 and the workloads that it selects.
type Policy struct {
	*decode.Decoded
	spec                       *networkingv1.NetworkPolicySpec
	ns                         *inventory.Namespace
	Sel                        inventory.Selector
	ingress, egress            bool // the directions that it isolates
	Rules                      []*Rule
	selected, possiblySelected []*inventory.Workload
}

// Rule is one rule of a policy, in either direction.
type Rule struct {
	Policy    *Policy
	Direction fact.Direction
	Path      yaml.Path
	PeersPath yaml.Path
	Peers     []networkingv1.NetworkPolicyPeer
	ports     []networkingv1.NetworkPolicyPort
	Matcher
}

// selectedBy is what was found to select a workload.
type selectedBy struct {
	policies, possible []*Policy
	others             map[fact.Direction]*OtherPolicy
}

func (s *Network) readPolicies() {
	for _, o := range s.inventory.Objects {
		s.Unmodelled.note(o.Object)
		t, ok := o.Typed.(*networkingv1.NetworkPolicy)
		if !ok {
			continue
		}
		s.enforced = true
		if !o.Believed {
			continue // what the API server refuses isolates nobody
		}
		p := &Policy{Decoded: o, spec: &t.Spec, ns: s.inventory.Namespace(o.Namespace), Sel: inventory.LabelSelector(&t.Spec.PodSelector)}
		p.ingress, p.egress = directions(&t.Spec)
		p.readRules()
		s.PoliciesIn[p.ns] = append(s.PoliciesIn[p.ns], p)
		s.Policies = append(s.Policies, p)
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

func (p *Policy) isolates(d fact.Direction) bool {
	return d == fact.Ingress && p.ingress || d == fact.Egress && p.egress
}

func (p *Policy) readRules() {
	for i, r := range p.spec.Ingress {
		p.addRule(fact.Ingress, "from", i, r.From, r.Ports)
	}
	for i, r := range p.spec.Egress {
		p.addRule(fact.Egress, "to", i, r.To, r.Ports)
	}
}

// addRule: a missing or empty list of peers is everybody, of ports every port.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func (p *Policy) addRule(d fact.Direction, list string, i int, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) {
	path := yaml.Path{"spec", string(d), i}
	r := &Rule{
		Policy: p, Direction: d, Path: path, PeersPath: path.Join(list),
		Peers: peers, ports: ports, Matcher: Matcher{anyPeer: len(peers) == 0},
	}
	for i := range peers {
		r.selectors = append(r.selectors, selectorOf(&peers[i], p.ns))
	}
	r.Ranges = UnionOfBlocks(peers)
	r.readPorts()
	p.Rules = append(p.Rules, r)
}

// UnionOfBlocks returns the addresses of the rule's blocks.
// An exception carves out of its own block only: another may fill the hole.
func UnionOfBlocks(peers []networkingv1.NetworkPolicyPeer) []netipx.IPRange {
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
	prefix, ok := netset.ParsePrefix(b.CIDR)
	if !ok {
		return nil
	}
	var one netipx.IPSetBuilder
	one.AddPrefix(prefix)
	for _, e := range b.Except {
		if hole, ok := netset.ParsePrefix(e); ok {
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
func (s *Network) resolvePolicies() {
	for _, p := range s.Policies {
		p.selected, p.possiblySelected = p.ns.Index.Match(p.Sel)
		for _, w := range p.selected {
			by := s.selection(w)
			by.policies = append(by.policies, p)
		}
		for _, w := range p.possiblySelected {
			by := s.selection(w)
			by.possible = append(by.possible, p)
		}
	}
}

// selection is what selects a workload.
func (s *Network) selection(w *inventory.Workload) *selectedBy {
	by := s.selections[w]
	if by == nil {
		by = &selectedBy{}
		s.selections[w] = by
	}
	return by
}

// inForce returns the policies that isolate the workload in one direction, and
// those of which nobody knows whether they select it.
func (s *Network) inForce(w *inventory.Workload, d fact.Direction) (sure, unsure []*Policy) {
	by := s.selection(w)
	for _, p := range by.policies {
		if p.isolates(d) {
			sure = append(sure, p)
		}
	}
	for _, p := range by.possible {
		if p.isolates(d) {
			unsure = append(unsure, p)
		}
	}
	return sure, unsure
}

// policyUnknown reports that policies may apply which were not read or are of
// a kind that is not modelled.
func (s *Network) policyUnknown(w *inventory.Workload, d fact.Direction) bool {
	return s.policyUnread(w) || s.OtherUnknown(w, d)
}

// mayMeet reports a policy that would select the workload if the namespace that
// one of both does not name were that of the other.
func (s *Network) mayMeet(w *inventory.Workload) bool {
	unnamed := s.inventory.Namespaces[""]
	if unnamed == nil {
		return false
	}
	policies := s.PoliciesIn[unnamed]
	if w.Namespace == "" {
		policies = s.Policies
	}
	return slices.ContainsFunc(policies, func(p *Policy) bool {
		return (p.Namespace == "") != (w.Namespace == "") && p.Sel.Matches(w.LabelSet) != fact.No
	})
}

// MayHaveUnread reports that for some workload of a namespace.
func (s *Network) MayHaveUnread(ns *inventory.Namespace) bool {
	return s.inventory.Gaps.Hides("NetworkPolicy", ns.Name) || slices.ContainsFunc(ns.Index.All, s.policyUnread)
}

// policyUnread reports that a NetworkPolicy may select the workload of which
// that is not known: it was not read, or it lies in a namespace that may be the
// workload's.
func (s *Network) policyUnread(w *inventory.Workload) bool {
	const kind = "NetworkPolicy"
	return s.inventory.Gaps.Hides(kind, w.Namespace) || s.inventory.Stray(kind, w) != nil || s.mayMeet(w) || decode.IsPlaceholder(w.Namespace) || w.OperatorAddsPolicies()
}
