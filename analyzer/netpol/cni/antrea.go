package cni

import (
	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// antreaScopes reads a NetworkPolicy or ClusterNetworkPolicy of Antrea. Unlike
// those of Kubernetes, such a policy does not isolate: a direction without rules
// is not affected. Either the policy or each of its rules has appliedTo, which
// selects the pods.
// https://antrea.io/docs/main/docs/antrea-network-policy/ (appliedTo)
func antreaScopes(o *source.Object) []Scope {
	if o.Kind != "NetworkPolicy" && o.Kind != "ClusterNetworkPolicy" {
		return unknownKind(o)
	}
	spec := o.Root.Get("spec")
	if decode.IsSet(spec) && spec.Kind != yaml.Map {
		return []Scope{Everything(o)}
	}
	var out []Scope
	for _, d := range []fact.Direction{fact.Ingress, fact.Egress} {
		for _, to := range antreaApplied(spec, d) {
			if len(to.List()) == 0 {
				return []Scope{Everything(o)} // refused by Antrea's webhook, or filled in by another tool
			}
			for _, item := range to.List() {
				out = append(out, antreaScope(o, item, d)...)
			}
		}
	}
	return out
}

// antreaApplied lists the appliedTo lists that are in force for the rules of a
// direction, nil in the place of one that is missing.
func antreaApplied(spec *yaml.Node, d fact.Direction) []*yaml.Node {
	rules := spec.Get(string(d))
	if to := spec.Get("appliedTo"); decode.IsSet(to) && decode.IsSet(rules) {
		return []*yaml.Node{to}
	}
	var out []*yaml.Node
	for _, r := range rules.List() {
		out = append(out, r.Get("appliedTo"))
	}
	if decode.IsSet(rules) && len(out) == 0 {
		out = append(out, nil)
	}
	return out
}

func antreaScope(o *source.Object, item *yaml.Node, d fact.Direction) []Scope {
	scope := Scope{Ingress: d == fact.Ingress, Egress: d == fact.Egress, Hint: inventory.EveryPod(), Pods: notKnown}
	cluster := o.Kind == "ClusterNetworkPolicy"
	if cluster {
		scope.Within = anyNamespace
	}
	if item.Kind != yaml.Map {
		return []Scope{Everything(o)}
	}
	pods, namespaces := item.Get("podSelector"), item.Get("namespaceSelector")
	understood := 0
	for _, n := range []*yaml.Node{pods, namespaces} {
		if n != nil {
			understood++
		}
	}
	switch {
	case item.Get("externalEntitySelector") != nil && len(item.Fields) == 1:
		return nil // it selects no pods
	case item.Get("nodeSelector") != nil:
		scope.Nodes, scope.NodesOnly = true, len(item.Fields) == 1
	case understood == 0 || understood < len(item.Fields) || namespaces != nil && !cluster:
		// A group, a service account, a Service, or a combination that Antrea refuses.
	default:
		scope.Pods = allOfNamespace
		if pods != nil {
			scope.Hint = inventory.SelectorAt(pods)
			scope.Pods = matching(scope.Hint)
		}
		if namespaces != nil {
			sel := inventory.SelectorAt(namespaces)
			scope.Within = func(ns *inventory.Namespace) fact.Tri { return sel.Matches(ns.Labels) }
		}
	}
	return []Scope{scope}
}
