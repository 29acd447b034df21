package mesh

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// discoverySelectors reads the list; for an item that does not decode, whether
// it selects a namespace is unknown.
func discoverySelectors(list *yaml.Node) []inventory.Selector {
	var out []inventory.Selector
	for _, item := range list.List() {
		d := decode.NewDecoder()
		var sel metav1.LabelSelector
		if !d.Into(item, &sel) {
			out = append(out, inventory.Selector{})
			continue
		}
		out = append(out, inventory.LabelSelector(&sel))
	}
	return out
}

// discovers answers whether the discoverySelectors let istiod see a namespace.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-discovery_selectors
func (c *Config) discovers(ns *inventory.Namespace) fact.Tri {
	if len(c.discovery) == 0 {
		return fact.Yes
	}
	answer := fact.No
	for i := range c.discovery {
		switch c.discovery[i].Matches(ns.Labels) {
		case fact.Yes:
			return fact.Yes
		case fact.Unknown:
			answer = fact.Unknown
		case fact.No:
		}
	}
	return answer
}
