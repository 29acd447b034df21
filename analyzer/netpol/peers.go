package netpol

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// peerSet is whom a pair of selectors selects, resolved once for however many
// rules ask it.
type peerSet struct {
	name     string  // as users read it, `namespace{team=a}/pod{app=web}`
	every    bool    // every pod of every namespace; the lists are not filled
	definite []int32 // of parties, sorted
	possible []int32
}

func (s *peerSet) Has(x *Endpoint) fact.Tri {
	switch {
	case s == nil:
		return fact.No
	case s.every:
		return fact.Yes
	case x.Kind == UnknownPods && x.Class == s:
		return fact.Yes
	case x.Kind != PodEndpoint:
		return fact.No // another class: its rows name what is certain
	}
	if _, found := slices.BinarySearch(s.definite, x.id); found {
		return fact.Yes
	}
	if _, found := slices.BinarySearch(s.possible, x.id); found {
		return fact.Unknown
	}
	return fact.No
}

// nobody reports selectors that find no pod of the tree.
func (s *peerSet) nobody() bool { return s != nil && !s.every && len(s.definite)+len(s.possible) == 0 }

// peerSelector selects pods of namespaces. Without a namespace selector it is
// the namespace own alone.
type peerSelector struct {
	own        *inventory.Namespace
	namespaces inventory.Selector
	pods       inventory.Selector
}

// selectorOf reads a peer; nil is an ipBlock. A peer with a pod selector alone
// stays in the policy's own namespace, one with both selectors asks both.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
func selectorOf(p *networkingv1.NetworkPolicyPeer, own *inventory.Namespace) *peerSelector {
	if p.IPBlock != nil {
		return nil
	}
	out := &peerSelector{pods: inventory.EveryPod(), own: own}
	if p.PodSelector != nil {
		out.pods = inventory.LabelSelector(p.PodSelector)
	}
	if p.NamespaceSelector != nil {
		out.own, out.namespaces = nil, inventory.LabelSelector(p.NamespaceSelector)
	}
	return out
}

// String names the peer in the words of connectivity rows.
func (p *peerSelector) String() string {
	namespace, pod := "any-namespace", "any-pod"
	switch {
	case p.own != nil:
		namespace = fact.Display(p.own.Name)
	case !p.namespaces.Empty():
		namespace = "namespace{" + p.namespaces.Text + "}"
	}
	if !p.pods.Empty() {
		pod = "pod{" + p.pods.Text + "}"
	}
	return namespace + "/" + pod
}

// resolve finds the parties of a peer, each pair of selectors once.
func (n *Network) resolve(p *peerSelector) *peerSet {
	if p == nil {
		return nil
	}
	key := p.String()
	if p.own != nil {
		key += "\x00own"
	}
	if !p.pods.Valid || p.own == nil && !p.namespaces.Valid {
		key += "\x00invalid"
	}
	set := n.peers[key]
	if set == nil {
		set = &peerSet{name: p.String()}
		n.peers[key] = set
		n.fill(set, p)
		slices.Sort(set.definite)
		slices.Sort(set.possible)
	}
	return set
}

func (n *Network) fill(set *peerSet, p *peerSelector) {
	add := func(within fact.Tri, x *inventory.WorkloadIndex) {
		yes, maybe := x.Match(p.pods)
		if within == fact.Unknown {
			yes, maybe = nil, append(yes, maybe...)
		}
		set.definite, set.possible = n.ids(set.definite, yes), n.ids(set.possible, maybe)
	}
	switch {
	case p.own != nil && p.own.Name != "":
		add(fact.Yes, n.index(p.own))
		if blank := n.inventory.Namespaces[""]; blank != nil { // may be the same namespace
			add(fact.Unknown, n.index(blank))
		}
	case p.own != nil:
		for _, ns := range n.namespaces {
			add(map[bool]fact.Tri{true: fact.Yes, false: fact.Unknown}[ns == p.own], n.index(ns))
		}
	case p.namespaces.Empty() && p.pods.Empty():
		set.every = true
	case p.namespaces.Empty():
		add(fact.Yes, &n.everywhere)
	default:
		n.fillNamespaces(set, p, add)
	}
}

// fillNamespaces goes through the namespaces, or through the pods where those
// are fewer.
func (n *Network) fillNamespaces(set *peerSet, p *peerSelector, add func(fact.Tri, *inventory.WorkloadIndex)) {
	within := n.namespacesOf(p.namespaces)
	candidates := n.everywhere.Candidates(p.pods)
	if len(candidates) > len(within) {
		for ns, answer := range within {
			add(answer, n.index(ns))
		}
		return
	}
	for _, w := range candidates {
		switch inventory.Both(within[w.Ns], p.pods.Matches(w.LabelSet)) {
		case fact.Yes:
			set.definite = append(set.definite, n.PartyOf[w].id)
		case fact.Unknown:
			set.possible = append(set.possible, n.PartyOf[w].id)
		case fact.No:
		}
	}
}

// namespacesOf returns the namespaces that a selector selects or may select.
func (n *Network) namespacesOf(sel inventory.Selector) map[*inventory.Namespace]fact.Tri {
	key := sel.Text
	if !sel.Valid {
		key = "\x00invalid"
	}
	found, ok := n.selected[key]
	if ok {
		return found
	}
	found = map[*inventory.Namespace]fact.Tri{}
	for _, ns := range n.namespaces {
		if answer := sel.Matches(ns.Labels); answer != fact.No {
			found[ns] = answer
		}
	}
	n.selected[key] = found
	return found
}

func (n *Network) ids(to []int32, workloads []*inventory.Workload) []int32 {
	for _, w := range workloads {
		to = append(to, n.PartyOf[w].id)
	}
	return to
}
