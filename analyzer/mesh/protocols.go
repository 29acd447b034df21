package mesh

import (
	"iter"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// declaration is the protocol that one Service port declares for a pod port.
type declaration struct {
	class inventory.ProtocolClass
	name  string // of the Service port, for messages
	from  fact.Source
}

// ProtocolConflicts finds pod ports that Services lead to under different
// protocols: the proxy can follow only one of them. Ports without a conflict
// are not in the map.
// https://istio.io/latest/docs/reference/config/analysis/ist0116/
func (m *Mesh) ProtocolConflicts() map[*inventory.Port]fact.ProtocolConflictFacts {
	declared := map[*inventory.Port][]declaration{}
	out := map[*inventory.Port]fact.ProtocolConflictFacts{}
	for v, i := range m.declaredPorts() {
		sp := &v.Spec.Ports[i]
		next := declaration{
			inventory.IstioProtocolOf(sp), fact.RefPlain(v.Object) + " port " + inventory.ServicePortName(sp),
			fact.Source{Object: v.Object, Path: yaml.Path{"spec", "ports", i, "port"}},
		}
		for q := range m.sidecarPorts(v, sp) {
			if _, found := out[q]; !found && next.contradicts(declared[q]) {
				out[q] = next.conflict(declared[q])
			}
			declared[q] = append(declared[q], next)
		}
	}
	return out
}

// declaredPorts yields the Service ports, by their place, that declare a
// protocol which a proxy treats in its own way.
func (m *Mesh) declaredPorts() iter.Seq2[*inventory.Service, int] {
	return func(yield func(*inventory.Service, int) bool) {
		for _, v := range m.Inventory.Services {
			for i := range v.Spec.Ports {
				class := inventory.IstioProtocolOf(&v.Spec.Ports[i])
				if class != inventory.ProtocolHTTP && class != inventory.ProtocolTCP && class != inventory.ProtocolTLS {
					continue
				}
				if !yield(v, i) {
					return
				}
			}
		}
	}
}

// sidecarPorts yields the ports of pods with a sidecar that a Service port leads to.
func (m *Mesh) sidecarPorts(v *inventory.Service, sp *corev1.ServicePort) iter.Seq[*inventory.Port] {
	return func(yield func(*inventory.Port) bool) {
		for _, w := range v.Selected {
			if q := w.ServicePortTarget(sp); q != nil && m.Member(w) == fact.Sidecar && !w.Gateway && !yield(q) {
				return
			}
		}
	}
}

// contradicts reports another declaration of a different protocol.
func (c *declaration) contradicts(others []declaration) bool { return c.other(others) >= 0 }

// other is the place of the first declaration of a different protocol, -1 without one.
func (c *declaration) other(others []declaration) int {
	return slices.IndexFunc(others, func(o declaration) bool { return o.class != c.class })
}

// conflict names the first of the others that declares a different protocol.
func (c *declaration) conflict(others []declaration) fact.ProtocolConflictFacts {
	other := others[c.other(others)]
	return fact.ProtocolConflictFacts{Conflict: true, Evidence: fact.Evidence{
		From: c.from,
		Names: map[string]string{
			"here": c.name, "protocol": string(c.class), "there": other.name, "other": string(other.class),
		},
	}}
}
