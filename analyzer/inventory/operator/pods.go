package operator

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/inventory/product"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Operated is what a workload owes to the operator that makes its pods.
type Operated struct {
	Kind  *Kind
	Group string // PodGroup.name
	// Start is a program that the operator puts before the container's own.
	Start product.Invocation
	// AddsPolicies: NetworkPolicies that the tree does not hold apply to the pods.
	AddsPolicies bool
	// AnyAccount: the operator names the service account.
	AnyAccount bool
	// Where the parts of the template stand.
	Spec       yaml.Path
	Containers []yaml.Path // of those that stand outside the list, and all after them
	Metadata   []yaml.Path // that hold labels and annotations, the strongest first
}

// Path leads to a field of the pods, given as the steps that lead there in a pod
// template of Kubernetes: metadata or spec first.
func (p *Operated) Path(o *source.Object, steps []any) yaml.Path {
	if steps[0] != "spec" {
		for _, at := range p.Metadata {
			if path := at.Join(steps[1:]...); o.Node(path) != nil {
				return path
			}
		}
		return p.Metadata[0].Join(steps[1:]...)
	}
	if len(steps) > 2 && steps[1] == "containers" {
		if i, ok := steps[2].(int); ok && i >= 0 && i < len(p.Containers) {
			return p.Containers[i].Join(steps[3:]...)
		}
	}
	return p.Spec.Join(steps[1:]...)
}

// Follow walks a way of keys.
func Follow(n *yaml.Node, path yaml.Path, way string) (*yaml.Node, yaml.Path) {
	if way == "" {
		return n, path
	}
	for key := range strings.SplitSeq(way, ".") {
		n, path = n.Get(key), path.Join(key)
	}
	return n, path
}

// Unknown reports that nothing is known of the kind but what it looks like.
func (k *Kind) Unknown() bool { return k.kind == "" }
