package netpol

import (
	"maps"
	"slices"
	"sync"

	"go4.org/netipx"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// Network answers who may connect to whom within one set. Policies are
// resolved once to lists of parties; no table of pairs is ever made.
type Network struct {
	inventory *inventory.Inventory

	Policies   []*Policy
	PoliciesIn map[*inventory.Namespace][]*Policy
	selections map[*inventory.Workload]*selectedBy
	tiers      []*TierPolicy // by priority
	Unmodelled unmodelled
	enforced   bool // some NetworkPolicy is there, which a network plugin has to enforce

	Partition  []netipx.IPRange // of all addresses, at the borders that policies draw
	public     netset.PublicShare
	namespaces []*inventory.Namespace
	Pods       []*Endpoint
	Addresses  []*Endpoint // the parts of the partition
	AnyPod     *Endpoint   // of which nothing is known
	Classes    []*Endpoint // whom policies name and the tree does not hold
	classOf    map[*peerSet]*Endpoint
	PartyOf    map[*inventory.Workload]*Endpoint
	DNS        []*Endpoint // cluster DNS

	everywhere inventory.WorkloadIndex // of one member of each group that policies find
	inside     map[*inventory.Namespace]*inventory.WorkloadIndex
	peers      map[string]*peerSet
	selected   map[string]map[*inventory.Namespace]fact.Tri

	Isolations    map[*inventory.Workload]isolations
	openAnchors   map[openKey]fact.Source
	DefaultDenies map[*inventory.Namespace]defaultDeny

	pointed sync.Once                 // the rest is needed where sources were not asked for by name
	toward  map[*Endpoint][]*Endpoint // sources that name a destination on their side
	wide    []*Endpoint               // sources that may reach any pod
	worldly []*Endpoint               // sources that may reach any address
	nodes   []*Endpoint               // pods of the host network
}

// New reads the policies of every tier, finds whom each selects and
// names, and settles what isolates every workload.
func New(inv *inventory.Inventory) *Network {
	n := &Network{
		inventory: inv, PoliciesIn: map[*inventory.Namespace][]*Policy{}, selections: map[*inventory.Workload]*selectedBy{},
		classOf: map[*peerSet]*Endpoint{}, PartyOf: map[*inventory.Workload]*Endpoint{}, inside: map[*inventory.Namespace]*inventory.WorkloadIndex{},
		peers: map[string]*peerSet{}, selected: map[string]map[*inventory.Namespace]fact.Tri{}, AnyPod: &Endpoint{Kind: UnknownPods},
		Isolations: map[*inventory.Workload]isolations{}, openAnchors: map[openKey]fact.Source{}, DefaultDenies: map[*inventory.Namespace]defaultDeny{},
	}
	n.readPolicies()
	n.readTiers()
	n.resolvePolicies()
	n.resolveOthers()
	n.cutAddresses()
	for _, name := range slices.Sorted(maps.Keys(inv.Namespaces)) {
		n.namespaces = append(n.namespaces, inv.Namespaces[name])
	}
	n.group()
	n.resolvePeers()
	for _, p := range n.Pods {
		n.readSide(p, fact.Ingress)
		n.readSide(p, fact.Egress)
	}
	n.DNS = n.clusterDNS()
	n.isolate()
	return n
}

// group unites the workloads that no selector can tell apart, and indexes one
// of each group.
func (n *Network) group() {
	n.groups()
	for _, p := range n.Pods {
		if p.Node() {
			continue // no selector finds it
		}
		n.everywhere.Add(p.W)
		n.index(p.W.Ns).Add(p.W)
	}
	for i, a := range n.Partition {
		n.Addresses = append(n.Addresses, &Endpoint{Kind: AddressEndpoint, id: int32(i), Addresses: a})
	}
}

// Assume notes what was taken for granted of the network.
func (n *Network) Assume(to map[string]bool) {
	if n.enforced {
		to["the cluster's network plugin enforces NetworkPolicy"] = true
	}
}

func (n *Network) index(ns *inventory.Namespace) *inventory.WorkloadIndex {
	x := n.inside[ns]
	if x == nil {
		x = &inventory.WorkloadIndex{}
		n.inside[ns] = x
	}
	return x
}

// resolvePeers finds whom each rule names.
func (n *Network) resolvePeers() {
	for _, p := range n.Policies {
		for _, r := range p.Rules {
			n.resolveRule(&r.Matcher)
		}
	}
	for _, t := range n.tiers {
		t.Pods = n.resolve(t.subject)
		for _, r := range t.Rules {
			n.resolveRule(&r.Matcher)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.peers)) {
		if set := n.peers[name]; set.nobody() {
			n.classOf[set] = &Endpoint{Kind: UnknownPods, Class: set}
			n.Classes = append(n.Classes, n.classOf[set])
		}
	}
}

func (n *Network) resolveRule(m *Matcher) {
	for _, sel := range m.selectors {
		m.Resolved = append(m.Resolved, n.resolve(sel))
	}
}

// readSide gathers what decides one direction of a party, and how far it
// reaches.
func (n *Network) readSide(p *Endpoint, d fact.Direction) {
	side := p.View(d)
	side.unmodelled = n.Unmodelled.Unread || n.Other(p.W, d) != nil
	if !p.Enforced() {
		side.Pods, side.world = true, true
		return
	}
	side.Definite, side.Possible = n.inForce(p.W, d)
	side.Unread = p.W.Implied || n.policyUnread(p.W)
	n.readSideTiers(p, d)
	if len(side.Definite) == 0 || side.Unread || side.unmodelled || len(side.Tiers.Admin) > 0 {
		side.Pods, side.world = true, true
	}
	for _, m := range side.matchers(d) {
		side.world = side.world || m.anyPeer
		side.Pods = side.Pods || m.anyPeer || slices.ContainsFunc(m.Resolved, func(s *peerSet) bool { return s != nil && s.every })
	}
}

func (n *Network) readSideTiers(p *Endpoint, d fact.Direction) {
	side := p.View(d)
	for _, t := range n.tiers {
		speaks := slices.ContainsFunc(t.Rules, func(r *tierRule) bool { return r.Direction == d })
		switch {
		case !speaks || t.Pods.Has(p) == fact.No:
		case t.admin:
			side.Tiers.Admin = append(side.Tiers.Admin, t)
		default:
			side.Tiers.Baseline = append(side.Tiers.Baseline, t)
		}
	}
}

// matchers lists the rules that are or may be in force, of every tier.
func (s *PolicyView) matchers(d fact.Direction) []*Matcher {
	var out []*Matcher
	for _, p := range slices.Concat(s.Definite, s.Possible) {
		for _, r := range p.Rules {
			if r.Direction == d {
				out = append(out, &r.Matcher)
			}
		}
	}
	for _, t := range slices.Concat(s.Tiers.Admin, s.Tiers.Baseline) {
		for _, r := range t.Rules {
			if r.Direction == d {
				out = append(out, &r.Matcher)
			}
		}
	}
	return out
}

// Permits answers for every port between two parties. "For a connection from a
// source pod to a destination pod to be allowed, both the egress policy on the
// source pod and the ingress policy on the destination pod need to allow it."
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
func (n *Network) Permits(src, dst *Endpoint) netset.Permitted {
	in := PermitOn(fact.Ingress, dst, src, dst)
	if in.Possible.Empty() {
		return in
	}
	out := PermitOn(fact.Egress, src, dst, dst)
	if out.Definite.Whole() {
		return in
	}
	return in.And(out)
}

// PermitOn answers for one direction of self.
func PermitOn(d fact.Direction, self, peer, dst *Endpoint) netset.Permitted {
	s := self.View(d)
	switch {
	case s.unmodelled:
		return netset.Permitted{Possible: netset.WholePorts()}
	case !self.Enforced():
		return netset.PermitAll()
	}
	out := s.permit(d, self, peer, dst)
	if peer.Node() {
		// "Traffic to and from the node where a Pod is running is always
		// allowed": whether it is that node, manifests do not say. A rule for
		// everybody holds for nodes too, one for addresses depends on theirs.
		// https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites
		out.Possible = netset.WholePorts()
	}
	return out
}

// permit runs through the tiers: Admin, then NetworkPolicy for the pods that
// one selects, Baseline for the others.
// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha2 ClusterNetworkPolicySpec.Tier
func (s *PolicyView) permit(d fact.Direction, self, peer, dst *Endpoint) netset.Permitted {
	lower := netset.PermitAll()
	if len(s.Definite) == 0 && len(s.Tiers.Baseline) > 0 {
		o := decide(s.Tiers.Baseline, d, self, peer, dst)
		lower = o.over(lower)
	}
	lower = s.permitIsolated(d, peer, dst, lower)
	if len(s.Tiers.Admin) == 0 {
		return lower
	}
	o := decide(s.Tiers.Admin, d, self, peer, dst)
	return o.over(lower)
}

// permitIsolated is the union of the NetworkPolicies, or what holds without.
func (s *PolicyView) permitIsolated(d fact.Direction, peer, dst *Endpoint, without netset.Permitted) netset.Permitted {
	var out netset.Permitted
	for _, p := range s.Definite {
		a := p.admits(d, peer, dst)
		out.Definite, out.Possible = out.Definite.Union(a.Definite), out.Possible.Union(a.Possible)
	}
	if len(s.Definite) == 0 {
		out = without
	}
	for _, p := range s.Possible {
		a := p.admits(d, peer, dst)
		out.Possible = out.Possible.Union(a.Possible)
		if len(s.Definite) == 0 { // it may be the only one that isolates
			out.Definite = out.Definite.Intersect(a.Definite)
		}
	}
	if s.Unread { // a policy that was not read may admit more, and may be the one that isolates
		out.Possible = netset.WholePorts()
		if len(s.Definite) == 0 {
			out.Definite = netset.Ports{}
		}
	}
	return out
}

// admits is what the rules of one policy admit together.
func (p *Policy) admits(d fact.Direction, peer, dst *Endpoint) netset.Permitted {
	var out netset.Permitted
	for _, r := range p.Rules {
		if r.Direction != d {
			continue
		}
		switch r.Admits(peer) {
		case fact.Yes:
			ports := r.PortsOn(dst)
			out.Definite, out.Possible = out.Definite.Union(ports.Definite), out.Possible.Union(ports.Possible)
		case fact.Unknown:
			out.Possible = out.Possible.Union(r.PortsOn(dst).Possible)
		case fact.No:
		}
	}
	return out
}
