package netpol

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Policy is a NetworkPolicy v1 and the workloads that it selects.
type Policy struct {
	*decode.Decoded
	Selector inventory.Selector // spec.podSelector
	Rules    []*Rule            // ingress first, in the order of the manifest

	spec                       *networkingv1.NetworkPolicySpec
	ns                         *inventory.Namespace
	ingress, egress            bool // the directions that it isolates
	selected, possiblySelected []*inventory.Workload
}

// Rule is one rule of a NetworkPolicy, in either direction.
type Rule struct {
	Policy    *Policy
	Direction fact.Direction
	Path      yaml.Path // of the rule in its policy
	ports     []networkingv1.NetworkPolicyPort
	Matcher
}

// readPolicies reads the NetworkPolicies of the set and, for resolveUnmodelled,
// the policies of kinds that are not evaluated.
func (n *Network) readPolicies() {
	for _, o := range n.inventory.Objects {
		n.unmodelled.note(o.Object)
		t, ok := o.Typed.(*networkingv1.NetworkPolicy)
		if !ok {
			continue
		}
		n.hasNetworkPolicy = true
		if !o.Believed {
			continue // what the API server refuses isolates nothing
		}
		p := &Policy{Decoded: o, spec: &t.Spec, ns: n.inventory.Namespace(o.Namespace), Selector: inventory.LabelSelector(&t.Spec.PodSelector)}
		p.ingress, p.egress = directions(&t.Spec)
		p.readRules()
		n.PoliciesIn[p.ns] = append(n.PoliciesIn[p.ns], p)
		n.Policies = append(n.Policies, p)
	}
}

// directions applies the defaulting of policyTypes: Ingress always, Egress if
// the spec has an egress rule (an empty list has none).
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

// addRule parses one rule. A missing or empty list of peers is every peer, a
// missing or empty list of ports is every port.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func (p *Policy) addRule(d fact.Direction, list string, i int, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) {
	path := yaml.Path{"spec", string(d), i}
	r := &Rule{Policy: p, Direction: d, Path: path, ports: ports, Matcher: Matcher{anyPeer: len(peers) == 0}}
	parsed := make([]*Peer, 0, len(peers))
	for i := range peers {
		parsed = append(parsed, parsePeer(&peers[i], p.ns, path.Join(list, i)))
	}
	r.setPeers(parsed)
	r.setPorts(ports)
	p.Rules = append(p.Rules, r)
}

// Section is the place at which the policy would be changed to admit more.
func (p *Policy) Section(d fact.Direction) fact.Source {
	for _, field := range []string{string(d), "policyTypes"} {
		if path := (yaml.Path{"spec", field}); p.Node(path) != nil {
			return fact.Source{Object: p.Object, Path: path, Key: true}
		}
	}
	return fact.Source{Object: p.Object, Path: yaml.Path{"spec", "podSelector"}, Key: true}
}
