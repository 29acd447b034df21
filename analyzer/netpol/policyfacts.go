package netpol

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

func (s *Network) PolicyFacts(p *Policy) *fact.NetworkPolicyFacts {
	f := &fact.NetworkPolicyFacts{
		Selector: "some", Selects: s.inventory.Answer(p.Sel, p.selected, p.possiblySelected, p.ns), Closed: p.ns.CompleteFor(p.Object),
		TypesGiven: len(p.spec.PolicyTypes) > 0,
		Ingress:    section(p, "ingress", p.ingress, len(p.spec.Ingress)),
		Egress:     section(p, "egress", p.egress, len(p.spec.Egress)),
	}
	if p.Sel.Empty() {
		f.Selector = "all"
	}
	f.PodSel = inventory.SelectorFacts(p.Decoded, p.Sel, p.ns, f.Selects, "spec", "podSelector")
	f.Rules = make([]fact.PolicyRule, 0, len(p.Rules))
	beside := map[fact.Direction][]*Policy{fact.Ingress: s.beside(p, fact.Ingress), fact.Egress: s.beside(p, fact.Egress)}
	for _, r := range p.Rules {
		rule := s.ruleFacts(r)
		if other := r.repeated(beside[r.Direction]); other != nil && rule.Applies {
			rule.Redundant = true
			rule.Names["other"] = fact.RefPlain(other.Policy.Object)
			rule.Names["place"] = other.Path.String()
		}
		f.Rules = append(f.Rules, rule)
	}
	return f
}

func section(p *Policy, direction string, applies bool, rules int) fact.SectionFacts {
	return fact.SectionFacts{Applies: applies, Rules: rules, Evidence: fact.Evidence{
		From:  fact.Source{Object: p.Object, Path: yaml.Path{"spec", direction}},
		Names: map[string]string{"direction": direction},
	}}
}

func (s *Network) ruleFacts(r *Rule) fact.PolicyRule {
	f := fact.PolicyRule{Direction: string(r.Direction), Applies: r.Policy.isolates(r.Direction), Peers: "some", Ports: "some", SplitPeer: fact.No}
	f.From = fact.Source{Object: r.Policy.Object, Path: r.Path}
	f.Names = map[string]string{"direction": string(r.Direction)}
	if r.anyPeer {
		f.Peers = "any"
	}
	if len(r.ports) == 0 {
		f.Ports = "all"
		f.Names["peers"] = describePeers(r)
	}
	f.Served = s.served(r.Policy, &f)
	f.Whom, f.PortList = s.whom(r), s.portList(r)
	s.splitPeer(r, &f)
	return f
}

// served counts the ports that the selected workloads serve.
func (s *Network) served(p *Policy, f *fact.PolicyRule) string {
	ports := map[string]*inventory.Port{}
	most, known := 0, false
	for _, w := range p.selected {
		f.Workloads = append(f.Workloads, w.Ref())
		known = known || w.FullySpecified()
		most = max(most, len(w.Ports))
		for _, q := range w.Ports {
			ports[q.String()] = q
		}
	}
	f.Names["served"] = inOrder(ports)
	switch {
	case len(ports) == 0:
		return "none" // a policy for pods of which nothing but the label is known
	case !known || len(p.possiblySelected) > 0:
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
func (s *Network) splitPeer(r *Rule, f *fact.PolicyRule) {
	if r.Policy.ns.CompleteFor(r.Policy.Object) != fact.Yes {
		return
	}
	for i := 1; i < len(r.Peers); i++ {
		nsItem, podItem := &r.Peers[i-1], &r.Peers[i]
		at := i - 1
		if nsItem.NamespaceSelector == nil {
			nsItem, podItem, at = podItem, nsItem, i
		}
		if !onlyNamespaces(nsItem) || !onlyPods(podItem) {
			continue
		}
		pods := inventory.LabelSelector(podItem.PodSelector)
		yes, maybe := r.Policy.ns.Index.Match(pods)
		if len(yes)+len(maybe) > 0 || r.Policy.ns.MadeLater(pods) || !s.mayLiveIn(pods, r.Policy.ns, inventory.LabelSelector(nsItem.NamespaceSelector)) {
			continue
		}
		f.Whom[i-1].Split, f.Whom[i].Split = true, true
		f.SplitPeer = fact.Yes
		f.From = fact.Source{Object: r.Policy.Object, Path: r.PeersPath.Join(at, "namespaceSelector")}
		f.Names["namespaces"] = "`" + inventory.LabelSelector(nsItem.NamespaceSelector).String() + "`"
		f.Names["pods"] = "`" + pods.String() + "`"
		return
	}
}

// mayLiveIn reports that the pods may be in the namespaces, for all that the
// tree says: they live nowhere else.
func (s *Network) mayLiveIn(pods inventory.Selector, own *inventory.Namespace, namespaces inventory.Selector) bool {
	home := s.inventory.Namespaces[s.elsewhere(own, pods)]
	return home == nil || home == own || namespaces.Matches(home.Labels) != fact.No
}

func onlyNamespaces(p *networkingv1.NetworkPolicyPeer) bool {
	return p.NamespaceSelector != nil && p.PodSelector == nil && p.IPBlock == nil
}

func onlyPods(p *networkingv1.NetworkPolicyPeer) bool {
	return p.PodSelector != nil && !decode.IsEmpty(p.PodSelector) && p.NamespaceSelector == nil && p.IPBlock == nil
}

// everyPod recognises the peer that is every pod of every namespace.
func everyPod(p *networkingv1.NetworkPolicyPeer) bool {
	return p.NamespaceSelector != nil && decode.IsEmpty(p.NamespaceSelector) && (p.PodSelector == nil || decode.IsEmpty(p.PodSelector))
}

// describePeers says in words whom a rule admits.
func describePeers(r *Rule) string {
	if r.anyPeer {
		return "everybody"
	}
	parts := make([]string, 0, len(r.Peers))
	for i := range r.Peers {
		parts = append(parts, DescribePeer(&r.Peers[i]))
	}
	return strings.Join(parts, ", ")
}

func DescribePeer(p *networkingv1.NetworkPolicyPeer) string {
	if p.IPBlock != nil {
		return "`" + p.IPBlock.CIDR + "`"
	}
	pods := "every pod"
	if p.PodSelector != nil && !decode.IsEmpty(p.PodSelector) {
		pods = "pods `" + inventory.LabelSelector(p.PodSelector).String() + "`"
	}
	switch {
	case p.NamespaceSelector == nil:
		return pods + " of its namespace"
	case decode.IsEmpty(p.NamespaceSelector):
		return pods + " of every namespace"
	default:
		return pods + " of namespaces `" + inventory.LabelSelector(p.NamespaceSelector).String() + "`"
	}
}

// inOrder writes ports by their numbers.
func inOrder(ports map[string]*inventory.Port) string {
	names := slices.SortedFunc(maps.Keys(ports), func(a, b string) int {
		return cmp.Or(ports[a].Number-ports[b].Number, strings.Compare(a, b))
	})
	return strings.Join(names, ", ")
}
