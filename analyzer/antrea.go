package analyzer

import "github.com/aisec-lint/aisec-lint/loader"

// antreaScopes reads a NetworkPolicy or ClusterNetworkPolicy of Antrea, whose
// rules, unlike those of Kubernetes, isolate nothing by being there: a
// direction without rules is left alone. The pods are named by the policy or,
// instead, by each rule.
// https://antrea.io/docs/main/docs/antrea-network-policy/ (appliedTo)
func antreaScopes(o *loader.Object) []otherScope {
	if o.Kind != "NetworkPolicy" && o.Kind != "ClusterNetworkPolicy" {
		return unread(o)
	}
	spec := o.Root.Get("spec")
	var out []otherScope
	for _, d := range []direction{ingress, egress} {
		rules := spec.Get(string(d))
		if !given(rules) {
			continue
		}
		var applied []*loader.Node
		if to := spec.Get("appliedTo"); given(to) {
			applied = append(applied, to)
		} else {
			for _, r := range rules.List() {
				applied = append(applied, r.Get("appliedTo"))
			}
		}
		for _, to := range applied {
			if len(to.List()) == 0 {
				return []otherScope{everything(o)} // Antrea's webhook refuses it
			}
			for _, item := range to.List() {
				out = append(out, antreaScope(o, item, d)...)
			}
		}
		if len(applied) == 0 {
			return []otherScope{everything(o)}
		}
	}
	return out
}

func antreaScope(o *loader.Object, item *loader.Node, d direction) []otherScope {
	scope := otherScope{ingress: d == ingress, egress: d == egress, hint: every(), pods: unknowable}
	cluster := o.Kind == "ClusterNetworkPolicy"
	if cluster {
		scope.within = anyNamespace
	}
	if item.Kind != loader.Map {
		return []otherScope{everything(o)}
	}
	pods, namespaces := item.Get("podSelector"), item.Get("namespaceSelector")
	understood := 0
	for _, n := range []*loader.Node{pods, namespaces} {
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
