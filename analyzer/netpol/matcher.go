package netpol

import (
	"slices"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// Matcher is the traffic that a rule of any kind matches: its peers and ports.
type Matcher struct {
	Peers   []*Peer
	anyPeer bool // it matches every peer; Peers is empty

	fixed netset.Ports // its numbered ports
	named []namedPort  // its named ports

	ranges []netipx.IPRange     // the union of its blocks of addresses
	spans  []netset.AddressSpan // the same, as parts of Network.Partition
}

// namedPort is a port that a rule names; each destination pod gives the name a
// number of its own, or does not have it.
type namedPort struct {
	name     string
	protocol int // index into netset.Protocols
}

// setPeers keeps the parsed peers and the union of their blocks.
func (m *Matcher) setPeers(peers []*Peer) {
	m.Peers, m.ranges = peers, unionOfBlocks(peers)
}

// setPorts merges the ports of a NetworkPolicy's rule. No ports are all ports;
// the protocol defaults to TCP; a port that is left out is every port of the
// protocol.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func (m *Matcher) setPorts(ports []networkingv1.NetworkPolicyPort) {
	if len(ports) == 0 {
		m.fixed = netset.WholePorts()
	}
	for i := range ports {
		m.addPort(&ports[i])
	}
}

func (m *Matcher) addPort(q *networkingv1.NetworkPolicyPort) {
	i := protocolOf(q)
	switch {
	case i < 0: // the API server refuses it, and so did the decoder
	case q.Port == nil:
		m.fixed[i] = netset.WholeRange()
	case q.Port.Type == intstr.String:
		m.named = append(m.named, namedPort{q.Port.StrVal, i})
	default:
		one := fact.PortRange{First: int(q.Port.IntVal), Last: int(q.Port.IntVal)}
		if q.EndPort != nil {
			one.Last = int(*q.EndPort)
		}
		m.addRange(i, one)
	}
}

func protocolOf(q *networkingv1.NetworkPolicyPort) int {
	return netset.ProtocolIndex(decode.OrTCP(decode.Deref(q.Protocol)))
}

func (m *Matcher) addRange(protocol int, r fact.PortRange) {
	m.fixed[protocol] = m.fixed[protocol].Union(netset.Intervals{r}.Intersect(netset.WholeRange()))
}

// PortsOn returns the rule's ports on a destination. A named port is the number
// that the destination pod gives the name, in either direction; an address has
// no names.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func (m *Matcher) PortsOn(dst *Endpoint) netset.Permitted {
	out := netset.Permitted{Definite: m.fixed, Possible: m.fixed}
	if dst.Kind == AddressEndpoint {
		return out
	}
	for _, n := range m.named {
		number, known := dst.portNamed(n)
		switch {
		case number > 0:
			one := netset.Intervals{{First: number, Last: number}}
			out.Definite[n.protocol] = out.Definite[n.protocol].Union(one)
			out.Possible[n.protocol] = out.Possible[n.protocol].Union(one)
		case !known:
			out.Possible[n.protocol] = netset.WholeRange()
		}
	}
	return out
}

// portNamed returns the number that a pod gives a name, 0 for none. Not known
// are the names of pods that the tree does not hold.
func (x *Endpoint) portNamed(n namedPort) (number int, known bool) {
	if x.Kind == UnknownPodsEndpoint || x.Kind == ExternalEndpoint {
		return 0, false
	}
	if q := x.Workload.PortNamed(n.name, netset.Protocols()[n.protocol]); q != nil {
		return q.Number, q.Number > 0
	}
	return 0, x.Workload.FullySpecified()
}

// covers answers whether the ports include one port of a workload.
func (m *Matcher) covers(w *inventory.Workload, p *inventory.Port) fact.Tri {
	i := netset.ProtocolIndex(p.Protocol)
	switch {
	case i < 0:
		return fact.No
	case p.Number > 0:
		return m.PortsOn(&Endpoint{Workload: w}).Allows(i, p.Number)
	case m.fixed[i].Whole() || slices.Contains(m.named, namedPort{p.Name, i}):
		return fact.Yes
	case len(m.fixed[i]) > 0 || len(m.named) > 0: // a port of an inferred workload of which only the name is known
		return fact.Unknown
	}
	return fact.No
}

// Admits answers whether the peers include the endpoint.
func (m *Matcher) Admits(x *Endpoint) fact.Tri {
	switch {
	case m.anyPeer:
		return fact.Yes
	case x.Kind == AddressEndpoint:
		return m.admitsAddress(x.id)
	}
	answer := m.selects(x)
	if answer == fact.No && x.Kind == ExternalEndpoint && len(m.ranges) > 0 {
		return fact.Unknown // a block may be meant for it: its address is not known
	}
	return answer
}

// selects answers whether some peer's selectors select an endpoint in the cluster.
func (m *Matcher) selects(x *Endpoint) fact.Tri {
	answer := fact.No
	for _, p := range m.Peers {
		if p.block != nil {
			continue
		}
		switch p.selects(x) {
		case fact.Yes:
			return fact.Yes
		case fact.Unknown:
			answer = fact.Unknown
		case fact.No:
		}
	}
	return answer
}

// admitsAddress answers for a part of the partition: a block never holds only
// a piece of one.
func (m *Matcher) admitsAddress(part int32) fact.Tri {
	for _, s := range m.spans {
		if s.First <= part && part <= s.Last {
			return fact.Yes
		}
	}
	return fact.No
}

// PeerFor returns the first peer that admits the endpoint or may admit it, nil
// if none does or the rule is for every peer.
func (m *Matcher) PeerFor(x *Endpoint) *Peer {
	for _, p := range m.Peers {
		if p.block != nil && x.Kind == AddressEndpoint && p.block.addresses.OverlapsRange(x.Addresses) {
			return p
		}
		if p.block == nil && x.Kind != AddressEndpoint && p.selects(x) != fact.No {
			return p
		}
	}
	return nil
}
