package analyzer

import (
	"slices"
	"strings"
)

// Callers is who may connect to one port by network policy, nobody else.
type Callers struct {
	Workload *Workload
	Port     string   // 8000 (`http`)
	Names    []string // sorted: workloads, ranges of addresses, classes of pods; none is nobody
}

// mostNamed bounds the callers worth listing: more are no least privilege.
const mostNamed = 12

// Callers lists, for the workloads that run AI, the ports that policies keep
// for some callers, and these. What is open to the cluster or to everybody, and
// what is not known, is left out. Sorted by workload, in the order of its ports.
func (m Sets) Callers() []Callers {
	var out []Callers
	for _, s := range m {
		for _, w := range s.inventory.workloads {
			if !w.RunsAI() || w.implied || s.network.isolatedIn(w, ingress) != Yes || s.network.isolations[w].ingress.Admits == "unknown" {
				continue
			}
			for _, p := range w.ports {
				if p.purpose == "app" && p.number > 0 {
					out = s.callersOf(out, w, p)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Callers) int { return strings.Compare(a.Workload.ID, b.Workload.ID) })
	return out
}

func (s *Layers) callersOf(to []Callers, w *Workload, p *port) []Callers {
	n := s.network
	self, protocol := n.partyOf[w], protocolIndex(p.protocol)
	if protocol < 0 {
		return to
	}
	c := Callers{Workload: w, Port: p.String()}
	for _, src := range n.sources(self, true) {
		answer := n.permits(src, self).tri(protocol, p.number)
		if answer == No {
			continue
		}
		if answer == Unknown || src == n.anyPod || src.kind == addressParty && src.addresses.From().IsUnspecified() {
			return to
		}
		c.Names = append(c.Names, src.names(w)...)
	}
	if len(c.Names) > mostNamed {
		return to
	}
	slices.Sort(c.Names)
	return append(to, c)
}

// names are what users call the party, but for one workload.
func (p *party) names(but *Workload) []string {
	if p.kind != podParty {
		return []string{p.name()}
	}
	var out []string
	for _, w := range p.members {
		if w != but {
			out = append(out, w.ID)
		}
	}
	return out
}
