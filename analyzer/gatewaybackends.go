package analyzer

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

func (r *routing) gatewayBackends(o *source.Object, spec *yaml.Node) []routeBackend {
	var out []routeBackend
	for i, rule := range spec.Get("rules").List() {
		for j, ref := range rule.Get("backendRefs").List() {
			if weight, ok := nodeInt(ref.Get("weight")); ok && weight == 0 {
				continue // https://gateway-api.sigs.k8s.io/reference/spec/#backendref
			}
			from := Source{Object: o, Path: yaml.Path{"spec", "rules", i, "backendRefs", j, "name"}}
			if b, ok := r.gatewayBackend(o, ref, from); ok {
				out = append(out, b)
			}
		}
	}
	return out
}

func (r *routing) gatewayBackend(o *source.Object, ref *yaml.Node, from Source) (routeBackend, bool) {
	key := textAt(ref, "namespace", o.Namespace) + "/" + textAt(ref, "name", "")
	switch textAt(ref, "group", "") + "/" + textAt(ref, "kind", "Service") {
	case "/Service":
		v := r.d.services[key]
		if v == nil {
			return routeBackend{}, false
		}
		var sp *corev1.ServicePort
		if n, ok := nodeInt(ref.Get("port")); ok && n > 0 {
			protocol := "TCP"
			if o.Kind == "UDPRoute" {
				protocol = "UDP"
			}
			sp = v.portOf(n, protocol)
		}
		return serviceBackend(v, sp, from), true
	case "inference.networking.k8s.io/InferencePool", "inference.networking.x-k8s.io/InferencePool":
		if pool := r.pools[key]; pool != nil {
			return r.poolBackend(pool, from), true
		}
	}
	return routeBackend{}, false
}

// poolBackend finds the pods of an InferencePool: by labels in its own
// namespace, at each of its target ports. The older version spells both
// otherwise.
// https://gateway-api-inference-extension.sigs.k8s.io/reference/spec/#inferencepoolspec
func (r *routing) poolBackend(pool *source.Object, from Source) routeBackend {
	b := routeBackend{pool: pool, from: from}
	spec := pool.Root.Get("spec")
	labels := spec.Get("selector")
	if m := labels.Get("matchLabels"); m != nil && m.Kind == yaml.Map {
		labels = m
	}
	type target struct {
		number int
		from   Source
	}
	var targets []target
	for i, p := range spec.Get("targetPorts").List() {
		if n, ok := nodeInt(p.Get("number")); ok {
			targets = append(targets, target{n, Source{Object: pool, Path: yaml.Path{"spec", "targetPorts", i, "number"}}})
		}
	}
	if n, ok := nodeInt(spec.Get("targetPortNumber")); ok {
		targets = append(targets, target{n, Source{Object: pool, Path: yaml.Path{"spec", "targetPortNumber"}}})
	}
	want := textMap(labels)
	ns := r.s.namespaces[pool.Namespace]
	if ns == nil || len(want) == 0 {
		return b
	}
	yes, _ := ns.index.match(mapSelector(want))
	for _, w := range yes {
		for _, t := range targets {
			b.destinations = append(b.destinations, destination{w: w, port: w.podPort(t.number, t.from)})
		}
	}
	return b
}

// textAt is the string at a key, or what an absent key stands for.
func textAt(n *yaml.Node, key, absent string) string {
	v := n.Get(key)
	if v == nil || v.Kind == yaml.Null {
		return absent
	}
	return v.Text
}

func textMap(n *yaml.Node) map[string]string {
	out := map[string]string{}
	if n != nil {
		for i := range n.Fields {
			if v, ok := n.Fields[i].Value.Str(); ok {
				out[n.Fields[i].Key.Text] = v
			}
		}
	}
	return out
}

func nodeInt(n *yaml.Node) (int, bool) {
	if n == nil || n.Kind != yaml.Int {
		return 0, false
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(n.Text, "_", ""), 0, 32)
	return int(i), err == nil
}
