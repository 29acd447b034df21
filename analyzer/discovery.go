package analyzer

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// discoverySelectors reads the list; an item that does not decode selects
// unknowably.
func discoverySelectors(list *yaml.Node) []selector {
	var out []selector
	for _, item := range list.List() {
		d := newDecoder()
		var sel metav1.LabelSelector
		d.decodeInto(item, &sel)
		if len(d.problems) > 0 || d.templated {
			out = append(out, selector{})
			continue
		}
		out = append(out, labelSelector(&sel))
	}
	return out
}

// discovers answers whether istiod looks at a namespace at all.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-discovery_selectors
func (c *meshConfig) discovers(ns *namespace) Tri {
	if len(c.discovery) == 0 {
		return Yes
	}
	answer := No
	for i := range c.discovery {
		switch c.discovery[i].matches(ns.labels) {
		case Yes:
			return Yes
		case Unknown:
			answer = Unknown
		case No:
		}
	}
	return answer
}
