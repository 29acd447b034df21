package analyzer

import "slices"

// sources returns the parties that may reach a destination: those that either
// side names, and all of them only where neither side names any. The answer
// may hold parties that are denied after all, never lacks one that is not.
func (n *network) sources(dst *party, exposure bool) []*party {
	n.pointed.Do(n.point)
	var found []*party
	switch {
	case dst.kind == addressParty:
		found = slices.Concat(n.toward[dst], n.worldly)
	case dst == n.anyPod:
		found = slices.Clone(n.wide)
	case dst.kind == classParty:
		found = slices.Clone(n.toward[dst])
	default:
		found = n.named(n.common(dst), &dst.in, ingress)
	}
	seen := make(map[*party]bool, len(found))
	return slices.DeleteFunc(found, func(p *party) bool {
		drop := seen[p] || p.kind == classParty && !exposure
		seen[p] = true
		return drop
	})
}

// common returns the sources of a pod that its own rules do not name.
func (n *network) common(dst *party) []*party {
	var found []*party
	if dst.in.pods {
		found = slices.Concat(n.toward[dst], n.wide, []*party{n.anyPod})
	} else {
		found = slices.Clone(n.nodes)
	}
	if dst.in.world {
		found = append(found, n.addresses...)
	}
	return found
}

// named appends the parties that the rules of one side name.
func (n *network) named(to []*party, s *side, d direction) []*party {
	for _, m := range s.matchers(d) {
		for _, peer := range m.resolved {
			to = n.members(to, peer)
		}
		for _, span := range m.spans {
			to = append(to, n.addresses[span.first:span.last+1]...)
		}
	}
	return to
}

func (n *network) members(to []*party, peer *peerSet) []*party {
	if peer == nil {
		return to
	}
	if class := n.classOf[peer]; class != nil {
		return append(to, class)
	}
	for _, id := range peer.yes {
		to = append(to, n.pods[id])
	}
	for _, id := range peer.may {
		to = append(to, n.pods[id])
	}
	return to
}

// point finds the destinations that each source names on its own side.
func (n *network) point() {
	n.listWide()
	n.toward = map[*party][]*party{}
	last := map[*party]*party{}
	for _, src := range n.pods {
		to := n.named(nil, &src.out, egress)
		if !src.out.pods {
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
func (n *network) listWide() {
	for _, src := range n.pods {
		if src.out.pods {
			n.wide = append(n.wide, src)
		}
		if src.out.world {
			n.worldly = append(n.worldly, src)
		}
		if src.node() {
			n.nodes = append(n.nodes, src)
		}
	}
}
