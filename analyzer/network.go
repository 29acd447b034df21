package analyzer

import (
	"maps"
	"slices"
	"sync"

	"go4.org/netipx"
)

// network answers who may connect to whom within one set. Policies are
// resolved once to lists of parties; no table of pairs is ever made.
type network struct {
	inventory *Inventory

	policies   []*networkPolicy
	policiesIn map[*namespace][]*networkPolicy
	selections map[*Workload]*selectedBy
	tiers      []*tierPolicy // by priority
	unmodeled  unmodelled
	enforced   bool // some NetworkPolicy is there, which a network plugin has to enforce

	partition  []netipx.IPRange // of all addresses, at the borders that policies draw
	public     publicShare
	namespaces []*namespace
	pods       []*party
	addresses  []*party // the parts of the partition
	anyPod     *party   // of which nothing is known
	classes    []*party // whom policies name and the tree does not hold
	classOf    map[*peerSet]*party
	partyOf    map[*Workload]*party
	dns        []*party // cluster DNS

	everywhere workloadIndex // of one member of each group that policies find
	inside     map[*namespace]*workloadIndex
	peers      map[string]*peerSet
	selected   map[string]map[*namespace]Tri

	isolations    map[*Workload]isolations
	openAnchors   map[openKey]Source
	defaultDenies map[*namespace]defaultDeny

	pointed sync.Once           // the rest is needed where sources were not asked for by name
	toward  map[*party][]*party // sources that name a destination on their side
	wide    []*party            // sources that may reach any pod
	worldly []*party            // sources that may reach any address
	nodes   []*party            // pods of the host network
}

// newNetwork reads the policies of every tier, finds whom each selects and
// names, and settles what isolates every workload.
func newNetwork(inventory *Inventory) *network {
	n := &network{
		inventory: inventory, policiesIn: map[*namespace][]*networkPolicy{}, selections: map[*Workload]*selectedBy{},
		classOf: map[*peerSet]*party{}, partyOf: map[*Workload]*party{}, inside: map[*namespace]*workloadIndex{},
		peers: map[string]*peerSet{}, selected: map[string]map[*namespace]Tri{}, anyPod: &party{kind: classParty},
		isolations: map[*Workload]isolations{}, openAnchors: map[openKey]Source{}, defaultDenies: map[*namespace]defaultDeny{},
	}
	n.readPolicies()
	n.readTiers()
	n.resolvePolicies()
	n.resolveOthers()
	n.cutAddresses()
	for _, name := range slices.Sorted(maps.Keys(inventory.namespaces)) {
		n.namespaces = append(n.namespaces, inventory.namespaces[name])
	}
	n.group()
	n.resolvePeers()
	for _, p := range n.pods {
		n.readSide(p, ingress)
		n.readSide(p, egress)
	}
	n.dns = n.clusterDNS()
	n.isolate()
	return n
}

// group unites the workloads that no selector can tell apart, and indexes one
// of each group.
func (n *network) group() {
	n.groups()
	for _, p := range n.pods {
		if p.node() {
			continue // no selector finds it
		}
		n.everywhere.add(p.w)
		n.index(p.w.ns).add(p.w)
	}
	for i, a := range n.partition {
		n.addresses = append(n.addresses, &party{kind: addressParty, id: int32(i), addresses: a})
	}
}

// assume notes what was taken for granted of the network.
func (n *network) assume(to map[string]bool) {
	if n.enforced {
		to["the cluster's network plugin enforces NetworkPolicy"] = true
	}
}

func (n *network) index(ns *namespace) *workloadIndex {
	x := n.inside[ns]
	if x == nil {
		x = &workloadIndex{}
		n.inside[ns] = x
	}
	return x
}

// resolvePeers finds whom each rule names.
func (n *network) resolvePeers() {
	for _, p := range n.policies {
		for _, r := range p.rules {
			n.resolveRule(&r.matcher)
		}
	}
	for _, t := range n.tiers {
		t.pods = n.resolve(t.subject)
		for _, r := range t.rules {
			n.resolveRule(&r.matcher)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.peers)) {
		if set := n.peers[name]; set.nobody() {
			n.classOf[set] = &party{kind: classParty, class: set}
			n.classes = append(n.classes, n.classOf[set])
		}
	}
}

func (n *network) resolveRule(m *matcher) {
	for _, sel := range m.selectors {
		m.resolved = append(m.resolved, n.resolve(sel))
	}
}

// readSide gathers what decides one direction of a party, and how far it
// reaches.
func (n *network) readSide(p *party, d direction) {
	side := p.side(d)
	side.unmodelled = n.unmodeled.unread || n.other(p.w, d) != nil
	if !p.enforced() {
		side.pods, side.world = true, true
		return
	}
	side.sure, side.unsure = n.inForce(p.w, d)
	side.unread = p.w.implied || n.policyUnread(p.w)
	n.readSideTiers(p, d)
	if len(side.sure) == 0 || side.unread || side.unmodelled || len(side.tiers.admin) > 0 {
		side.pods, side.world = true, true
	}
	for _, m := range side.matchers(d) {
		side.world = side.world || m.anyPeer
		side.pods = side.pods || m.anyPeer || slices.ContainsFunc(m.resolved, func(s *peerSet) bool { return s != nil && s.every })
	}
}

func (n *network) readSideTiers(p *party, d direction) {
	side := p.side(d)
	for _, t := range n.tiers {
		speaks := slices.ContainsFunc(t.rules, func(r *tierRule) bool { return r.direction == d })
		switch {
		case !speaks || t.pods.has(p) == No:
		case t.admin:
			side.tiers.admin = append(side.tiers.admin, t)
		default:
			side.tiers.baseline = append(side.tiers.baseline, t)
		}
	}
}

// matchers lists the rules that are or may be in force, of every tier.
func (s *side) matchers(d direction) []*matcher {
	var out []*matcher
	for _, p := range slices.Concat(s.sure, s.unsure) {
		for _, r := range p.rules {
			if r.direction == d {
				out = append(out, &r.matcher)
			}
		}
	}
	for _, t := range slices.Concat(s.tiers.admin, s.tiers.baseline) {
		for _, r := range t.rules {
			if r.direction == d {
				out = append(out, &r.matcher)
			}
		}
	}
	return out
}

// permits answers for every port between two parties. "For a connection from a
// source pod to a destination pod to be allowed, both the egress policy on the
// source pod and the ingress policy on the destination pod need to allow it."
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
func (n *network) permits(src, dst *party) permitted {
	in := permitOn(ingress, dst, src, dst)
	if in.may.empty() {
		return in
	}
	out := permitOn(egress, src, dst, dst)
	if out.yes.whole() {
		return in
	}
	return in.and(out)
}

// permitOn answers for one direction of self.
func permitOn(d direction, self, peer, dst *party) permitted {
	s := self.side(d)
	switch {
	case s.unmodelled:
		return permitted{may: wholePorts()}
	case !self.enforced():
		return permitAll()
	}
	out := s.permit(d, self, peer, dst)
	if peer.node() {
		// "Traffic to and from the node where a Pod is running is always
		// allowed": whether it is that node, manifests do not say. A rule for
		// everybody holds for nodes too, one for addresses depends on theirs.
		// https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites
		out.may = wholePorts()
	}
	return out
}

// permit runs through the tiers: Admin, then NetworkPolicy for the pods that
// one selects, Baseline for the others.
// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha2 ClusterNetworkPolicySpec.Tier
func (s *side) permit(d direction, self, peer, dst *party) permitted {
	lower := permitAll()
	if len(s.sure) == 0 && len(s.tiers.baseline) > 0 {
		o := decide(s.tiers.baseline, d, self, peer, dst)
		lower = o.over(lower)
	}
	lower = s.permitIsolated(d, peer, dst, lower)
	if len(s.tiers.admin) == 0 {
		return lower
	}
	o := decide(s.tiers.admin, d, self, peer, dst)
	return o.over(lower)
}

// permitIsolated is the union of the NetworkPolicies, or what holds without.
func (s *side) permitIsolated(d direction, peer, dst *party, without permitted) permitted {
	var out permitted
	for _, p := range s.sure {
		a := p.admits(d, peer, dst)
		out.yes, out.may = out.yes.union(a.yes), out.may.union(a.may)
	}
	if len(s.sure) == 0 {
		out = without
	}
	for _, p := range s.unsure {
		a := p.admits(d, peer, dst)
		out.may = out.may.union(a.may)
		if len(s.sure) == 0 { // it may be the only one that isolates
			out.yes = out.yes.intersect(a.yes)
		}
	}
	if s.unread { // a policy that was not read may admit more, and may be the one that isolates
		out.may = wholePorts()
		if len(s.sure) == 0 {
			out.yes = portSet{}
		}
	}
	return out
}

// admits is what the rules of one policy admit together.
func (p *networkPolicy) admits(d direction, peer, dst *party) permitted {
	var out permitted
	for _, r := range p.rules {
		if r.direction != d {
			continue
		}
		switch r.admits(peer) {
		case Yes:
			ports := r.portsOn(dst)
			out.yes, out.may = out.yes.union(ports.yes), out.may.union(ports.may)
		case Unknown:
			out.may = out.may.union(r.portsOn(dst).may)
		case No:
		}
	}
	return out
}
