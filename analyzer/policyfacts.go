package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

func (s *setModel) policyFacts(p *networkPolicy) *NetworkPolicyFacts {
	f := &NetworkPolicyFacts{
		Selector: "some", Selects: s.answer(p.sel, p.selected, p.maybe, p.ns), Closed: p.ns.closedFor(p.Object),
		TypesGiven: len(p.spec.PolicyTypes) > 0,
		Ingress:    section(p, "ingress", p.ingress, len(p.spec.Ingress)),
		Egress:     section(p, "egress", p.egress, len(p.spec.Egress)),
	}
	if p.sel.empty() {
		f.Selector = "all"
	}
	f.PodSel = selectorFacts(p.decoded, p.sel, p.ns, f.Selects, "spec", "podSelector")
	f.Rules = make([]PolicyRule, 0, len(p.rules))
	s.network() // resolves the peers
	beside := map[direction][]*networkPolicy{ingress: p.beside(ingress), egress: p.beside(egress)}
	for _, r := range p.rules {
		rule := s.ruleFacts(r)
		if other := r.repeated(beside[r.direction]); other != nil && rule.Applies {
			rule.Redundant = true
			rule.Names["other"] = refPlain(other.policy.Object)
			rule.Names["place"] = other.path.String()
		}
		f.Rules = append(f.Rules, rule)
	}
	return f
}

func section(p *networkPolicy, direction string, applies bool, rules int) SectionFacts {
	return SectionFacts{Applies: applies, Rules: rules, Evidence: Evidence{
		From:  Source{Object: p.Object, Path: yaml.Path{"spec", direction}},
		Names: map[string]string{"direction": direction},
	}}
}

func (s *setModel) ruleFacts(r *policyRule) PolicyRule {
	f := PolicyRule{Direction: string(r.direction), Applies: r.policy.isolates(r.direction), Peers: "some", Ports: "some", SplitPeer: No}
	f.From = Source{Object: r.policy.Object, Path: r.path}
	f.Names = map[string]string{"direction": string(r.direction)}
	if r.anyPeer {
		f.Peers = "any"
	}
	if len(r.ports) == 0 {
		f.Ports = "all"
		f.Names["peers"] = describePeers(r)
	}
	f.Served = s.served(r.policy, &f)
	f.Whom, f.PortList = s.whom(r), s.portList(r)
	s.splitPeer(r, &f)
	return f
}

// served counts the ports that the selected workloads serve.
func (s *setModel) served(p *networkPolicy, f *PolicyRule) string {
	ports := map[string]*port{}
	most, known := 0, false
	for _, w := range p.selected {
		f.Workloads = append(f.Workloads, w.ref())
		known = known || w.told()
		most = max(most, len(w.ports))
		for _, q := range w.ports {
			ports[q.String()] = q
		}
	}
	f.Names["served"] = inOrder(ports)
	switch {
	case len(ports) == 0:
		return "none" // a policy for pods of which nothing but the label is known
	case !known || len(p.maybe) > 0:
		return "unknown"
	case most > 1:
		return "many"
	default:
		return "one"
	}
}

// splitPeer recognises the stray dash that turns "these pods in those
// namespaces" into "all of those namespaces, or these pods here": two
// neighbouring peers, one with a namespaceSelector alone and one with a
// podSelector alone, of which the second finds no pod in the policy's own
// namespace.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
func (s *setModel) splitPeer(r *policyRule, f *PolicyRule) {
	if r.policy.ns.closedFor(r.policy.Object) != Yes {
		return
	}
	for i := 1; i < len(r.peers); i++ {
		nsItem, podItem := &r.peers[i-1], &r.peers[i]
		at := i - 1
		if nsItem.NamespaceSelector == nil {
			nsItem, podItem, at = podItem, nsItem, i
		}
		if !onlyNamespaces(nsItem) || !onlyPods(podItem) {
			continue
		}
		pods := labelSelector(podItem.PodSelector)
		yes, maybe := r.policy.ns.index.match(pods)
		if len(yes)+len(maybe) > 0 || r.policy.ns.madeLater(pods) || !s.mayLiveIn(pods, r.policy.ns, labelSelector(nsItem.NamespaceSelector)) {
			continue
		}
		f.Whom[i-1].Split, f.Whom[i].Split = true, true
		f.SplitPeer = Yes
		f.From = Source{Object: r.policy.Object, Path: r.peersPath.Join(at, "namespaceSelector")}
		f.Names["namespaces"] = "`" + labelSelector(nsItem.NamespaceSelector).String() + "`"
		f.Names["pods"] = "`" + pods.String() + "`"
		return
	}
}

// mayLiveIn reports that the pods may be in the namespaces, for all that the
// tree says: they live nowhere else.
func (s *setModel) mayLiveIn(pods selector, own *namespace, namespaces selector) bool {
	home := s.namespaces[s.elsewhere(own, pods)]
	return home == nil || home == own || namespaces.matches(home.labels) != No
}

func onlyNamespaces(p *networkingv1.NetworkPolicyPeer) bool {
	return p.NamespaceSelector != nil && p.PodSelector == nil && p.IPBlock == nil
}

func onlyPods(p *networkingv1.NetworkPolicyPeer) bool {
	return p.PodSelector != nil && !isEmpty(p.PodSelector) && p.NamespaceSelector == nil && p.IPBlock == nil
}

// everyPod recognises the peer that is every pod of every namespace.
func everyPod(p *networkingv1.NetworkPolicyPeer) bool {
	return p.NamespaceSelector != nil && isEmpty(p.NamespaceSelector) && (p.PodSelector == nil || isEmpty(p.PodSelector))
}

// describePeers says in words whom a rule admits.
func describePeers(r *policyRule) string {
	if r.anyPeer {
		return "everybody"
	}
	parts := make([]string, 0, len(r.peers))
	for i := range r.peers {
		parts = append(parts, describePeer(&r.peers[i]))
	}
	return strings.Join(parts, ", ")
}

func describePeer(p *networkingv1.NetworkPolicyPeer) string {
	if p.IPBlock != nil {
		return "`" + p.IPBlock.CIDR + "`"
	}
	pods := "every pod"
	if p.PodSelector != nil && !isEmpty(p.PodSelector) {
		pods = "pods `" + labelSelector(p.PodSelector).String() + "`"
	}
	switch {
	case p.NamespaceSelector == nil:
		return pods + " of its namespace"
	case isEmpty(p.NamespaceSelector):
		return pods + " of every namespace"
	default:
		return pods + " of namespaces `" + labelSelector(p.NamespaceSelector).String() + "`"
	}
}

func (s *setModel) peerAuthFacts(p *peerAuthentication) *PeerAuthenticationFacts {
	f := &PeerAuthenticationFacts{
		RootNamespace: p.root, Selector: "none", Selects: Unknown, Closed: p.ns.closedFor(p.Object),
		Mode: modeOf(p.spec.GetMtls()), Ports: s.portExceptions(p),
	}
	if p.selects() {
		f.Selector = "some"
		if !p.root {
			f.Selects = s.answer(p.sel, p.selected, p.maybe, p.ns)
		}
	}
	f.PodSel = selectorFacts(p.decoded, p.sel, p.ns, f.Selects, "spec", "selector")
	f.Rivals = s.rivals(p)
	f.Ambient = s.ambientFacts(p)
	return f
}

// inOrder writes ports by their numbers.
func inOrder(ports map[string]*port) string {
	names := slices.SortedFunc(maps.Keys(ports), func(a, b string) int {
		return cmp.Or(ports[a].number-ports[b].number, strings.Compare(a, b))
	})
	return strings.Join(names, ", ")
}
