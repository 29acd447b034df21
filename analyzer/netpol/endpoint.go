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

const (
	PodEndpoint         EndpointKind = iota
	AddressEndpoint                  // addresses outside the cluster
	UnknownPodsEndpoint              // pods that nobody has declared yet
	ExternalEndpoint                 // a pod whose manifest lies elsewhere, for the questions of flows
)

// Endpoint is one end of a connection as policies see it: workloads that no
// selector can tell apart, a part of the address space, or a class of pods
// that the tree does not hold.
type Endpoint struct {
	Kind EndpointKind
	id   int32 // of pods their place in network.pods, of addresses that in setModel.addresses

	Workload *inventory.Workload // one of the members, for all of them
	Members  []*inventory.Workload

	Addresses netipx.IPRange
	Peer      *PeerSet // nil for a pod of which nothing is known
	External  *ExternalPod

	Ingress, Egress PolicyView
}

// PolicyView is what decides one direction of a party.
type PolicyView struct {
	Definite, Possible []*Policy // that isolate it
	Tiers              TierPolicies
	Unread             bool // NetworkPolicies may apply that were not read
	unmodelled         bool // policies of another kind may change the answer
	AnyPod             bool // it may meet any pod, so that no list of them exists
	anyAddress         bool // it may meet any address
}

func (p *Endpoint) View(d fact.Direction) *PolicyView {
	if d == fact.Ingress {
		return &p.Ingress
	}
	return &p.Egress
}

// Node reports a party whose traffic is that of its node.
func (p *Endpoint) OnHostNetwork() bool { return p.Kind == PodEndpoint && p.Workload.HostNetwork() }

// Enforced reports whether policies decide about it at all. "Network policies
// are not enforced" for what lies outside the cluster, and most network
// plugins ignore pods of the host network.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
func (p *Endpoint) Enforced() bool { return p.Kind == PodEndpoint && !p.Workload.HostNetwork() }

func (p *Endpoint) Name() string {
	switch p.Kind {
	case AddressEndpoint:
		return p.Addresses.String()
	case UnknownPodsEndpoint:
		if p.Peer == nil {
			return "any-namespace/any-pod"
		}
		return p.Peer.name
	case ExternalEndpoint:
		return p.External.Name
	case PodEndpoint:
	}
	return p.Workload.ID
}

// groups unites the workloads that no selector of the set can tell apart: same
// namespace, same values of every label that a selector asks for, same numbers
// for every port that a rule names.
func (n *Network) groupWorkloads() {
	keys, names := n.policyTerms()
	found := map[string]*Endpoint{}
	for _, w := range n.inventory.Workloads {
		key := n.identity(w, keys, names)
		p := found[key]
		if p == nil {
			p = &Endpoint{Workload: w, id: int32(len(n.Pods))}
			found[key] = p
			n.Pods = append(n.Pods, p)
		}
		p.Members = append(p.Members, w)
		n.EndpointOf[w] = p
	}
}

func (n *Network) identity(w *inventory.Workload, keys []string, names []namedPort) string {
	var b strings.Builder
	b.WriteString(w.Namespace + "\x00" + strconv.FormatBool(w.HostNetwork()) + strconv.FormatBool(w.Implied) + strconv.FormatBool(w.PodsPartlyKnown()) + strconv.FormatBool(w.OperatorAddsPolicies()) +
		strconv.FormatBool(n.UnmodelledPolicy(w, fact.Ingress) != nil) + strconv.FormatBool(n.UnmodelledPolicy(w, fact.Egress) != nil))
	for _, k := range keys {
		if v, ok := w.LabelSet.Known[k]; ok {
			b.WriteString("\x00" + k + "\x01" + v)
		} else if w.LabelSet.MayHold(k) {
			b.WriteString("\x00" + k + "\x03")
		}
	}
	for i, named := range names {
		if q := w.PortNamed(named.name, netset.Protocols()[named.protocol]); q != nil {
			b.WriteString("\x00" + strconv.Itoa(i) + "\x02" + strconv.Itoa(q.Number))
		}
	}
	return b.String()
}

// asked lists the label keys and port names that the policies of the set ask
// pods for.
func (s *Network) policyTerms() (keys []string, names []namedPort) {
	seen, named := map[string]bool{}, map[namedPort]bool{}
	for _, sel := range s.podSelectors() {
		for i := range sel.Reqs {
			seen[sel.Reqs[i].Key()] = true
		}
	}
	for _, m := range s.matchers() {
		for _, n := range m.named {
			named[n] = true
		}
	}
	return slices.Sorted(maps.Keys(seen)), slices.SortedFunc(maps.Keys(named), func(a, b namedPort) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.protocol, b.protocol))
	})
}

func (s *Network) podSelectors() []inventory.Selector {
	var out []inventory.Selector
	for _, p := range s.Policies {
		out = append(out, p.Selector)
		for _, r := range p.Rules {
			for _, peer := range r.selectors {
				if peer != nil {
					out = append(out, peer.pods)
				}
			}
		}
	}
	for _, t := range s.tiers {
		out = append(out, t.selector.pods)
		for _, r := range t.Rules {
			for _, peer := range r.peers {
				out = append(out, peer.pods)
			}
		}
	}
	return out
}
