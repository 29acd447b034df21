package analyzer

import (
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// antreaScopes reads a NetworkPolicy or ClusterNetworkPolicy of Antrea, whose
// rules, unlike those of Kubernetes, isolate nothing by being there: a
// direction without rules is left alone. The pods are named by the policy or,
// instead, by each rule.
// https://antrea.io/docs/main/docs/antrea-network-policy/ (appliedTo)
func antreaScopes(o *source.Object) []otherScope {
	if o.Kind != "NetworkPolicy" && o.Kind != "ClusterNetworkPolicy" {
		return unread(o)
	}
	spec := o.Root.Get("spec")
	if given(spec) && spec.Kind != yaml.Map {
		return []otherScope{everything(o)}
	}
	var out []otherScope
	for _, d := range []direction{ingress, egress} {
		for _, to := range antreaApplied(spec, d) {
			if len(to.List()) == 0 {
				return []otherScope{everything(o)} // refused by Antrea's webhook, or filled in by another tool
			}
			for _, item := range to.List() {
				out = append(out, antreaScope(o, item, d)...)
			}
		}
	}
	return out
}

// antreaApplied lists what says whom the rules of a direction are applied to,
// nil where it should and does not.
func antreaApplied(spec *yaml.Node, d direction) []*yaml.Node {
	rules := spec.Get(string(d))
	if to := spec.Get("appliedTo"); given(to) && given(rules) {
		return []*yaml.Node{to}
	}
	var out []*yaml.Node
	for _, r := range rules.List() {
		out = append(out, r.Get("appliedTo"))
	}
	if given(rules) && len(out) == 0 {
		out = append(out, nil)
	}
	return out
}

func antreaScope(o *source.Object, item *yaml.Node, d direction) []otherScope {
	scope := otherScope{ingress: d == ingress, egress: d == egress, hint: every(), pods: unknowable}
	cluster := o.Kind == "ClusterNetworkPolicy"
	if cluster {
		scope.within = anyNamespace
	}
	if item.Kind != yaml.Map {
		return []otherScope{everything(o)}
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
		return nil // what is no pod
	case item.Get("nodeSelector") != nil:
		scope.nodes, scope.nodesOnly = true, len(item.Fields) == 1
	case understood == 0 || understood < len(item.Fields) || namespaces != nil && !cluster:
		// A group, a service account, a Service, or a combination that Antrea refuses.
	default:
		scope.pods = everyPodOf
		if pods != nil {
			scope.hint = selectorAt(pods)
			scope.pods = labelled(scope.hint)
		}
		if namespaces != nil {
			sel := selectorAt(namespaces)
			scope.within = func(ns *namespace) Tri { return sel.matches(ns.labels) }
		}
	}
	return []otherScope{scope}
}
