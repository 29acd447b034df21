package netset

import (
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// AddressSpan is a stretch of the partition, both ends included.
type AddressSpan struct{ First, Last int32 }

func Partition(borders []netip.Addr) []netipx.IPRange {
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

// PartOf returns the part that holds an address; IPv4 sorts before IPv6.
func PartIndex(parts []netipx.IPRange, a netip.Addr) int32 {
	i, found := slices.BinarySearchFunc(parts, a, func(p netipx.IPRange, a netip.Addr) int { return p.From().Compare(a) })
	if !found {
		i--
	}
	return int32(i)
}

// ParseBlock reads an address or a block of addresses.
func ParseBlock(s string) (netipx.IPRange, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netipx.IPRangeFrom(a, a), true
	}
	p, ok := ParsePrefix(s)
	if !ok {
		return netipx.IPRange{}, false
	}
	return netipx.RangeOfPrefix(p), true
}

func ParsePrefix(s string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}
