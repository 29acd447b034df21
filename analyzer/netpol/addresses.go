package netpol

import (
	"cmp"
	"net/netip"
	"slices"

	"go4.org/netipx"

	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// cutAddresses cuts both address families at every border that an ipBlock of the
// set draws: the addresses of one part are admitted alike by every rule.
func (s *Network) cutAddresses() {
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
	matchers := s.matchers()
	for _, m := range matchers {
		for _, b := range m.Ranges {
			cut(b.From())
			cut(b.To().Next()) // invalid behind the last address
		}
	}
	s.Partition = append(netset.Partition(v4), netset.Partition(v6)...)
	for _, m := range matchers {
		m.Locate(s.Partition)
	}
	s.public = netset.NewPublicShare(s.Partition)
}

// matchers lists the rules of every kind.
func (s *Network) matchers() []*Matcher {
	var out []*Matcher
	for _, p := range s.Policies {
		for _, r := range p.Rules {
			out = append(out, &r.Matcher)
		}
	}
	for _, t := range s.tiers {
		for _, r := range t.Rules {
			out = append(out, &r.Matcher)
		}
	}
	return out
}

// Locate finds the parts that the blocks are made of.
func (m *Matcher) Locate(parts []netipx.IPRange) {
	for _, b := range m.Ranges {
		m.spans = append(m.spans, netset.AddressSpan{First: netset.PartIndex(parts, b.From()), Last: netset.PartIndex(parts, b.To())})
	}
}

// coversFamily reports whether parts make up all of IPv4 or all of IPv6.
func (s *Network) coversFamily(spans []netset.AddressSpan) bool {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b netset.AddressSpan) int { return cmp.Compare(a.First, b.First) })
	first6 := int32(slices.IndexFunc(s.Partition, func(p netipx.IPRange) bool { return p.From().Is6() }))
	next4, next6 := int32(0), first6 // the first part that is missing
	for _, span := range spans {
		if span.First <= next4 {
			next4 = max(next4, span.Last+1)
		}
		if span.First <= next6 {
			next6 = max(next6, span.Last+1)
		}
	}
	return next4 >= first6 || int(next6) == len(s.Partition)
}
