package analyzer

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/loader"
)

// claim is what one Service port says of a pod port.
type claim struct {
	class protocolClass
	name  string
	from  Source
}

// protocolConflicts finds pod ports that Services lead to under
// different protocols: the proxy can follow only one of them.
// https://istio.io/latest/docs/reference/config/analysis/ist0116/
func (s *Mesh) protocolConflicts() map[*port]ProtocolConflictFacts {
	claims := map[*port][]claim{}
	out := map[*port]ProtocolConflictFacts{}
	for _, v := range s.inventory.services {
		for i := range v.spec.Ports {
			sp := &v.spec.Ports[i]
			next := claim{istioProtocolOf(sp), refPlain(v.Object) + " port " + servicePortName(sp), Source{Object: v.Object, Path: loader.Path{"spec", "ports", i, "port"}}}
			if next.class != protocolHTTP && next.class != protocolTCP && next.class != protocolTLS {
				continue
			}
			for _, w := range v.selected {
				if q := w.servicePortTarget(sp); q != nil && s.member(w) == "sidecar" && !w.gateway {
					if _, found := out[q]; !found && contradicts(claims[q], next) {
						out[q] = next.conflict(claims[q])
					}
					claims[q] = append(claims[q], next)
				}
			}
		}
	}
	return out
}

func contradicts(others []claim, next claim) bool {
	return slices.ContainsFunc(others, func(c claim) bool { return c.class != next.class })
}

// conflict names the first of the others that contradicts the claim.
func (c *claim) conflict(others []claim) ProtocolConflictFacts {
	other := others[slices.IndexFunc(others, func(o claim) bool { return o.class != c.class })]
	return ProtocolConflictFacts{Conflict: true, Evidence: Evidence{
		From: c.from,
		Names: map[string]string{
			"here": c.name, "protocol": string(c.class), "there": other.name, "other": string(other.class),
		},
	}}
}
