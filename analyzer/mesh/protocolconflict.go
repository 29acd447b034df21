package mesh

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// claim is what one Service port says of a pod port.
type claim struct {
	class inventory.ProtocolClass
	name  string
	from  fact.Source
}

// ProtocolConflicts finds pod ports that Services lead to under
// different protocols: the proxy can follow only one of them.
// https://istio.io/latest/docs/reference/config/analysis/ist0116/
func (s *Mesh) ProtocolConflicts() map[*inventory.Port]fact.ProtocolConflictFacts {
	claims := map[*inventory.Port][]claim{}
	out := map[*inventory.Port]fact.ProtocolConflictFacts{}
	for _, v := range s.Inventory.Services {
		for i := range v.Spec.Ports {
			sp := &v.Spec.Ports[i]
			next := claim{inventory.IstioProtocolOf(sp), fact.RefPlain(v.Object) + " port " + inventory.ServicePortName(sp), fact.Source{Object: v.Object, Path: yaml.Path{"spec", "ports", i, "port"}}}
			if next.class != inventory.ProtocolHTTP && next.class != inventory.ProtocolTCP && next.class != inventory.ProtocolTLS {
				continue
			}
			for _, w := range v.Selected {
				if q := w.ServicePortTarget(sp); q != nil && s.Member(w) == fact.Sidecar && !w.Gateway {
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
func (c *claim) conflict(others []claim) fact.ProtocolConflictFacts {
	other := others[slices.IndexFunc(others, func(o claim) bool { return o.class != c.class })]
	return fact.ProtocolConflictFacts{Conflict: true, Evidence: fact.Evidence{
		From: c.from,
		Names: map[string]string{
			"here": c.name, "protocol": string(c.class), "there": other.name, "other": string(other.class),
		},
	}}
}
