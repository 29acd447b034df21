package netset

import (
	"math"
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// PublicShare says of a partition how many of the public addresses its parts
// hold. v4[i] and v6[i] are the share, from 0 to 1, of the parts before part i.
type PublicShare struct{ v4, v6 []float64 }

// notPublic returns the blocks of IPv4 that the Internet does not route.
// https://www.iana.org/assignments/iana-ipv4-special-registry/
func notPublic() []string {
	return []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
	}
}

// NewPublicShare measures the parts of a partition. The public addresses of IPv6
// are 2000::/3, its global unicast.
// https://www.iana.org/assignments/ipv6-unicast-address-assignments/
func NewPublicShare(parts []netipx.IPRange) PublicShare {
	var public netipx.IPSetBuilder
	public.AddPrefix(netip.MustParsePrefix("0.0.0.0/0"))
	for _, block := range notPublic() {
		public.RemovePrefix(netip.MustParsePrefix(block))
	}
	public.AddPrefix(netip.MustParsePrefix("2000::/3"))
	set, err := public.IPSet()
	if err != nil {
		return PublicShare{}
	}
	var v4, v6 []netipx.IPRange
	for _, r := range set.Ranges() {
		if r.From().Is4() {
			v4 = append(v4, r)
		} else {
			v6 = append(v6, r)
		}
	}
	return PublicShare{shares(parts, v4), shares(parts, v6)}
}

// shares returns the running sums, one more than there are parts.
func shares(parts, public []netipx.IPRange) []float64 {
	total := 0.0
	for _, r := range public {
		total += size(r)
	}
	out := make([]float64, 1, len(parts)+1)
	sum := 0.0
	for _, part := range parts {
		for _, r := range public {
			if r.Overlaps(part) {
				sum += size(overlap(r, part)) / total
			}
		}
		out = append(out, sum)
	}
	return out
}

func overlap(a, b netipx.IPRange) netipx.IPRange {
	from, to := a.From(), a.To()
	if from.Less(b.From()) {
		from = b.From()
	}
	if b.To().Less(to) {
		to = b.To()
	}
	return netipx.IPRangeFrom(from, to)
}

// size returns how many addresses a range holds, for IPv6 approximately.
func size(r netipx.IPRange) float64 {
	number := func(a netip.Addr) float64 {
		n := 0.0
		for _, b := range a.AsSlice() {
			n = n*256 + float64(b)
		}
		return n
	}
	return math.Max(number(r.To())-number(r.From())+1, 1)
}

// CoversMost reports that spans hold more than half of the public addresses of a
// family: a rule for these means the Internet, not a service of it.
func (s PublicShare) CoversMost(spans []AddressSpan) bool {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b AddressSpan) int { return int(a.First - b.First) })
	v4, v6 := 0.0, 0.0
	next := int32(0)
	for _, span := range spans {
		first := max(span.First, next)
		if first > span.Last {
			continue
		}
		next = span.Last + 1
		v4 += s.v4[next] - s.v4[first]
		v6 += s.v6[next] - s.v6[first]
	}
	return v4 > 0.5 || v6 > 0.5
}
