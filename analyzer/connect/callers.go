package connect

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// AllowedCallers is the complete list of who may connect to one port by network
// policy.
type AllowedCallers struct {
	Workload *inventory.Workload
	Port     string   // as messages write it: 8000 (`http`)
	Names    []string // sorted: workloads, ranges of addresses, classes of pods; empty where nothing may connect
}

// mostCallers bounds the callers worth listing: a longer list is not least
// privilege.
const mostCallers = 12

// Callers lists, for the workloads that run AI, the ports that policies limit to
// some callers, and these callers. Ports that are open to the cluster or to every
// address, and those whose callers are not known, are left out. Sorted by
// workload, in the order of its ports.
func (s Sets) Callers() []AllowedCallers {
	var out []AllowedCallers
	for _, l := range s {
		for _, w := range l.Inventory.Workloads {
			if !w.RunsAI() || w.Implied || l.Network.IsolatedIn(w, fact.Ingress) != fact.Yes || l.Network.Isolation(w, fact.Ingress).Admits == "unknown" {
				continue
			}
			for _, p := range w.Ports {
				if p.Purpose == fact.ForApplication && p.Number > 0 {
					out = l.callersOf(out, w, p)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b AllowedCallers) int { return strings.Compare(a.Workload.ID, b.Workload.ID) })
	return out
}

func (l *Layers) callersOf(to []AllowedCallers, w *inventory.Workload, p *inventory.Port) []AllowedCallers {
	n := l.Network
	self, protocol := n.EndpointOf[w], netset.ProtocolIndex(p.Protocol)
	if protocol < 0 {
		return to
	}
	c := AllowedCallers{Workload: w, Port: p.String()}
	for _, src := range n.Sources(self, true) {
		answer := n.Permits(src, self).Allows(protocol, p.Number)
		if answer == fact.No {
			continue
		}
		if answer == fact.Unknown || src == n.AnyPod || src.Kind == netpol.AddressEndpoint && src.Addresses.From().IsUnspecified() {
			return to
		}
		c.Names = append(c.Names, callerNames(src, w)...)
	}
	if len(c.Names) > mostCallers {
		return to
	}
	slices.Sort(c.Names)
	return append(to, c)
}

// callerNames are the names that users see for an endpoint: those of its
// workloads except one, or its own.
func callerNames(p *netpol.Endpoint, except *inventory.Workload) []string {
	if p.Kind != netpol.PodEndpoint {
		return []string{p.Name()}
	}
	var out []string
	for _, w := range p.Members {
		if w != except {
			out = append(out, w.ID)
		}
	}
	return out
}
