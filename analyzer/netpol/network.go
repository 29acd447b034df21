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

// Network answers which connections the network policies of one set permit.
// What it holds is not to be changed; it may be read by several goroutines.
type Network struct {
	Policies   []*Policy
	PoliciesIn map[*inventory.Namespace][]*Policy // the same, by namespace

	Pods        []*Endpoint // one for each group of workloads that no selector can tell apart
	EndpointOf  map[*inventory.Workload]*Endpoint
	Addresses   []*Endpoint      // the parts of the partition, in its order
	Partition   []netipx.IPRange // all addresses, cut at the borders of every ipBlock
	AnyPod      *Endpoint        // a pod of which nothing is known
	UnknownPods []*Endpoint      // pods that a peer selects and no manifest defines
	DNS         []*Endpoint      // the pods that cluster DNS may be

	inventory        *inventory.Inventory
	hasNetworkPolicy bool          // some NetworkPolicy is there, believed or not
	tiers            []*TierPolicy // by priority
	unmodelled       unmodelledPolicies
	selections       map[*inventory.Workload]*selectedBy // of workloads that some policy selects
	public           netset.PublicShare                  // of the partition

	namespaces    []*inventory.Namespace  // by name
	allPods       inventory.WorkloadIndex // one workload of each endpoint that selectors find
	unknownPodsOf map[*PeerSet]*Endpoint

	isolations    map[*inventory.Workload]isolations
	defaultDenies map[*inventory.Namespace]DefaultDeny

	// reach is computed when a question first asks for the sources of a
	// destination: most audits never do.
	reach func() *reach
}

// New reads the policies of the inventory, resolves the pods that each selects
// and names, and decides what isolates every workload.
func New(inv *inventory.Inventory) *Network {
	n := &Network{
		inventory: inv, AnyPod: &Endpoint{Kind: UnknownPodsEndpoint},
		PoliciesIn: map[*inventory.Namespace][]*Policy{}, EndpointOf: map[*inventory.Workload]*Endpoint{},
		selections: map[*inventory.Workload]*selectedBy{}, unknownPodsOf: map[*PeerSet]*Endpoint{},
	}
	n.readPolicies()
	n.readTiers()
	n.resolvePolicies()
	n.resolveUnmodelled()
	n.cutAddresses()
	for _, name := range slices.Sorted(maps.Keys(inv.Namespaces)) {
		n.namespaces = append(n.namespaces, inv.Namespaces[name])
	}
	n.groupWorkloads()
	n.resolvePeers()
	for _, x := range n.Pods {
		n.readView(x, fact.Ingress)
		n.readView(x, fact.Egress)
	}
	n.DNS = n.clusterDNS()
	n.isolate()
	n.reach = sync.OnceValue(n.newReach)
	return n
}

// Assume notes what was assumed of the cluster's network.
func (n *Network) Assume(to map[string]bool) {
	if n.hasNetworkPolicy {
		to["the cluster's network plugin enforces NetworkPolicy"] = true
	}
}
