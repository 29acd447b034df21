package analyzer

import (
	"cmp"
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// addressSpan is a stretch of the partition, both ends included.
type addressSpan struct{ first, last int32 }

// cutAddresses cuts both address families at every border that an ipBlock of the
// set draws: the addresses of one part are admitted alike by every rule.
func (s *network) cutAddresses() {
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
		for _, b := range m.ranges {
			cut(b.From())
			cut(b.To().Next()) // invalid behind the last address
		}
	}
	s.partition = append(parts(v4), parts(v6)...)
	for _, m := range matchers {
		m.locate(s.partition)
	}
	s.public = newPublicShare(s.partition)
}

// matchers lists the rules of every kind.
func (s *network) matchers() []*matcher {
	var out []*matcher
	for _, p := range s.policies {
		for _, r := range p.rules {
			out = append(out, &r.matcher)
		}
	}
	for _, t := range s.tiers {
		for _, r := range t.rules {
			out = append(out, &r.matcher)
		}
	}
	return out
}

func parts(borders []netip.Addr) []netipx.IPRange {
	slices.SortFunc(borders, netip.Addr.Compare)
	borders = slices.Compact(borders)
	out := make([]netipx.IPRange, 0, len(borders))
	for i, from := range borders {
		to := netipx.PrefixLastIP(netip.PrefixFrom(from, 0).Masked())
		if i+1 < len(borders) {
			to = borders[i+1].Prev()
		}
		out = append(out, netipx.IPRangeFrom(from, to))
	}
	return out
}

// locate finds the parts that the blocks are made of.
func (m *matcher) locate(parts []netipx.IPRange) {
	for _, b := range m.ranges {
		m.spans = append(m.spans, addressSpan{partOf(parts, b.From()), partOf(parts, b.To())})
	}
}

// partOf returns the part that holds an address; IPv4 sorts before IPv6.
func partOf(parts []netipx.IPRange, a netip.Addr) int32 {
	i, found := slices.BinarySearchFunc(parts, a, func(p netipx.IPRange, a netip.Addr) int { return p.From().Compare(a) })
	if !found {
		i--
	}
	return int32(i)
}

// coversFamily reports whether parts make up all of IPv4 or all of IPv6.
func (s *network) coversFamily(spans []addressSpan) bool {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b addressSpan) int { return cmp.Compare(a.first, b.first) })
	first6 := int32(slices.IndexFunc(s.partition, func(p netipx.IPRange) bool { return p.From().Is6() }))
	next4, next6 := int32(0), first6 // the first part that is missing
	for _, span := range spans {
		if span.first <= next4 {
			next4 = max(next4, span.last+1)
		}
		if span.first <= next6 {
			next6 = max(next6, span.last+1)
		}
	}
	return next4 >= first6 || int(next6) == len(s.partition)
}
