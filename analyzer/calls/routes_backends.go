package calls

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

func (r *routing) gatewayBackends(o *source.Object, spec *yaml.Node) []RouteBackend {
	var out []RouteBackend
	for i, rule := range spec.Get("rules").List() {
		for j, ref := range rule.Get("backendRefs").List() {
			if weight, ok := decode.NodeInt(ref.Get("weight")); ok && weight == 0 {
				continue // https://gateway-api.sigs.k8s.io/reference/spec/#backendref
			}
			from := fact.Source{Object: o, Path: yaml.Path{"spec", "rules", i, "backendRefs", j, "name"}}
			if b, ok := r.gatewayBackend(o, ref, from); ok {
				out = append(out, b)
			}
		}
	}
	return out
}

func (r *routing) gatewayBackend(o *source.Object, ref *yaml.Node, from fact.Source) (RouteBackend, bool) {
	key := decode.TextAt(ref, "namespace", o.Namespace) + "/" + decode.TextAt(ref, "name", "")
	switch decode.TextAt(ref, "group", "") + "/" + decode.TextAt(ref, "kind", "Service") {
	case "/Service":
		v := r.d.Services[key]
		if v == nil {
			return RouteBackend{}, false
		}
		var sp *corev1.ServicePort
		if n, ok := decode.NodeInt(ref.Get("port")); ok && n > 0 {
			protocol := "TCP"
			if o.Kind == "UDPRoute" {
				protocol = "UDP"
			}
			sp = v.PortOf(n, protocol)
		}
		return serviceBackend(v, sp, from), true
	case "inference.networking.k8s.io/InferencePool", "inference.networking.x-k8s.io/InferencePool":
		if pool := r.pools[key]; pool != nil {
			return r.poolBackend(pool, from), true
		}
	}
	return RouteBackend{}, false
}

// poolBackend finds the pods of an InferencePool: by labels in its own
// namespace, at each of its target ports. The older version spells both
// otherwise.
// https://gateway-api-inference-extension.sigs.k8s.io/reference/spec/#inferencepoolspec
func (r *routing) poolBackend(pool *source.Object, from fact.Source) RouteBackend {
	b := RouteBackend{pool: pool, From: from}
	spec := pool.Root.Get("spec")
	labels := spec.Get("selector")
	if m := labels.Get("matchLabels"); m != nil && m.Kind == yaml.Map {
		labels = m
	}
	type target struct {
		number int
		from   fact.Source
	}
	var targets []target
	for i, p := range spec.Get("targetPorts").List() {
		if n, ok := decode.NodeInt(p.Get("number")); ok {
			targets = append(targets, target{n, fact.Source{Object: pool, Path: yaml.Path{"spec", "targetPorts", i, "number"}}})
		}
	}
	if n, ok := decode.NodeInt(spec.Get("targetPortNumber")); ok {
		targets = append(targets, target{n, fact.Source{Object: pool, Path: yaml.Path{"spec", "targetPortNumber"}}})
	}
	want := decode.TextMap(labels)
	ns := r.inventory.Namespaces[pool.Namespace]
	if ns == nil || len(want) == 0 {
		return b
	}
	yes, _ := ns.Index.Match(inventory.MapSelector(want))
	for _, w := range yes {
		for _, t := range targets {
			b.Destinations = append(b.Destinations, inventory.Destination{W: w, Port: w.PodPort(t.number, t.from)})
		}
	}
	return b
}
