package cni

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// calicoScopes reads a NetworkPolicy or GlobalNetworkPolicy of Calico, of any
// tier. Staged policies are not enforced.
// https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy
func calicoScopes(o *source.Object) []Scope {
	global := o.Kind == "GlobalNetworkPolicy"
	if !global && o.Kind != "NetworkPolicy" {
		if o.Kind == "PolicyRecommendationScope" {
			return nil // it writes staged policies
		}
		return unknownKind(o)
	}
	spec := o.Root.Get("spec")
	if decode.IsSet(spec) && spec.Kind != yaml.Map || decode.MayBeTrue(spec.Get("applyOnForward")) || decode.MayBeTrue(spec.Get("doNotTrack")) || decode.MayBeTrue(spec.Get("preDNAT")) {
		// Rules for host endpoints, which may forward the traffic of any pod.
		return []Scope{Everything(o)}
	}
	scope := Scope{}
	scope.Ingress, scope.Egress = calicoDirections(o.Group(), spec)
	pods := calicoAt(spec.Get("selector"))
	accounts := decode.IsSet(spec.Get("serviceAccountSelector")) // the labels of accounts are not read
	scope.Hint = inventory.MapSelector(calicoPodLabels(pods.equalities()))
	scope.Pods = func(w *inventory.Workload) fact.Tri {
		answer := pods.matches(calicoLabels(w), fact.Unknown)
		if accounts && answer == fact.Yes {
			return fact.Unknown
		}
		return answer
	}
	if global {
		namespaces := calicoAt(spec.Get("namespaceSelector"))
		scope.Within = func(ns *inventory.Namespace) fact.Tri { return namespaces.matches(calicoNamespaceLabels(ns), fact.No) }
		// Without it, the selector finds host endpoints too, made for every node if Calico is told to.
		scope.Nodes = !decode.IsSet(spec.Get("namespaceSelector"))
	}
	return []Scope{scope}
}

// calicoDirections returns the directions that a policy is for. Without types,
// Calico's API server fills in those that have rules, and ingress if none have.
// A custom resource that did not pass through it is for both, to Felix.
// https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#spec (types)
// and felix/calc/policy_sorter.go (extractPolicyMetadata).
func calicoDirections(group string, spec *yaml.Node) (in, out bool) {
	types := spec.Get("types")
	switch {
	case decode.IsSet(types):
		for _, t := range types.List() {
			in = in || !strings.EqualFold(t.Text, "Egress")
			out = out || !strings.EqualFold(t.Text, "Ingress")
		}
		return in || types.Kind != yaml.List, out || types.Kind != yaml.List
	case group != "projectcalico.org":
		return true, true
	}
	in, out = decode.IsSet(spec.Get("ingress")), decode.IsSet(spec.Get("egress"))
	return in || !out, out
}

func calicoAt(n *yaml.Node) *calicoSelector {
	if !decode.IsSet(n) {
		return &calicoSelector{op: calicoAll}
	}
	text, ok := n.Str()
	if !ok {
		return &calicoSelector{op: calicoUnknown}
	}
	return parseCalico(text)
}

// calicoPodLabels leaves out the labels that Calico adds to the endpoint of a
// pod, which the pod does not have.
func calicoPodLabels(equal map[string]string) map[string]string {
	for k := range equal {
		if setByCalico(k) {
			delete(equal, k)
		}
	}
	return equal
}

// setByCalico reports the key of a label that Calico adds.
func setByCalico(key string) bool {
	return slices.ContainsFunc([]string{"projectcalico.org/", "pcns.", "pcsa."}, func(p string) bool { return strings.HasPrefix(key, p) })
}

// calicoLabels looks up the labels of a pod's endpoint: those of the pod, those
// that Calico adds, and, with the prefixes pcns. and pcsa., those of its
// namespace and service account.
// https://docs.tigera.io/calico/latest/reference/resources/workloadendpoint
func calicoLabels(w *inventory.Workload) labelLookup {
	return func(key string) (string, fact.Tri) {
		ofNamespace, found := strings.CutPrefix(key, "pcns.")
		switch {
		case found:
			return calicoNamespaceLabels(w.Ns)(ofNamespace)
		case key == "projectcalico.org/namespace":
			return knownName(w.Namespace)
		case key == "projectcalico.org/orchestrator":
			return "k8s", fact.Yes
		case key == "projectcalico.org/serviceaccount":
			return w.Account()
		case setByCalico(key):
			return "", fact.Unknown
		}
		return w.LabelSet.Get(key)
	}
}

func calicoNamespaceLabels(ns *inventory.Namespace) labelLookup {
	return func(key string) (string, fact.Tri) {
		if key == "projectcalico.org/name" {
			return knownName(ns.Name)
		}
		return ns.Labels.Get(key)
	}
}

// knownName returns the name of a namespace, and whether it is known.
func knownName(namespace string) (string, fact.Tri) {
	if inventory.OpenName(namespace) {
		return "", fact.Unknown
	}
	return namespace, fact.Yes
}
