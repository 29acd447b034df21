package analyzer

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
)

// peerSet is whom a pair of selectors selects, resolved once for however many
// rules ask it.
type peerSet struct {
	name  string  // as users read it, `namespace{team=a}/pod{app=web}`
	every bool    // every pod of every namespace; the lists are not filled
	yes   []int32 // of parties, sorted
	may   []int32
}

func (s *peerSet) has(x *party) Tri {
	switch {
	case s == nil:
		return No
	case s.every:
		return Yes
	case x.kind == classParty && x.class == s:
		return Yes
	case x.kind != podParty:
		return No // another class: its rows name what is certain
	}
	if _, found := slices.BinarySearch(s.yes, x.id); found {
		return Yes
	}
	if _, found := slices.BinarySearch(s.may, x.id); found {
		return Unknown
	}
	return No
}

// nobody reports selectors that find no pod of the tree.
func (s *peerSet) nobody() bool { return s != nil && !s.every && len(s.yes)+len(s.may) == 0 }

// peerSelector selects pods of namespaces. Without a namespace selector it is
// the namespace own alone.
type peerSelector struct {
	own        *namespace
	namespaces selector
	pods       selector
}

// selectorOf reads a peer; nil is an ipBlock. A peer with a pod selector alone
// stays in the policy's own namespace, one with both selectors asks both.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
func selectorOf(p *networkingv1.NetworkPolicyPeer, own *namespace) *peerSelector {
	if p.IPBlock != nil {
		return nil
	}
	out := &peerSelector{pods: every(), own: own}
	if p.PodSelector != nil {
		out.pods = labelSelector(p.PodSelector)
	}
	if p.NamespaceSelector != nil {
		out.own, out.namespaces = nil, labelSelector(p.NamespaceSelector)
	}
	return out
}

func every() selector { return selector{valid: true} }

// String names the peer in the words of connectivity rows.
func (p *peerSelector) String() string {
	namespace, pod := "any-namespace", "any-pod"
	switch {
	case p.own != nil:
		namespace = display(p.own.name)
	case !p.namespaces.empty():
		namespace = "namespace{" + p.namespaces.text + "}"
	}
	if !p.pods.empty() {
		pod = "pod{" + p.pods.text + "}"
	}
	return namespace + "/" + pod
}

// resolve finds the parties of a peer, each pair of selectors once.
func (n *network) resolve(p *peerSelector) *peerSet {
	if p == nil {
		return nil
	}
	key := p.String()
	if p.own != nil {
		key += "\x00own"
	}
	if !p.pods.valid || p.own == nil && !p.namespaces.valid {
		key += "\x00invalid"
	}
	set := n.peers[key]
	if set == nil {
		set = &peerSet{name: p.String()}
		n.peers[key] = set
		n.fill(set, p)
		slices.Sort(set.yes)
		slices.Sort(set.may)
	}
	return set
}

func (n *network) fill(set *peerSet, p *peerSelector) {
	add := func(within Tri, x *workloadIndex) {
		yes, maybe := x.match(p.pods)
		if within == Unknown {
			yes, maybe = nil, append(yes, maybe...)
		}
		set.yes, set.may = n.ids(set.yes, yes), n.ids(set.may, maybe)
	}
	switch {
	case p.own != nil && p.own.name != "":
		add(Yes, n.index(p.own))
		if blank := n.inventory.namespaces[""]; blank != nil { // may be the same namespace
			add(Unknown, n.index(blank))
		}
	case p.own != nil:
		for _, ns := range n.namespaces {
			add(map[bool]Tri{true: Yes, false: Unknown}[ns == p.own], n.index(ns))
		}
	case p.namespaces.empty() && p.pods.empty():
		set.every = true
	case p.namespaces.empty():
		add(Yes, &n.everywhere)
	default:
		n.fillNamespaces(set, p, add)
	}
}

// fillNamespaces goes through the namespaces, or through the pods where those
// are fewer.
func (n *network) fillNamespaces(set *peerSet, p *peerSelector, add func(Tri, *workloadIndex)) {
	within := n.namespacesOf(p.namespaces)
	candidates := n.everywhere.candidates(p.pods)
	if len(candidates) > len(within) {
		for ns, answer := range within {
			add(answer, n.index(ns))
		}
		return
	}
	for _, w := range candidates {
		switch both(within[w.ns], p.pods.matches(w.labels)) {
		case Yes:
			set.yes = append(set.yes, n.partyOf[w].id)
		case Unknown:
			set.may = append(set.may, n.partyOf[w].id)
		case No:
		}
	}
}

// both is the conjunction; the zero Tri is a no.
func both(a, b Tri) Tri {
	switch {
	case a == Yes && b == Yes:
		return Yes
	case (a == Yes || a == Unknown) && (b == Yes || b == Unknown):
		return Unknown
	}
	return No
}

// namespacesOf returns the namespaces that a selector selects or may select.
func (n *network) namespacesOf(sel selector) map[*namespace]Tri {
	key := sel.text
	if !sel.valid {
		key = "\x00invalid"
	}
	found, ok := n.selected[key]
	if ok {
		return found
	}
	found = map[*namespace]Tri{}
	for _, ns := range n.namespaces {
		if answer := sel.matches(ns.labels); answer != No {
			found[ns] = answer
		}
	}
	n.selected[key] = found
	return found
}

func (n *network) ids(to []int32, workloads []*Workload) []int32 {
	for _, w := range workloads {
		to = append(to, n.partyOf[w].id)
	}
	return to
}
