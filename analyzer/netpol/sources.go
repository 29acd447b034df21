package netpol

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// Sources returns the parties that may reach a destination: those that either
// side names, and all of them only where neither side names any. The answer
// may hold parties that are denied after all, never lacks one that is not.
func (n *Network) Sources(dst *Endpoint, exposure bool) []*Endpoint {
	n.pointed.Do(n.point)
	var found []*Endpoint
	switch {
	case dst.Kind == AddressEndpoint:
		found = slices.Concat(n.toward[dst], n.worldly)
	case dst == n.AnyPod:
		found = slices.Clone(n.wide)
	case dst.Kind == UnknownPods:
		found = slices.Clone(n.toward[dst])
	default:
		found = n.Named(n.common(dst), &dst.In, fact.Ingress)
	}
	seen := make(map[*Endpoint]bool, len(found))
	return slices.DeleteFunc(found, func(p *Endpoint) bool {
		drop := seen[p] || p.Kind == UnknownPods && !exposure
		seen[p] = true
		return drop
	})
}

// common returns the sources of a pod that its own rules do not name.
func (n *Network) common(dst *Endpoint) []*Endpoint {
	var found []*Endpoint
	if dst.In.Pods {
		found = slices.Concat(n.toward[dst], n.wide, []*Endpoint{n.AnyPod})
	} else {
		found = slices.Clone(n.nodes)
	}
	if dst.In.world {
		found = append(found, n.Addresses...)
	}
	return found
}

// Named appends the parties that the rules of one side name.
func (n *Network) Named(to []*Endpoint, s *PolicyView, d fact.Direction) []*Endpoint {
	for _, m := range s.matchers(d) {
		for _, peer := range m.Resolved {
			to = n.members(to, peer)
		}
		for _, span := range m.spans {
			to = append(to, n.Addresses[span.First:span.Last+1]...)
		}
	}
	return to
}

func (n *Network) members(to []*Endpoint, peer *peerSet) []*Endpoint {
	if peer == nil {
		return to
	}
	if class := n.classOf[peer]; class != nil {
		return append(to, class)
	}
	for _, id := range peer.definite {
		to = append(to, n.Pods[id])
	}
	for _, id := range peer.possible {
		to = append(to, n.Pods[id])
	}
	return to
}

// point finds the destinations that each source names on its own side.
func (n *Network) point() {
	n.listWide()
	n.toward = map[*Endpoint][]*Endpoint{}
	last := map[*Endpoint]*Endpoint{}
	for _, src := range n.Pods {
		to := n.Named(nil, &src.Out, fact.Egress)
		if !src.Out.Pods {
			to = append(to, n.nodes...)
		}
		for _, dst := range to {
			if last[dst] != src {
				last[dst] = src
				n.toward[dst] = append(n.toward[dst], src)
			}
		}
	}
}

// listWide lists the sources that name nobody because they reach everybody.
func (n *Network) listWide() {
	for _, src := range n.Pods {
		if src.Out.Pods {
			n.wide = append(n.wide, src)
		}
		if src.Out.world {
			n.worldly = append(n.worldly, src)
		}
		if src.Node() {
			n.nodes = append(n.nodes, src)
		}
	}
}
