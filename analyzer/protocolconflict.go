package analyzer

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// claim is what one Service port says of a pod port.
type claim struct {
	class protocolClass
	name  string
	from  Source
}

// resolveProtocolConflicts finds pod ports that Services lead to under
// different protocols: the proxy can follow only one of them.
// https://istio.io/latest/docs/reference/config/analysis/ist0116/
func (s *setModel) resolveProtocolConflicts() {
	claims := map[*port][]claim{}
	for _, v := range s.services {
		for i := range v.spec.Ports {
			sp := &v.spec.Ports[i]
			next := claim{istioProtocolOf(sp), refPlain(v.Object) + " port " + servicePortName(sp), Source{Object: v.Object, Path: yaml.Path{"spec", "ports", i, "port"}}}
			if next.class != protocolHTTP && next.class != protocolTCP && next.class != protocolTLS {
				continue
			}
			for _, w := range v.selected {
				if q := w.servicePortTarget(sp); q != nil && w.Facts.Mesh.Member == "sidecar" && !w.Facts.Gateway {
					q.claim(claims[q], next)
					claims[q] = append(claims[q], next)
				}
			}
		}
	}
}

// claim notes the first contradiction.
func (p *port) claim(others []claim, next claim) {
	at := slices.IndexFunc(others, func(c claim) bool { return c.class != next.class })
	if at < 0 || p.facts.Protocols.Conflict {
		return
	}
	p.facts.Protocols = ProtocolConflictFacts{Conflict: true, Evidence: Evidence{
		From: next.from,
		Names: map[string]string{
			"here": next.name, "protocol": string(next.class), "there": others[at].name, "other": string(others[at].class),
		},
	}}
}
