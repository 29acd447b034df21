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

// called finds what a user's name means: a workload by id or name, the
// workloads behind a Service, a namespace, an address, a block or range of
// addresses, or a class. It returns nil for the empty name, which is everybody.
func (m Sets) called(name string, exposure bool) (func(*Endpoint) bool, error) {
	if name == "" {
		return nil, nil
	}
	addresses, isAddress := addressesCalled(name)
	services := m.servicesCalled(name)
	served := behind(services)
	match := func(e *Endpoint) bool {
		switch {
		case e.Party.Kind == netpol.AddressEndpoint:
			return isAddress && addresses.Overlaps(e.Party.Addresses)
		case e.Workload == nil:
			return e.Name == name
		}
		w := e.Workload
		return served[w] || name == w.ID || name == w.Name || name == fact.Display(w.Namespace) || name == fact.Display(w.Namespace)+"/"+w.Name
	}
	if name == Anonymous && m.MeshPresent() {
		return match, nil
	}
	for _, s := range m {
		ends := endpoints(s.Network, exposure)
		for i := range ends {
			if match(&ends[i]) {
				return match, nil
			}
		}
	}
	if len(services) > 0 {
		return nil, nobodyBehind(services[0])
	}
	return nil, fmt.Errorf("nothing is called %q%s", name, didYouMean(name, m.names(exposure)))
}

// names lists everything that a user could have meant, sorted.
func (m Sets) names(exposure bool) []string {
	known := map[string]bool{}
	for _, s := range m {
		ends := endpoints(s.Network, exposure)
		for i := range ends {
			e := &ends[i]
			if e.Workload == nil {
				known[e.Name] = true
				continue
			}
			known[e.Workload.ID], known[e.Workload.Name], known[fact.Display(e.Workload.Namespace)] = true, true, true
		}
		for _, v := range s.Inventory.Services {
			known[v.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(known))
}

func addressesCalled(name string) (netipx.IPRange, bool) {
	if p, ok := netset.ParsePrefix(name); ok {
		return netipx.RangeOfPrefix(p), true
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return netipx.IPRangeFrom(a, a), true
	}
	r, err := netipx.ParseIPRange(name)
	return r, err == nil
}

// didYouMean lists the near names: a slip of the pen, or names of which this
// one is a part.
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
