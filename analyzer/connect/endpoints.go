package connect

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// endpointsNamed returns the endpoints that a user's name means: a workload by id
// or name, the workloads behind a Service, a namespace, an address, a block or
// range of addresses, or a class. It returns nil for the empty name, which means
// all of them.
func (s Sets) endpointsNamed(name string, exposure bool) (func(*Endpoint) bool, error) {
	if name == "" {
		return nil, nil
	}
	addresses, isAddress := ParseAddresses(name)
	services := s.servicesNamed(name)
	served := workloadsBehind(services)
	match := func(end *Endpoint) bool {
		switch {
		case end.Peer.Kind == netpol.AddressEndpoint:
			return isAddress && addresses.Overlaps(end.Peer.Addresses)
		case end.Workload == nil:
			return end.Name == name
		}
		w := end.Workload
		return served[w] || name == w.ID || name == w.Name || name == fact.Display(w.Namespace) || name == fact.Display(w.Namespace)+"/"+w.Name
	}
	if name == Anonymous && s.MeshPresent() {
		return match, nil
	}
	for _, l := range s {
		ends := endpoints(l.Network, exposure)
		for i := range ends {
			if match(&ends[i]) {
				return match, nil
			}
		}
	}
	if len(services) > 0 {
		return nil, noWorkloadBehind(services[0])
	}
	return nil, fmt.Errorf("nothing is called %q%s", name, didYouMean(name, s.knownNames(exposure)))
}

// knownNames lists every name that a user may give, sorted.
func (s Sets) knownNames(exposure bool) []string {
	known := map[string]bool{}
	for _, l := range s {
		ends := endpoints(l.Network, exposure)
		for i := range ends {
			end := &ends[i]
			if end.Workload == nil {
				known[end.Name] = true
				continue
			}
			known[end.Workload.ID], known[end.Workload.Name], known[fact.Display(end.Workload.Namespace)] = true, true, true
		}
		for _, v := range l.Inventory.Services {
			known[v.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(known))
}

// ParseAddresses reads an address, a CIDR block or a range `low-high`.
// ParseAddresses reads an address, a CIDR block or a range `low-high`.
func ParseAddresses(name string) (netipx.IPRange, bool) {
	if p, ok := netset.ParsePrefix(name); ok {
		return netipx.RangeOfPrefix(p), true
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return netipx.IPRangeFrom(a, a), true
	}
	r, err := netipx.ParseIPRange(name)
	return r, err == nil
}

// didYouMean suggests up to three names: the one with the nearest spelling, and
// those that contain this one.
func didYouMean(name string, known []string) string {
	const most = 3
	var near []string
	if one := fact.Nearest(name, known); one != "" {
		near = append(near, one)
	}
	for _, k := range known {
		if len(near) < most && !slices.Contains(near, k) && len(name) > 1 && strings.Contains(k, name) {
			near = append(near, k)
		}
	}
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, ", ") + "?"
}
