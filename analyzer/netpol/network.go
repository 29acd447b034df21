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

	Policies         []*Policy
	PoliciesIn       map[*inventory.Namespace][]*Policy
	selections       map[*inventory.Workload]*selectedBy
	tiers            []*TierPolicy // by priority
	Unmodelled       unmodelledPolicies
	hasNetworkPolicy bool // some NetworkPolicy is there, which a network plugin has to enforce

	Partition     []netipx.IPRange // of all addresses, at the borders that policies draw
	public        netset.PublicShare
	namespaces    []*inventory.Namespace
	Pods          []*Endpoint
	Addresses     []*Endpoint // the parts of the partition
	AnyPod        *Endpoint   // of which nothing is known
	UnknownPods   []*Endpoint // whom policies name and the tree does not hold
	unknownPodsOf map[*PeerSet]*Endpoint
	EndpointOf    map[*inventory.Workload]*Endpoint
	DNS           []*Endpoint // cluster DNS

	allPods  inventory.WorkloadIndex // of one member of each group that policies find
	podsIn   map[*inventory.Namespace]*inventory.WorkloadIndex
	peers    map[string]*PeerSet
	selected map[string]map[*inventory.Namespace]fact.Tri

	Isolations    map[*inventory.Workload]Isolations
	openAnchors   map[openKey]fact.Source
	DefaultDenies map[*inventory.Namespace]DefaultDeny

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
		unknownPodsOf: map[*PeerSet]*Endpoint{}, EndpointOf: map[*inventory.Workload]*Endpoint{}, podsIn: map[*inventory.Namespace]*inventory.WorkloadIndex{},
		peers: map[string]*PeerSet{}, selected: map[string]map[*inventory.Namespace]fact.Tri{}, AnyPod: &Endpoint{Kind: UnknownPodsEndpoint},
		Isolations: map[*inventory.Workload]Isolations{}, openAnchors: map[openKey]fact.Source{}, DefaultDenies: map[*inventory.Namespace]DefaultDeny{},
	}
	n.readPolicies()
	n.readTiers()
	n.resolvePolicies()
	n.resolveUnmodelled()
	n.cutAddresses()
	for _, name := range slices.Sorted(maps.Keys(inv.Namespaces)) {
		n.namespaces = append(n.namespaces, inv.Namespaces[name])
	}
	n.makeEndpoints()
	n.resolvePeers()
	for _, p := range n.Pods {
		n.readView(p, fact.Ingress)
		n.readView(p, fact.Egress)
	}
	n.DNS = n.clusterDNS()
	n.isolate()
	return n
}

// group unites the workloads that no selector can tell apart, and indexes one
// of each group.
func (n *Network) makeEndpoints() {
	n.groupWorkloads()
	for _, p := range n.Pods {
		if p.OnHostNetwork() {
			continue // no selector finds it
		}
		n.allPods.Add(p.Workload)
		n.index(p.Workload.Ns).Add(p.Workload)
	}
	for i, a := range n.Partition {
		n.Addresses = append(n.Addresses, &Endpoint{Kind: AddressEndpoint, id: int32(i), Addresses: a})
	}
}

// Assume notes what was taken for granted of the network.
func (n *Network) Assume(to map[string]bool) {
	if n.hasNetworkPolicy {
		to["the cluster's network plugin enforces NetworkPolicy"] = true
	}
}

func (n *Network) index(ns *inventory.Namespace) *inventory.WorkloadIndex {
	x := n.podsIn[ns]
	if x == nil {
		x = &inventory.WorkloadIndex{}
		n.podsIn[ns] = x
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
		t.Subject = n.resolve(t.selector)
		for _, r := range t.Rules {
			n.resolveRule(&r.Matcher)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.peers)) {
		if set := n.peers[name]; set.empty() {
			n.unknownPodsOf[set] = &Endpoint{Kind: UnknownPodsEndpoint, Peer: set}
			n.UnknownPods = append(n.UnknownPods, n.unknownPodsOf[set])
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
func (n *Network) readView(p *Endpoint, d fact.Direction) {
	side := p.View(d)
	side.unmodelled = n.Unmodelled.Unread || n.UnmodelledPolicy(p.Workload, d) != nil
	if !p.Enforced() {
		side.AnyPod, side.anyAddress = true, true
		return
	}
	side.Definite, side.Possible = n.inForce(p.Workload, d)
	side.Unread = p.Workload.Implied || n.policyUnread(p.Workload)
	n.readViewTiers(p, d)
	if len(side.Definite) == 0 || side.Unread || side.unmodelled || len(side.Tiers.Admin) > 0 {
		side.AnyPod, side.anyAddress = true, true
	}
	for _, m := range side.matchers(d) {
		side.anyAddress = side.anyAddress || m.anyPeer
		side.AnyPod = side.AnyPod || m.anyPeer || slices.ContainsFunc(m.Resolved, func(s *PeerSet) bool { return s != nil && s.every })
	}
}

func (n *Network) readViewTiers(p *Endpoint, d fact.Direction) {
	side := p.View(d)
	for _, t := range n.tiers {
		speaks := slices.ContainsFunc(t.Rules, func(r *TierRule) bool { return r.Direction == d })
		switch {
		case !speaks || t.Subject.Selects(p) == fact.No:
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
	return in.Intersect(out)
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
	if peer.OnHostNetwork() {
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
		lower = o.withLowerTier(lower)
	}
	lower = s.permitIsolated(d, peer, dst, lower)
	if len(s.Tiers.Admin) == 0 {
		return lower
	}
	o := decide(s.Tiers.Admin, d, self, peer, dst)
	return o.withLowerTier(lower)
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
