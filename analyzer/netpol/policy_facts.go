package netpol

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// PolicyFacts lays out the facts of one NetworkPolicy of the network.
func (n *Network) PolicyFacts(p *Policy) *fact.NetworkPolicyFacts {
	f := &fact.NetworkPolicyFacts{
		Selector: "some", Selects: n.inventory.Answer(p.Selector, p.selected, p.possiblySelected, p.ns), Complete: p.ns.CompleteFor(p.Object),
		HasPolicyTypes: len(p.spec.PolicyTypes) > 0,
		Ingress:        section(p, "ingress", p.ingress, len(p.spec.Ingress)),
		Egress:         section(p, "egress", p.egress, len(p.spec.Egress)),
	}
	if p.Selector.Empty() {
		f.Selector = "all"
	}
	f.PodSel = inventory.SelectorFacts(p.Decoded, p.Selector, p.ns, f.Selects, "spec", "podSelector")
	f.Rules = make([]fact.PolicyRule, 0, len(p.Rules))
	beside := map[fact.Direction][]*Policy{fact.Ingress: n.alsoSelecting(p, fact.Ingress), fact.Egress: n.alsoSelecting(p, fact.Egress)}
	for _, r := range p.Rules {
		rule := n.ruleFacts(r)
		if other := r.repeats(beside[r.Direction]); other != nil && rule.Applies {
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

func (n *Network) ruleFacts(r *Rule) fact.PolicyRule {
	f := fact.PolicyRule{Direction: string(r.Direction), Applies: r.Policy.isolates(r.Direction), PeerKind: "some", PortKind: "some", SplitPeer: fact.No}
	f.From = fact.Source{Object: r.Policy.Object, Path: r.Path}
	f.Names = map[string]string{"direction": string(r.Direction)}
	if r.anyPeer {
		f.PeerKind = "any"
	}
	if len(r.ports) == 0 {
		f.PortKind = "all"
		f.Names["peers"] = describePeers(r)
	}
	f.ServedPorts = n.served(r.Policy, &f)
	f.Peers, f.Ports = n.peerFacts(r), n.portList(r)
	n.splitPeer(r, &f)
	return f
}

// served answers with "none", "one", "many" or "unknown" how many ports a
// workload that the policy selects serves, at most.
func (n *Network) served(p *Policy, f *fact.PolicyRule) string {
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
		return "none" // nothing but the labels of the pods is known
	case !known || len(p.possiblySelected) > 0:
		return "unknown"
	case most > 1:
		return "many"
	default:
		return "one"
	}
}

// splitPeer reports the stray dash that turns "these pods in those namespaces"
// into "all pods of those namespaces, or these pods of this namespace": two
// neighbouring peers, one with a namespaceSelector alone and one with a
// podSelector alone, of which the second selects no pod of the policy's own
// namespace.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
func (n *Network) splitPeer(r *Rule, f *fact.PolicyRule) {
	if r.Policy.ns.CompleteFor(r.Policy.Object) != fact.Yes {
		return
	}
	for i := 1; i < len(r.Peers); i++ {
		namespaces, pods := r.Peers[i-1], r.Peers[i]
		if pods.onlyNamespaces() {
			namespaces, pods = pods, namespaces
		}
		if !namespaces.onlyNamespaces() || !pods.onlyPods() || !n.onlyIn(namespaces.namespaces, pods.pods, r.Policy.ns) {
			continue
		}
		f.Peers[i-1].Split, f.Peers[i].Split = true, true
		f.SplitPeer = fact.Yes
		f.From = fact.Source{Object: r.Policy.Object, Path: namespaces.Path.Join("namespaceSelector")}
		f.Names["namespaces"] = "`" + namespaces.namespaces.String() + "`"
		f.Names["pods"] = "`" + pods.pods.String() + "`"
		return
	}
}

// onlyIn reports that the policy's own namespace has no pods with such labels,
// and that none of the pods in another namespace of the tree contradicts that
// they run in the given namespaces.
func (n *Network) onlyIn(namespaces, pods inventory.Selector, own *inventory.Namespace) bool {
	definite, possible := own.Index.Match(pods)
	if len(definite)+len(possible) > 0 || own.MadeLater(pods) {
		return false
	}
	home := n.inventory.Namespaces[n.onlyOtherNamespace(own, pods)]
	return home == nil || home == own || namespaces.Matches(home.Labels) != fact.No
}

// describePeers says in words which peers a rule admits.
func describePeers(r *Rule) string {
	if r.anyPeer {
		return "everybody"
	}
	parts := make([]string, 0, len(r.Peers))
	for _, p := range r.Peers {
		parts = append(parts, p.Describe())
	}
	return strings.Join(parts, ", ")
}

// inOrder lists the keys of ports in the order of their numbers.
func inOrder(ports map[string]*inventory.Port) string {
	names := slices.SortedFunc(maps.Keys(ports), func(a, b string) int {
		return cmp.Or(ports[a].Number-ports[b].Number, strings.Compare(a, b))
	})
	return strings.Join(names, ", ")
}
