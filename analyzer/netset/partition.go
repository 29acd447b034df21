package netset

import (
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// AddressSpan is a run of consecutive parts of a partition, by their indexes,
// both ends included.
type AddressSpan struct{ First, Last int32 }

// Partition cuts an address space at borders: each part begins at one of them
// and ends before the next. The borders are addresses of one family and include
// its first address. It sorts the slice that it is given.
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

// PartIndex returns the index of the part that holds an address, in a partition
// of IPv4 followed by one of IPv6.
func PartIndex(parts []netipx.IPRange, a netip.Addr) int32 {
	i, found := slices.BinarySearchFunc(parts, a, func(p netipx.IPRange, a netip.Addr) int { return p.From().Compare(a) })
	if !found {
		i--
	}
	return int32(i)
}

// ParseBlock reads an address or a CIDR block.
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

// ParsePrefix reads a CIDR block, and clears the bits outside its prefix.
func ParsePrefix(s string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}
