package inventory

import (
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// stray is a policy of which nobody knows whether it is applied to the
// namespaces of a scope.
type stray struct {
	*source.Object
	sel Selector
}

func readStrays(scope *source.Scope) []stray {
	out := make([]stray, 0, len(scope.Elsewhere))
	for _, o := range decode.All(scope.Elsewhere) {
		out = append(out, stray{o.Object, policySelector(o)})
	}
	return out
}

// policySelector reads whom a policy is for; a kind that is not modelled may be
// for anybody.
func policySelector(o *decode.Decoded) Selector {
	policy, _ := o.Typed.(*networkingv1.NetworkPolicy)
	switch {
	case policy != nil:
		return LabelSelector(&policy.Spec.PodSelector)
	case o.Group() == "security.istio.io":
		return MapSelector(texts(o.Root.Get("spec").Get("selector").Get("matchLabels")))
	}
	return Selector{}
}

func texts(n *yaml.Node) map[string]string {
	out := map[string]string{}
	if n == nil {
		return out
	}
	for i := range n.Fields {
		out[n.Fields[i].Key.Text] = n.Fields[i].Value.Text
	}
	return out
}

// Stray returns a policy of a kind that lies elsewhere in the tree and may be
// meant for the workload, nil if there is none.
func (s *Inventory) Stray(kind string, w *Workload) *source.Object {
	for i := range s.strays {
		if p := &s.strays[i]; p.Kind == kind && p.sel.Matches(w.LabelSet) != fact.No {
			return p.Object
		}
	}
	return nil
}
