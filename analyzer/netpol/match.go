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

// Matcher is the traffic that a rule of any kind speaks of.
type Matcher struct {
	anyPeer bool
	fixed   netset.Ports         // its numbered ports
	named   []namedPort          // its named ports
	Ranges  []netipx.IPRange     // union of its blocks of addresses
	spans   []netset.AddressSpan // the same, as parts of the set's partition

	// After network.resolve, one for each peer, nil for a block: its selectors,
	// and whom they select.
	selectors []*peerSelector
	Resolved  []*PeerSet
}

// namedPort is a port that a rule names; each destination has its own number
// for it, or none.
type namedPort struct {
	name     string
	protocol int
}

// readPorts merges the rule's ports. No ports are all ports; the protocol
// defaults to TCP; a port that is left out is every port of the protocol.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func (r *Rule) readPorts() {
	if len(r.ports) == 0 {
		r.fixed = netset.WholePorts()
	}
	for i := range r.ports {
		r.readPort(&r.ports[i])
	}
}

func (r *Rule) readPort(q *networkingv1.NetworkPolicyPort) {
	i := netset.ProtocolIndex(decode.OrTCP(decode.Deref(q.Protocol)))
	switch {
	case i < 0: // the API server refuses it, and so did the decoder
	case q.Port == nil:
		r.fixed[i] = netset.WholeRange()
	case q.Port.Type == intstr.String:
		r.named = append(r.named, namedPort{q.Port.StrVal, i})
	default:
		one := fact.PortRange{First: int(q.Port.IntVal), Last: int(q.Port.IntVal)}
		if q.EndPort != nil {
			one.Last = int(*q.EndPort)
		}
		r.addPorts(i, one)
	}
}

func (m *Matcher) addPorts(protocol int, r fact.PortRange) {
	m.fixed[protocol] = m.fixed[protocol].Union(netset.Intervals{r}.Intersect(netset.WholeRange()))
}

// PortsOn is what the rule's ports are on a destination. A named port is a
// number that the destination pod gives it, in either direction; an address
// names none. https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
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

// portNamed returns the number that a pod gives a name, 0 for none. Of pods
// that are not in the tree nobody knows.
func (p *Endpoint) portNamed(n namedPort) (number int, known bool) {
	if p.Kind == UnknownPodsEndpoint || p.Kind == ExternalEndpoint {
		return 0, false
	}
	if q := p.Workload.PortNamed(n.name, netset.Protocols()[n.protocol]); q != nil {
		return q.Number, q.Number > 0
	}
	return 0, p.Workload.FullySpecified()
}

// covers answers whether the rule's ports include one port of a workload.
func (r *Rule) covers(w *inventory.Workload, p *inventory.Port) fact.Tri {
	i := netset.ProtocolIndex(p.Protocol)
	switch {
	case i < 0:
		return fact.No
	case p.Number > 0:
		return r.PortsOn(&Endpoint{Workload: w}).Allows(i, p.Number)
	case r.fixed[i].Whole() || slices.Contains(r.named, namedPort{p.Name, i}):
		return fact.Yes
	case len(r.fixed[i]) > 0 || len(r.named) > 0: // the port of an implied workload of which only the name is known
		return fact.Unknown
	}
	return fact.No
}

// Admits answers whether the rule's peers include the party.
func (m *Matcher) Admits(x *Endpoint) fact.Tri {
	if m.anyPeer {
		return fact.Yes
	}
	switch {
	case x.Kind == AddressEndpoint:
		return m.admitsAddress(x.id)
	case x.Kind == ExternalEndpoint:
		return m.admitsExternal(x.External)
	case x.Kind == PodEndpoint && x.Workload.HostNetwork():
		// "in general hostNetwork Pod traffic is treated the same as all other
		// traffic to/from the node IP": selectors do not find it.
		// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
		return fact.No
	}
	answer := fact.No
	for _, p := range m.Resolved {
		switch p.Selects(x) {
		case fact.Yes:
			return fact.Yes
		case fact.Unknown:
			answer = fact.Unknown
		case fact.No:
		}
	}
	return answer
}

func (m *Matcher) admitsAddress(id int32) fact.Tri {
	for _, s := range m.spans {
		if s.First <= id && id <= s.Last {
			return fact.Yes
		}
	}
	return fact.No
}
