package analyzer

import (
	"slices"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// matcher is the traffic that a rule of any kind speaks of.
type matcher struct {
	anyPeer bool
	fixed   portSet          // its numbered ports
	named   []namedPort      // its named ports
	ranges  []netipx.IPRange // union of its blocks of addresses
	spans   []addressSpan    // the same, as parts of the set's partition

	// After network.resolve, one for each peer, nil for a block: its selectors,
	// and whom they select.
	selectors []*peerSelector
	resolved  []*peerSet
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
func (r *policyRule) readPorts() {
	if len(r.ports) == 0 {
		r.fixed = wholePorts()
	}
	for i := range r.ports {
		r.readPort(&r.ports[i])
	}
}

func (r *policyRule) readPort(q *networkingv1.NetworkPolicyPort) {
	i := protocolIndex(orTCP(deref(q.Protocol)))
	switch {
	case i < 0: // the API server refuses it, and so did the decoder
	case q.Port == nil:
		r.fixed[i] = wholeRange()
	case q.Port.Type == intstr.String:
		r.named = append(r.named, namedPort{q.Port.StrVal, i})
	default:
		one := PortRange{int(q.Port.IntVal), int(q.Port.IntVal)}
		if q.EndPort != nil {
			one.Last = int(*q.EndPort)
		}
		r.addPorts(i, one)
	}
}

func (m *matcher) addPorts(protocol int, r PortRange) {
	m.fixed[protocol] = m.fixed[protocol].union(intervals{r}.intersect(wholeRange()))
}

// portsOn is what the rule's ports are on a destination. A named port is a
// number that the destination pod gives it, in either direction; an address
// names none. https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func (m *matcher) portsOn(dst *party) permitted {
	out := permitted{m.fixed, m.fixed}
	if dst.kind == addressParty {
		return out
	}
	for _, n := range m.named {
		number, known := dst.portNamed(n)
		switch {
		case number > 0:
			one := intervals{{number, number}}
			out.yes[n.protocol] = out.yes[n.protocol].union(one)
			out.may[n.protocol] = out.may[n.protocol].union(one)
		case !known:
			out.may[n.protocol] = wholeRange()
		}
	}
	return out
}

// portNamed returns the number that a pod gives a name, 0 for none. Of pods
// that are not in the tree nobody knows.
func (p *party) portNamed(n namedPort) (number int, known bool) {
	if p.kind == classParty || p.kind == strangerParty {
		return 0, false
	}
	if q := p.w.portNamed(n.name, protocols()[n.protocol]); q != nil {
		return q.number, q.number > 0
	}
	return 0, p.w.told()
}

// covers answers whether the rule's ports include one port of a workload.
func (r *policyRule) covers(w *Workload, p *port) Tri {
	i := protocolIndex(p.protocol)
	switch {
	case i < 0:
		return No
	case p.number > 0:
		return r.portsOn(&party{w: w}).tri(i, p.number)
	case r.fixed[i].whole() || slices.Contains(r.named, namedPort{p.name, i}):
		return Yes
	case len(r.fixed[i]) > 0 || len(r.named) > 0: // the port of an implied workload of which only the name is known
		return Unknown
	}
	return No
}

func (p permitted) tri(protocol, port int) Tri {
	switch {
	case p.yes[protocol].contains(port):
		return Yes
	case p.may[protocol].contains(port):
		return Unknown
	}
	return No
}

// admits answers whether the rule's peers include the party.
func (m *matcher) admits(x *party) Tri {
	if m.anyPeer {
		return Yes
	}
	switch {
	case x.kind == addressParty:
		return m.admitsAddress(x.id)
	case x.kind == strangerParty:
		return m.admitsStranger(x.stranger)
	case x.kind == podParty && x.w.hostNetwork():
		// "in general hostNetwork Pod traffic is treated the same as all other
		// traffic to/from the node IP": selectors do not find it.
		// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
		return No
	}
	answer := No
	for _, p := range m.resolved {
		switch p.has(x) {
		case Yes:
			return Yes
		case Unknown:
			answer = Unknown
		case No:
		}
	}
	return answer
}

func (m *matcher) admitsAddress(id int32) Tri {
	for _, s := range m.spans {
		if s.first <= id && id <= s.last {
			return Yes
		}
	}
	return No
}
