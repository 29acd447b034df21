package netpol

import (
	"maps"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// PeerSet holds the pods of the tree that a pair of selectors selects. Peers
// with equal selectors share one.
type PeerSet struct {
	name     string                            // as rows of connectivity write it, `namespace{team=a}/pod{app=web}`
	every    bool                              // every pod of every namespace; the lists are empty
	definite []int32                           // ids of endpoints, sorted
	possible []int32                           // the same, where labels that are not known decide
	within   map[*inventory.Namespace]fact.Tri // the namespaces of the namespaceSelector; Yes or Unknown
}

// Selects answers whether the set holds the endpoint. A nil set holds none.
func (s *PeerSet) Selects(x *Endpoint) fact.Tri {
	switch {
	case s == nil:
		return fact.No
	case s.every:
		return fact.Yes
	case x.Kind == UnknownPodsEndpoint && x.Peer == s:
		return fact.Yes
	case x.Kind != PodEndpoint:
		return fact.No // pods of another peer: their rows say what is certain
	}
	if _, found := slices.BinarySearch(s.definite, x.id); found {
		return fact.Yes
	}
	if _, found := slices.BinarySearch(s.possible, x.id); found {
		return fact.Unknown
	}
	return fact.No
}

// empty reports selectors that find no pod of the tree.
func (s *PeerSet) empty() bool { return !s.every && len(s.definite)+len(s.possible) == 0 }

// resolver finds the pods of every peer, each pair of selectors once.
type resolver struct {
	*Network
	byNamespace map[*inventory.Namespace]*inventory.WorkloadIndex // one workload of each endpoint that selectors find
	sets        map[string]*PeerSet
	selected    map[string]map[*inventory.Namespace]fact.Tri // by the text of a namespaceSelector
}

// resolvePeers resolves the peers of every rule and the subjects of the tiers.
func (n *Network) resolvePeers() {
	r := &resolver{
		Network: n, byNamespace: map[*inventory.Namespace]*inventory.WorkloadIndex{},
		sets: map[string]*PeerSet{}, selected: map[string]map[*inventory.Namespace]fact.Tri{},
	}
	for _, p := range n.Pods {
		if p.OnHostNetwork() {
			continue // selectors do not find it
		}
		n.allPods.Add(p.Workload)
		r.index(p.Workload.Ns).Add(p.Workload)
	}
	for _, t := range n.tiers {
		t.Subject = r.resolve(t.subject)
	}
	for _, m := range n.matchers() {
		for _, p := range m.Peers {
			if p.block == nil {
				p.resolved = r.resolve(p)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.sets)) {
		if set := r.sets[key]; set.empty() {
			n.unknownPodsOf[set] = &Endpoint{Kind: UnknownPodsEndpoint, Peer: set}
			n.UnknownPods = append(n.UnknownPods, n.unknownPodsOf[set])
		}
	}
}

func (r *resolver) index(ns *inventory.Namespace) *inventory.WorkloadIndex {
	x := r.byNamespace[ns]
	if x == nil {
		x = &inventory.WorkloadIndex{}
		r.byNamespace[ns] = x
	}
	return x
}

func (r *resolver) resolve(p *Peer) *PeerSet {
	key := p.String()
	if p.own != nil {
		key += "\x00own"
	}
	if !p.pods.Valid || p.own == nil && !p.namespaces.Valid {
		key += "\x00invalid"
	}
	set := r.sets[key]
	if set == nil {
		set = &PeerSet{name: p.String()}
		r.sets[key] = set
		r.fill(set, p)
		slices.Sort(set.definite)
		slices.Sort(set.possible)
	}
	return set
}

func (r *resolver) fill(set *PeerSet, p *Peer) {
	add := func(within fact.Tri, x *inventory.WorkloadIndex) {
		definite, possible := x.Match(p.pods)
		if within == fact.Unknown {
			definite, possible = nil, append(possible, definite...)
		}
		set.definite, set.possible = r.ids(set.definite, definite), r.ids(set.possible, possible)
	}
	switch {
	case p.own != nil && p.own.Name != "":
		add(fact.Yes, r.index(p.own))
		if unnamed := r.inventory.Namespaces[""]; unnamed != nil { // may be the same namespace
			add(fact.Unknown, r.index(unnamed))
		}
	case p.own != nil: // a policy that names no namespace may be of any
		for _, ns := range r.namespaces {
			within := fact.Unknown
			if ns == p.own {
				within = fact.Yes
			}
			add(within, r.index(ns))
		}
	case p.everyPod():
		set.every = true
	case p.namespaces.Empty():
		add(fact.Yes, &r.allPods)
	default:
		r.fillNamespaces(set, p, add)
	}
}

// fillNamespaces goes through the namespaces that the peer selects or, where
// these are fewer, through the pods that its podSelector may select.
func (r *resolver) fillNamespaces(set *PeerSet, p *Peer, add func(fact.Tri, *inventory.WorkloadIndex)) {
	set.within = r.namespacesOf(p.namespaces)
	candidates := r.allPods.Candidates(p.pods)
	if len(candidates) > len(set.within) {
		for ns, answer := range set.within {
			add(answer, r.index(ns))
		}
		return
	}
	for _, w := range candidates {
		switch inventory.Both(set.within[w.Ns], p.pods.Matches(w.LabelSet)) {
		case fact.Yes:
			set.definite = append(set.definite, r.EndpointOf[w].id)
		case fact.Unknown:
			set.possible = append(set.possible, r.EndpointOf[w].id)
		case fact.No:
		}
	}
}

// namespacesOf returns the namespaces that a selector selects or may select.
func (r *resolver) namespacesOf(sel inventory.Selector) map[*inventory.Namespace]fact.Tri {
	key := sel.Text
	if !sel.Valid {
		key = "\x00invalid"
	}
	found, ok := r.selected[key]
	if ok {
		return found
	}
	found = map[*inventory.Namespace]fact.Tri{}
	for _, ns := range r.namespaces {
		if answer := sel.Matches(ns.Labels); answer != fact.No {
			found[ns] = answer
		}
	}
	r.selected[key] = found
	return found
}

func (r *resolver) ids(to []int32, workloads []*inventory.Workload) []int32 {
	for _, w := range workloads {
		to = append(to, r.EndpointOf[w].id)
	}
	return to
}
