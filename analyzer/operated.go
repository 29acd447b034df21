package analyzer

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/loader"
)

// operated is what a workload owes to the operator that makes its pods.
type operated struct {
	kind  *operatorKind
	group string // podGroup.name
	// start is a program that the operator puts before the container's own.
	start invocation
	// guarded: NetworkPolicies that the tree does not hold apply to the pods.
	guarded bool
	// anyAccount: the operator names the service account.
	anyAccount bool
	// Where the parts of the template stand.
	spec       loader.Path
	containers []loader.Path // of those that stand outside the list, and all after them
	metadata   []loader.Path // that hold labels and annotations, the strongest first
}

func (p *operated) path(o *loader.Object, steps []any) loader.Path {
	if steps[0] != "spec" {
		for _, at := range p.metadata {
			if path := at.Join(steps[1:]...); o.Node(path) != nil {
				return path
			}
		}
		return p.metadata[0].Join(steps[1:]...)
	}
	if len(steps) > 2 && steps[1] == "containers" {
		if i, ok := steps[2].(int); ok && i >= 0 && i < len(p.containers) {
			return p.containers[i].Join(steps[3:]...)
		}
	}
	return p.spec.Join(steps[1:]...)
}

// follow walks a way of keys.
func follow(n *loader.Node, path loader.Path, way string) (*loader.Node, loader.Path) {
	if way == "" {
		return n, path
	}
	for key := range strings.SplitSeq(way, ".") {
		n, path = n.Get(key), path.Join(key)
	}
	return n, path
}

// anonymous reports that nothing is known of the kind but what it looks like.
func (k *operatorKind) anonymous() bool { return k.kind == "" }
