package analyzer

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aisec-lint/aisec-lint/loader"
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
	direction string
	path      loader.Path
	peersPath loader.Path
	peers     []networkingv1.NetworkPolicyPeer
	ports     []networkingv1.NetworkPolicyPort
	anyPeer   bool
	blocks    *netipx.IPSet // union of the rule's ipBlocks, nil without any
	facts     PolicyRule
}

// selectedBy is what was found to select a workload.
type selectedBy struct {
	policies, maybePolicies   []*networkPolicy
	peerAuths, maybePeerAuths []*peerAuthentication
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
// and pkg/apis/networking/v1/defaults.go (SetDefaults_NetworkPolicy)
func directions(spec *networkingv1.NetworkPolicySpec) (ingress, egress bool) {
	if len(spec.PolicyTypes) == 0 {
		return true, len(spec.Egress) > 0
	}
	return slices.Contains(spec.PolicyTypes, networkingv1.PolicyTypeIngress),
		slices.Contains(spec.PolicyTypes, networkingv1.PolicyTypeEgress)
}

func (p *networkPolicy) readRules() {
	for i, r := range p.spec.Ingress {
		p.addRule("ingress", "from", i, r.From, r.Ports)
	}
	for i, r := range p.spec.Egress {
		p.addRule("egress", "to", i, r.To, r.Ports)
	}
}

// addRule: a missing or empty list of peers is everybody, of ports every port.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func (p *networkPolicy) addRule(direction, list string, i int, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) {
	path := loader.Path{"spec", direction, i}
	r := &policyRule{
		policy: p, direction: direction, path: path, peersPath: path.Join(list),
		peers: peers, ports: ports, anyPeer: len(peers) == 0,
	}
	r.blocks = unionOfBlocks(peers)
	p.rules = append(p.rules, r)
}

func unionOfBlocks(peers []networkingv1.NetworkPolicyPeer) *netipx.IPSet {
	var b netipx.IPSetBuilder
	found := false
	for _, peer := range peers {
		if peer.IPBlock == nil {
			continue
		}
		if prefix, ok := parsePrefix(peer.IPBlock.CIDR); ok {
			found = true
			var one netipx.IPSetBuilder
			one.AddPrefix(prefix)
			for _, e := range peer.IPBlock.Except {
				if hole, ok := parsePrefix(e); ok {
					one.RemovePrefix(hole)
				}
			}
			if set, err := one.IPSet(); err == nil {
				b.AddSet(set)
			}
		}
	}
	if !found {
		return nil
	}
	set, err := b.IPSet()
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

// isolation answers whether the union of the policies isolates the workload.
func (s *setModel) isolation(w *Workload, applies func(*networkPolicy) bool) IsolationFacts {
	for _, p := range w.selection.policies {
		if applies(p) {
			return IsolationFacts{Isolated: Yes, Evidence: Evidence{
				From:  Source{Object: p.Object, Path: loader.Path{"spec", "podSelector"}},
				Names: map[string]string{"policy": refPlain(p.Object)},
			}}
		}
	}
	if w.implied || s.policyUnknown(w) || slices.ContainsFunc(w.selection.maybePolicies, applies) {
		return IsolationFacts{Isolated: Unknown}
	}
	return IsolationFacts{Isolated: No}
}

// policyUnknown reports that policies may apply which were not read or are of
// a kind that is not modelled.
func (s *setModel) policyUnknown(w *Workload) bool {
	return s.gaps.unread(w.Namespace, "NetworkPolicy") || s.unmodeled.covers(w.Namespace) || isPlaceholder(w.Namespace)
}

// admissions answers who is admitted to one port of an isolated workload by
// the union of the policies that select it.
func (s *setModel) admissions(w *Workload, p *port) (everyone, cluster AdmitFacts) {
	everyone, cluster = AdmitFacts{Admitted: No}, AdmitFacts{Admitted: No}
	if w.hostNetwork() || w.Facts.Ingress.Isolated != Yes {
		if w.Facts.Ingress.Isolated == Unknown {
			everyone.Admitted, cluster.Admitted = Unknown, Unknown
		}
		return everyone, cluster
	}
	var blocks netipx.IPSetBuilder
	var firstBlock *policyRule
	for _, policy := range w.selection.policies {
		for _, r := range policy.rules {
			if r.direction != "ingress" || !policy.ingress || r.covers(w, p) != Yes {
				continue
			}
			if r.anyPeer && everyone.Admitted != Yes {
				everyone = admitted("no-peers", r, r.path, p)
			}
			if path := r.everyNamespace(); path != nil && cluster.Admitted != Yes {
				cluster = admitted("namespace-selector", r, path, p)
			}
			if r.blocks != nil {
				blocks.AddSet(r.blocks)
				if firstBlock == nil {
					firstBlock = r
				}
			}
		}
	}
	if everyone.Admitted != Yes && firstBlock != nil && coversFamily(&blocks) {
		everyone = admitted("ip-block", firstBlock, firstBlock.blockPath(), p)
	}
	s.qualifyAdmissions(w, &everyone, &cluster)
	return everyone, cluster
}

// qualifyAdmissions takes certainty away where something unread could change
// the answer: further policies only admit more, other kinds may deny.
func (s *setModel) qualifyAdmissions(w *Workload, answers ...*AdmitFacts) {
	for _, a := range answers {
		switch {
		case s.unmodeled.covers(w.Namespace):
			a.Admitted = Unknown
		case a.Admitted == No && (s.policyUnknown(w) || len(w.selection.maybePolicies) > 0 || w.implied):
			a.Admitted = Unknown
		}
	}
}

func admitted(via string, r *policyRule, path loader.Path, p *port) AdmitFacts {
	return AdmitFacts{Admitted: Yes, Via: via, Evidence: Evidence{
		From:  Source{Object: r.policy.Object, Path: path},
		Names: map[string]string{"policy": refPlain(r.policy.Object), "port": p.String()},
	}}
}

func coversFamily(b *netipx.IPSetBuilder) bool {
	set, err := b.IPSet()
	if err != nil {
		return false
	}
	return set.ContainsPrefix(netip.MustParsePrefix("0.0.0.0/0")) || set.ContainsPrefix(netip.MustParsePrefix("::/0"))
}

// covers answers whether the rule's ports include the workload's port. A named
// port is looked up on the destination pod by name and protocol.
func (r *policyRule) covers(w *Workload, p *port) Tri {
	if len(r.ports) == 0 {
		return Yes
	}
	answer := No
	for _, q := range r.ports {
		if orTCP(deref(q.Protocol)) != p.protocol {
			continue
		}
		switch portMatch(q, p, w) {
		case Yes:
			return Yes
		case Unknown:
			answer = Unknown
		}
	}
	return answer
}

func portMatch(q networkingv1.NetworkPolicyPort, p *port, w *Workload) Tri {
	switch {
	case q.Port == nil:
		return Yes
	case q.Port.Type == intstr.String:
		if q.Port.StrVal == p.name {
			return Yes
		}
		if named := w.portNamed(q.Port.StrVal, p.protocol); named != nil && named.number == p.number {
			return Yes
		}
		if w.implied {
			return Unknown
		}
		return No
	case p.number == 0: // an implied workload's port of which only the name is known
		return Unknown
	}
	from, to := int(q.Port.IntVal), int(q.Port.IntVal)
	if q.EndPort != nil {
		to = int(*q.EndPort)
	}
	if p.number >= from && p.number <= to {
		return Yes
	}
	return No
}

// everyNamespace returns the place of a peer that admits every pod of every
// namespace, nil if the rule has none.
func (r *policyRule) everyNamespace() loader.Path {
	for i, peer := range r.peers {
		if peer.NamespaceSelector != nil && isEmpty(peer.NamespaceSelector) && (peer.PodSelector == nil || isEmpty(peer.PodSelector)) {
			return r.peersPath.Join(i, "namespaceSelector")
		}
	}
	return nil
}

// blockPath is the place of the rule's widest address block.
func (r *policyRule) blockPath() loader.Path {
	best, bits := r.path, 129
	for i, peer := range r.peers {
		if peer.IPBlock == nil {
			continue
		}
		if prefix, ok := parsePrefix(peer.IPBlock.CIDR); ok && prefix.Bits() < bits {
			best, bits = r.peersPath.Join(i, "ipBlock", "cidr"), prefix.Bits()
		}
	}
	return best
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
		return fmt.Sprint(p.number)
	default:
		return fmt.Sprintf("%d (`%s`)", p.number, p.name)
	}
}

// unmodelled are policies of other kinds that may change what NetworkPolicies
// decide.
type unmodelled struct {
	cluster    bool
	namespaces map[string]bool
}

// note remembers a policy of Cilium, Calico, Antrea, OVN or the tiers of
// policy.networking.k8s.io.
func (u *unmodelled) note(o *loader.Object) {
	switch o.Group() {
	case "cilium.io", "crd.projectcalico.org", "projectcalico.org", "crd.antrea.io", "policy.networking.k8s.io", "k8s.ovn.org":
	default:
		return
	}
	if !strings.Contains(o.Kind, "Policy") && o.Kind != "EgressFirewall" {
		return
	}
	if o.Namespace == "" {
		u.cluster = true
		return
	}
	if u.namespaces == nil {
		u.namespaces = map[string]bool{}
	}
	u.namespaces[o.Namespace] = true
}

func (u *unmodelled) covers(namespace string) bool {
	return u.cluster || u.namespaces[namespace]
}
