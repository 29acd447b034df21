package netpol

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go4.org/netipx"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// EndpointKind says what stands at one end of a connection.
type EndpointKind uint8

// The kinds of endpoints.
const (
	PodEndpoint         EndpointKind = iota // workloads of the tree
	AddressEndpoint                         // addresses outside the cluster
	UnknownPodsEndpoint                     // pods that a peer selects and no manifest of the tree defines
	ExternalEndpoint                        // a pod that is known in part, for the questions of flows
)

// Endpoint is one end of a connection as policies see it: workloads that no
// selector can tell apart, a part of the address space, or pods that the tree
// does not hold.
type Endpoint struct {
	Kind EndpointKind
	id   int32 // of pods the index in Network.Pods, of addresses that in Network.Addresses

	// Of a PodEndpoint: its workloads, of which the first answers for all.
	Workload *inventory.Workload
	Members  []*inventory.Workload

	Addresses netipx.IPRange // of an AddressEndpoint
	Peer      *PeerSet       // of an UnknownPodsEndpoint: the peer that selects them; nil where nothing is known
	External  *ExternalPod   // of an ExternalEndpoint

	Ingress, Egress PolicyView // of a PodEndpoint
}

// View returns the policies of one direction.
func (x *Endpoint) View(d fact.Direction) *PolicyView {
	if d == fact.Ingress {
		return &x.Ingress
	}
	return &x.Egress
}

// OnHostNetwork reports pods whose traffic is that of their node.
func (x *Endpoint) OnHostNetwork() bool { return x.Kind == PodEndpoint && x.Workload.HostNetwork() }

// Enforced reports whether policies apply to the endpoint at all. They do not
// to what lies outside the cluster, and most network plugins ignore pods of the
// host network.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
func (x *Endpoint) Enforced() bool { return x.Kind == PodEndpoint && !x.Workload.HostNetwork() }

// Name is the endpoint's name in rows and messages: the id of its first
// workload, a range of addresses, or the selectors of a peer.
func (x *Endpoint) Name() string {
	switch x.Kind {
	case AddressEndpoint:
		return x.Addresses.String()
	case UnknownPodsEndpoint:
		if x.Peer == nil {
			return "any-namespace/any-pod"
		}
		return x.Peer.name
	case ExternalEndpoint:
		return x.External.Name
	case PodEndpoint:
	}
	return x.Workload.ID
}

// groupWorkloads makes one endpoint of the workloads that no selector of the
// set can tell apart: same namespace, same values of every label that a
// selector asks for, same numbers of every port that a rule names.
func (n *Network) groupWorkloads() {
	keys, ports := n.selectedLabels(), n.namedPorts()
	found := map[string]*Endpoint{}
	for _, w := range n.inventory.Workloads {
		key := n.identity(w, keys, ports)
		x := found[key]
		if x == nil {
			x = &Endpoint{Workload: w, id: int32(len(n.Pods))}
			found[key] = x
			n.Pods = append(n.Pods, x)
		}
		x.Members = append(x.Members, w)
		n.EndpointOf[w] = x
	}
}

// identity is equal for workloads that belong to one endpoint.
func (n *Network) identity(w *inventory.Workload, keys []string, ports []namedPort) string {
	var b strings.Builder
	b.WriteString(w.Namespace + "\x00")
	for _, flag := range []bool{
		w.HostNetwork(), w.Implied, w.PodsPartlyKnown(), w.OperatorAddsPolicies(),
		n.UnmodelledPolicy(w, fact.Ingress) != nil, n.UnmodelledPolicy(w, fact.Egress) != nil,
	} {
		b.WriteString(strconv.FormatBool(flag))
	}
	for _, k := range keys {
		if v, ok := w.LabelSet.Known[k]; ok {
			b.WriteString("\x00" + k + "\x01" + v)
		} else if w.LabelSet.MayHold(k) {
			b.WriteString("\x00" + k + "\x03")
		}
	}
	for i, named := range ports {
		if q := w.PortNamed(named.name, netset.Protocols()[named.protocol]); q != nil {
			b.WriteString("\x00" + strconv.Itoa(i) + "\x02" + strconv.Itoa(q.Number))
		}
	}
	return b.String()
}

// selectedLabels lists the keys of the pod labels that selectors of the set
// ask for.
func (n *Network) selectedLabels() []string {
	keys := map[string]bool{}
	add := func(sel inventory.Selector) {
		for i := range sel.Reqs {
			keys[sel.Reqs[i].Key()] = true
		}
	}
	for _, p := range n.Policies {
		add(p.Selector)
	}
	for _, t := range n.tiers {
		add(t.subject.pods)
	}
	for _, m := range n.matchers() {
		for _, p := range m.Peers {
			add(p.pods)
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// namedPorts lists the port names that rules of the set ask pods for.
func (n *Network) namedPorts() []namedPort {
	found := map[namedPort]bool{}
	for _, m := range n.matchers() {
		for _, p := range m.named {
			found[p] = true
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b namedPort) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.protocol, b.protocol))
	})
}
