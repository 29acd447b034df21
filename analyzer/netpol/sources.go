package netpol

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// reach lists the sources by what their own egress policies let them connect to.
type reach struct {
	to          map[*Endpoint][]*Endpoint // by a destination that the source's rules name
	anyPod      []*Endpoint               // sources that may connect to any pod
	anyAddress  []*Endpoint               // sources that may connect to any address
	hostNetwork []*Endpoint               // pods of the host network
}

// Sources returns the endpoints that may connect to a destination: those that
// the policies of either side name, and all only where neither names any. The
// answer may hold endpoints that are denied after all; it never lacks one that
// is not. exposure asks for pods that the tree does not hold too.
func (n *Network) Sources(dst *Endpoint, exposure bool) []*Endpoint {
	r := n.reach()
	var found []*Endpoint
	switch {
	case dst.Kind == AddressEndpoint:
		found = slices.Concat(r.to[dst], r.anyAddress)
	case dst == n.AnyPod:
		found = slices.Clone(r.anyPod)
	case dst.Kind == UnknownPodsEndpoint:
		found = slices.Clone(r.to[dst])
	default:
		found = n.AppendNamed(n.unnamedSources(r, dst), &dst.Ingress, fact.Ingress)
	}
	seen := make(map[*Endpoint]bool, len(found))
	return slices.DeleteFunc(found, func(x *Endpoint) bool {
		drop := seen[x] || x.Kind == UnknownPodsEndpoint && !exposure
		seen[x] = true
		return drop
	})
}

// unnamedSources returns the sources of a pod that its own rules do not name.
func (n *Network) unnamedSources(r *reach, dst *Endpoint) []*Endpoint {
	var found []*Endpoint
	if dst.Ingress.AnyPod {
		found = slices.Concat(r.to[dst], r.anyPod, []*Endpoint{n.AnyPod})
	} else {
		found = slices.Clone(r.hostNetwork)
	}
	if dst.Ingress.anyAddress {
		found = append(found, n.Addresses...)
	}
	return found
}

// AppendNamed appends the endpoints that the rules of one direction name, some
// of them more than once.
func (n *Network) AppendNamed(to []*Endpoint, v *PolicyView, d fact.Direction) []*Endpoint {
	for _, m := range v.matchers(d) {
		for _, p := range m.Peers {
			to = n.appendSet(to, p.resolved)
		}
		for _, span := range m.spans {
			to = append(to, n.Addresses[span.First:span.Last+1]...)
		}
	}
	return to
}

func (n *Network) appendSet(to []*Endpoint, set *PeerSet) []*Endpoint {
	if set == nil { // of a block
		return to
	}
	if x := n.unknownPodsOf[set]; x != nil {
		return append(to, x)
	}
	for _, id := range set.definite {
		to = append(to, n.Pods[id])
	}
	for _, id := range set.possible {
		to = append(to, n.Pods[id])
	}
	return to
}

func (n *Network) newReach() *reach {
	r := &reach{to: map[*Endpoint][]*Endpoint{}}
	for _, src := range n.Pods {
		if src.Egress.AnyPod {
			r.anyPod = append(r.anyPod, src)
		}
		if src.Egress.anyAddress {
			r.anyAddress = append(r.anyAddress, src)
		}
		if src.OnHostNetwork() {
			r.hostNetwork = append(r.hostNetwork, src)
		}
	}
	last := map[*Endpoint]*Endpoint{}
	for _, src := range n.Pods {
		named := n.AppendNamed(nil, &src.Egress, fact.Egress)
		if !src.Egress.AnyPod {
			named = append(named, r.hostNetwork...)
		}
		for _, dst := range named {
			if last[dst] != src {
				last[dst] = src
				r.to[dst] = append(r.to[dst], src)
			}
		}
	}
	return r
}
