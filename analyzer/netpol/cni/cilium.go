package cni

import (
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// ciliumScopes reads a CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy:
// spec and every item of specs are rules, each with its own selector.
// https://docs.cilium.io/en/stable/network/kubernetes/policy/#ciliumnetworkpolicy
func ciliumScopes(o *source.Object) []Scope {
	switch o.Kind {
	case "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy":
	case "CiliumBGPPeeringPolicy", "CiliumLocalRedirectPolicy":
		return nil // these are about routes, and about the pods that serve a Service
	case "CiliumEgressGatewayPolicy", "CiliumEgressNATPolicy":
		// Traffic to addresses is dropped where no gateway node is found.
		return []Scope{{Egress: true, Hint: inventory.EveryPod(), Within: anyNamespace, Pods: notKnown}}
	default:
		return unknownKind(o)
	}
	var out []Scope
	rules := o.Root.Get("specs").List()
	if spec := o.Root.Get("spec"); decode.IsSet(spec) {
		rules = append([]*yaml.Node{spec}, rules...)
	}
	for _, r := range rules {
		out = append(out, ciliumScope(o, r)...)
	}
	if len(rules) == 0 { // Cilium refuses it
		out = append(out, Everything(o))
	}
	if o.Kind == "CiliumNetworkPolicy" {
		// It has no nodeSelector, and is for its own namespace only.
		out = slices.DeleteFunc(out, func(s Scope) bool { return s.NodesOnly })
		for i := range out {
			out[i].Within, out[i].Nodes = nil, false
		}
	}
	return out
}

// ciliumScope reads one rule. A direction without rules is not affected, unless
// enableDefaultDeny includes it.
// https://docs.cilium.io/en/stable/security/policy/intro/#policy-enforcement-modes and
// pkg/policy/api/rule.go (Rule.EndpointSelector, NodeSelector, EnableDefaultDeny).
func ciliumScope(o *source.Object, rule *yaml.Node) []Scope {
	scope := Scope{Within: anyNamespace, Hint: inventory.EveryPod()}
	deny := rule.Get("enableDefaultDeny")
	scope.Ingress = decode.IsSet(rule.Get("ingress")) || decode.IsSet(rule.Get("ingressDeny")) || decode.MayBeTrue(deny.Get("ingress"))
	scope.Egress = decode.IsSet(rule.Get("egress")) || decode.IsSet(rule.Get("egressDeny")) || decode.MayBeTrue(deny.Get("egress"))
	endpoints, nodes := rule.Get("endpointSelector"), rule.Get("nodeSelector")
	switch {
	case endpoints == nil && nodes == nil, rule.Kind != yaml.Map, decode.IsSet(deny) && deny.Kind != yaml.Map:
		return []Scope{Everything(o)} // refused, or filled in by another tool
	case !scope.Ingress && !scope.Egress:
		return nil // "If both ingress and egress are omitted, the rule has no effect"
	case endpoints == nil:
		scope.Nodes, scope.NodesOnly = true, true
		return []Scope{scope}
	}
	parsed, ok := decode.LabelSelectorAt(endpoints)
	if !ok {
		scope.Pods = notKnown
		return []Scope{scope}
	}
	terms := ciliumTerms(parsed)
	scope.Hint = plainLabels(terms)
	own := o.Kind == "CiliumNetworkPolicy"
	scope.Pods = func(w *inventory.Workload) fact.Tri {
		answer := fact.Yes
		for i := range terms {
			answer = inventory.Both(answer, terms[i].matches(w, own))
		}
		return answer
	}
	return []Scope{scope}
}

// ciliumTerm is one requirement of an endpointSelector. The prefix of its key is
// the source of the label: `k8s:` for Kubernetes, `any:` or no prefix for any.
// https://docs.cilium.io/en/stable/gettingstarted/terminology/#label-source
type ciliumTerm struct {
	source, key string
	operator    metav1.LabelSelectorOperator
	sel         inventory.Selector // the requirement, with the key as the labels have it
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
		t.sel = inventory.LabelSelector(&metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{r}})
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

// matches answers for a pod; own says that the policy has a namespace. Such a
// policy is for its namespace only: Cilium drops a requirement for another one.
// See ParseToCiliumRule in pkg/k8s/apis/cilium.io/utils/utils.go.
func (t *ciliumTerm) matches(w *inventory.Workload, own bool) fact.Tri {
	known := func(value string, there fact.Tri) fact.Tri {
		return t.sel.Matches(inventory.LabelSet{Known: map[string]string{t.key: value}, Open: there == fact.Unknown || decode.IsPlaceholder(value)})
	}
	switch {
	case t.source == "reserved":
		return t.reserved()
	case t.source != "any" && t.source != "k8s":
		return fact.Unknown
	case t.key == namespaceLabel:
		if _, there := knownName(w.Namespace); own || there == fact.Unknown {
			return fact.Unknown
		}
		return known(w.Namespace, fact.Yes)
	case strings.HasPrefix(t.key, namespaceLabelPrefix):
		return t.sel.Matches(w.Ns.Labels)
	case t.key == accountLabel:
		name, there := w.Account()
		if there == fact.Unknown {
			return fact.Unknown
		}
		return known(name, fact.Yes)
	case strings.HasPrefix(t.key, "io.cilium."), strings.HasPrefix(t.key, "io.kubernetes."):
		return fact.Unknown
	}
	answer := t.sel.Matches(w.LabelSet)
	if answer == fact.No && t.negative() && filteredLabel(t.key) {
		return fact.Unknown
	}
	return answer
}

func (t *ciliumTerm) negative() bool {
	return t.operator == metav1.LabelSelectorOpNotIn || t.operator == metav1.LabelSelectorOpDoesNotExist
}

// reserved answers for a reserved identity. The listed ones belong to endpoints
// that are not pods.
// https://docs.cilium.io/en/stable/gettingstarted/terminology/#special-identities
func (t *ciliumTerm) reserved() fact.Tri {
	if !slices.Contains([]string{"host", "health", "world", "world-ipv4", "world-ipv6", "remote-node", "ingress"}, t.key) {
		return fact.Unknown // init, unmanaged and kube-apiserver may stand for pods
	}
	return triOf(t.negative())
}

// filteredLabel reports the key of a label that Cilium by default leaves out of a
// pod's identity, so that policies do not see it. It includes some that Cilium
// does not leave out.
// https://docs.cilium.io/en/stable/operations/performance/scalability/identity-relevant-labels/
func filteredLabel(key string) bool {
	if strings.HasPrefix(key, "app.kubernetes.io/") {
		return false
	}
	return strings.Contains(key, "kubernetes.io") || strings.Contains(key, "k8s.io") || strings.HasPrefix(key, "annotation.") ||
		key == "etcd_node" || inventory.ControllerSet(key)
}

// plainLabels returns the requirements about the pod's own labels, for Scope.Hint.
func plainLabels(terms []ciliumTerm) inventory.Selector {
	out := inventory.EveryPod()
	for i := range terms {
		t := &terms[i]
		own := !strings.HasPrefix(t.key, "io.cilium.") && !strings.HasPrefix(t.key, "io.kubernetes.")
		if own && t.sel.Valid && (t.source == "any" || t.source == "k8s") {
			out.Reqs = append(out.Reqs, t.sel.Reqs...)
		}
	}
	return out
}
