package analyzer

import (
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// ciliumScopes reads a CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy:
// spec and every item of specs are rules, each with its own selector.
// https://docs.cilium.io/en/stable/network/kubernetes/policy/#ciliumnetworkpolicy
func ciliumScopes(o *source.Object) []otherScope {
	switch o.Kind {
	case "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy":
	case "CiliumBGPPeeringPolicy", "CiliumLocalRedirectPolicy":
		return nil // routes; which pods answer for a Service is not what NetworkPolicies decide
	case "CiliumEgressGatewayPolicy", "CiliumEgressNATPolicy":
		// Traffic to addresses is dropped where no gateway node is found.
		return []otherScope{{egress: true, hint: every(), within: anyNamespace, pods: unknowable}}
	default:
		return unread(o)
	}
	var out []otherScope
	rules := o.Root.Get("specs").List()
	if spec := o.Root.Get("spec"); given(spec) {
		rules = append([]*yaml.Node{spec}, rules...)
	}
	for _, r := range rules {
		out = append(out, ciliumScope(o, r)...)
	}
	if len(rules) == 0 { // Cilium refuses it
		out = append(out, everything(o))
	}
	if o.Kind == "CiliumNetworkPolicy" {
		// It knows no nodeSelector, and stays in its namespace.
		out = slices.DeleteFunc(out, func(s otherScope) bool { return s.nodesOnly })
		for i := range out {
			out[i].within, out[i].nodes = nil, false
		}
	}
	return out
}

// ciliumScope reads one rule. A direction without rules is left alone, unless
// enableDefaultDeny asks for it.
// https://docs.cilium.io/en/stable/security/policy/intro/#policy-enforcement-modes and
// pkg/policy/api/rule.go (Rule.EndpointSelector, NodeSelector, EnableDefaultDeny).
func ciliumScope(o *source.Object, rule *yaml.Node) []otherScope {
	scope := otherScope{within: anyNamespace, hint: every()}
	deny := rule.Get("enableDefaultDeny")
	scope.ingress = given(rule.Get("ingress")) || given(rule.Get("ingressDeny")) || truth(deny.Get("ingress"))
	scope.egress = given(rule.Get("egress")) || given(rule.Get("egressDeny")) || truth(deny.Get("egress"))
	endpoints, nodes := rule.Get("endpointSelector"), rule.Get("nodeSelector")
	switch {
	case endpoints == nil && nodes == nil, rule.Kind != yaml.Map, given(deny) && deny.Kind != yaml.Map:
		return []otherScope{everything(o)} // refused, or filled in by another tool
	case !scope.ingress && !scope.egress:
		return nil // "If both ingress and egress are omitted, the rule has no effect"
	case endpoints == nil:
		scope.nodes, scope.nodesOnly = true, true
		return []otherScope{scope}
	}
	parsed, ok := labelSelectorAt(endpoints)
	if !ok {
		scope.pods = unknowable
		return []otherScope{scope}
	}
	terms := ciliumTerms(parsed)
	scope.hint = plainLabels(terms)
	own := o.Kind == "CiliumNetworkPolicy"
	scope.pods = func(w *Workload) Tri {
		answer := Yes
		for i := range terms {
			answer = both(answer, terms[i].matches(w, own))
		}
		return answer
	}
	return []otherScope{scope}
}

// ciliumTerm is one requirement of an endpointSelector. Its key says which
// source the label has: `k8s:` is what Kubernetes knows of the pod, `any:` and
// no prefix leave it open.
// https://docs.cilium.io/en/stable/gettingstarted/terminology/#label-source
type ciliumTerm struct {
	source, key string
	operator    metav1.LabelSelectorOperator
	sel         selector // the requirement, with the key as the labels have it
}

func ciliumTerms(s *metav1.LabelSelector) []ciliumTerm {
	var out []ciliumTerm
	add := func(r metav1.LabelSelectorRequirement) {
		t := ciliumTerm{source: "any", key: r.Key, operator: r.Operator}
		if source, key, found := strings.Cut(r.Key, ":"); found {
			t.source, t.key = source, key
		} else if key, found := strings.CutPrefix(r.Key, "reserved."); found {
			t.source, t.key = "reserved", key
		}
		r.Key = strings.TrimPrefix(t.key, namespaceLabelPrefix)
		t.sel = labelSelector(&metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{r}})
		out = append(out, t)
	}
	for _, k := range slices.Sorted(maps.Keys(s.MatchLabels)) {
		add(metav1.LabelSelectorRequirement{Key: k, Operator: metav1.LabelSelectorOpIn, Values: []string{s.MatchLabels[k]}})
	}
	for _, r := range s.MatchExpressions {
		add(r)
	}
	return out
}

// Labels that Cilium gives a pod's endpoint besides those of the pod.
// https://docs.cilium.io/en/stable/network/kubernetes/policy/#namespaces
const (
	namespaceLabel       = "io.kubernetes.pod.namespace"
	namespaceLabelPrefix = "io.cilium.k8s.namespace.labels."
	accountLabel         = "io.cilium.k8s.policy.serviceaccount"
)

// matches answers for a pod. A policy of a namespace speaks of that namespace
// only: a requirement for another one is dropped with a warning.
// See ParseToCiliumRule in pkg/k8s/apis/cilium.io/utils/utils.go.
func (t *ciliumTerm) matches(w *Workload, own bool) Tri {
	known := func(value string, there Tri) Tri {
		return t.sel.matches(labelSet{known: map[string]string{t.key: value}, open: there == Unknown || isPlaceholder(value)})
	}
	switch {
	case t.source == "reserved":
		return t.reserved()
	case t.source != "any" && t.source != "k8s":
		return Unknown
	case t.key == namespaceLabel:
		if _, there := nameOf(w.Namespace); own || there == Unknown {
			return Unknown
		}
		return known(w.Namespace, Yes)
	case strings.HasPrefix(t.key, namespaceLabelPrefix):
		return t.sel.matches(w.ns.labels)
	case t.key == accountLabel:
		name, there := w.account()
		if there == Unknown {
			return Unknown
		}
		return known(name, Yes)
	case strings.HasPrefix(t.key, "io.cilium."), strings.HasPrefix(t.key, "io.kubernetes."):
		return Unknown
	}
	answer := t.sel.matches(w.labels)
	if answer == No && t.negative() && filteredLabel(t.key) {
		return Unknown
	}
	return answer
}

func (t *ciliumTerm) negative() bool {
	return t.operator == metav1.LabelSelectorOpNotIn || t.operator == metav1.LabelSelectorOpDoesNotExist
}

// reserved: these identities are those of endpoints that are no pods.
// https://docs.cilium.io/en/stable/gettingstarted/terminology/#special-identities
func (t *ciliumTerm) reserved() Tri {
	if !slices.Contains([]string{"host", "health", "world", "world-ipv4", "world-ipv6", "remote-node", "ingress"}, t.key) {
		return Unknown // init, unmanaged and kube-apiserver may stand for pods
	}
	return triOf(t.negative())
}

// filteredLabel recognises labels that Cilium by default leaves out of a pod's
// identity, so that policies do not see them, with some that it does not.
// https://docs.cilium.io/en/stable/operations/performance/scalability/identity-relevant-labels/
func filteredLabel(key string) bool {
	if strings.HasPrefix(key, "app.kubernetes.io/") {
		return false
	}
	return strings.Contains(key, "kubernetes.io") || strings.Contains(key, "k8s.io") || strings.HasPrefix(key, "annotation.") ||
		key == "etcd_node" || controllerSet(key)
}

// plainLabels are the terms about the pod's own labels, for the index.
func plainLabels(terms []ciliumTerm) selector {
	out := every()
	for i := range terms {
		t := &terms[i]
		own := !strings.HasPrefix(t.key, "io.cilium.") && !strings.HasPrefix(t.key, "io.kubernetes.")
		if own && t.sel.valid && (t.source == "any" || t.source == "k8s") {
			out.reqs = append(out.reqs, t.sel.reqs...)
		}
	}
	return out
}
