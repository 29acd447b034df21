package connect

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// Callers is who may connect to one port by network policy, nobody else.
type Callers struct {
	Workload *inventory.Workload
	Port     string   // 8000 (`http`)
	Names    []string // sorted: workloads, ranges of addresses, classes of pods; none is nobody
}

// mostCallers bounds the callers worth listing: more are no least privilege.
const mostCallers = 12

// Callers lists, for the workloads that run AI, the ports that policies keep
// for some callers, and these. What is open to the cluster or to everybody, and
// what is not known, is left out. Sorted by workload, in the order of its ports.
func (m Sets) Callers() []Callers {
	var out []Callers
	for _, s := range m {
		for _, w := range s.Inventory.Workloads {
			if !w.RunsAI() || w.Implied || s.Network.IsolatedIn(w, fact.Ingress) != fact.Yes || s.Network.Isolation(w, fact.Ingress).Admits == "unknown" {
				continue
			}
			for _, p := range w.Ports {
				if p.Purpose == fact.ForApplication && p.Number > 0 {
					out = s.callersOf(out, w, p)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Callers) int { return strings.Compare(a.Workload.ID, b.Workload.ID) })
	return out
}

func (s *Layers) callersOf(to []Callers, w *inventory.Workload, p *inventory.Port) []Callers {
	n := s.Network
	self, protocol := n.EndpointOf[w], netset.ProtocolIndex(p.Protocol)
	if protocol < 0 {
		return to
	}
	c := Callers{Workload: w, Port: p.String()}
	for _, src := range n.Sources(self, true) {
		answer := n.Permits(src, self).Allows(protocol, p.Number)
		if answer == fact.No {
			continue
		}
		if answer == fact.Unknown || src == n.AnyPod || src.Kind == netpol.AddressEndpoint && src.Addresses.From().IsUnspecified() {
			return to
		}
		c.Names = append(c.Names, names(src, w)...)
	}
	if len(c.Names) > mostCallers {
		return to
	}
	slices.Sort(c.Names)
	return append(to, c)
}

// names are what users call the party, but for one workload.
func names(p *netpol.Endpoint, but *inventory.Workload) []string {
	if p.Kind != netpol.PodEndpoint {
		return []string{p.Name()}
	}
	var out []string
	for _, w := range p.Members {
		if w != but {
			out = append(out, w.ID)
		}
	}
	return out
}
