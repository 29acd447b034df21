package netpol

import (
	"cmp"
	"net/netip"
	"slices"

	"go4.org/netipx"

	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// cutAddresses cuts both address families at every border of an ipBlock of the
// set: every rule treats the addresses of one part alike.
func (n *Network) cutAddresses() {
	var v4, v6 []netip.Addr
	cut := func(a netip.Addr) {
		if a.Is4() {
			v4 = append(v4, a)
		} else if a.IsValid() {
			v6 = append(v6, a)
		}
	}
	cut(netip.IPv4Unspecified())
	cut(netip.IPv6Unspecified())
	matchers := n.matchers()
	for _, m := range matchers {
		for _, b := range m.ranges {
			cut(b.From())
			cut(b.To().Next()) // invalid behind the last address
		}
	}
	n.Partition = append(netset.Partition(v4), netset.Partition(v6)...)
	for _, m := range matchers {
		for _, b := range m.ranges {
			m.spans = append(m.spans, netset.AddressSpan{First: netset.PartIndex(n.Partition, b.From()), Last: netset.PartIndex(n.Partition, b.To())})
		}
	}
	n.public = netset.NewPublicShare(n.Partition)
	for i, a := range n.Partition {
		n.Addresses = append(n.Addresses, &Endpoint{Kind: AddressEndpoint, id: int32(i), Addresses: a})
	}
}

// unionOfBlocks returns the addresses of the peers' blocks, sorted and
// disjoint; nil if no peer is a block.
func unionOfBlocks(peers []*Peer) []netipx.IPRange {
	var all netipx.IPSetBuilder
	for _, p := range peers {
		if p.block != nil {
			all.AddSet(p.block.addresses)
		}
	}
	set, err := all.IPSet()
	if err != nil {
		return nil
	}
	return set.Ranges()
}

// matchers lists the rules of NetworkPolicies and of both tiers.
func (n *Network) matchers() []*Matcher {
	var out []*Matcher
	for _, p := range n.Policies {
		for _, r := range p.Rules {
			out = append(out, &r.Matcher)
		}
	}
	for _, t := range n.tiers {
		for _, r := range t.Rules {
			out = append(out, &r.Matcher)
		}
	}
	return out
}

// coversFamily reports whether spans together hold all of IPv4 or all of IPv6.
func (n *Network) coversFamily(spans []netset.AddressSpan) bool {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b netset.AddressSpan) int { return cmp.Compare(a.First, b.First) })
	first6 := int32(slices.IndexFunc(n.Partition, func(p netipx.IPRange) bool { return p.From().Is6() }))
	next4, next6 := int32(0), first6 // the first part that no span has held yet
	for _, span := range spans {
		if span.First <= next4 {
			next4 = max(next4, span.Last+1)
		}
		if span.First <= next6 {
			next6 = max(next6, span.Last+1)
		}
	}
	return next4 >= first6 || int(next6) == len(n.Partition)
}
