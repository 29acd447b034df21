package analyzer

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// calicoScopes reads a NetworkPolicy or GlobalNetworkPolicy of Calico, of
// whichever tier. Staged policies are a rehearsal.
// https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy
func calicoScopes(o *source.Object) []otherScope {
	global := o.Kind == "GlobalNetworkPolicy"
	if !global && o.Kind != "NetworkPolicy" {
		if o.Kind == "PolicyRecommendationScope" {
			return nil // it writes staged policies
		}
		return unread(o)
	}
	spec := o.Root.Get("spec")
	if given(spec) && spec.Kind != yaml.Map || truth(spec.Get("applyOnForward")) || truth(spec.Get("doNotTrack")) || truth(spec.Get("preDNAT")) {
		// Rules for host endpoints, which may forward the traffic of any pod.
		return []otherScope{everything(o)}
	}
	scope := otherScope{}
	scope.ingress, scope.egress = calicoDirections(o.Group(), spec)
	pods := calicoAt(spec.Get("selector"))
	sure := triOf(!given(spec.Get("serviceAccountSelector"))) // labels of accounts are not read
	scope.hint = mapSelector(calicoPodLabels(pods.equalities()))
	scope.pods = func(w *Workload) Tri { return atMost(sure, pods.matches(calicoLabels(w), Unknown)) }
	if global {
		namespaces := calicoAt(spec.Get("namespaceSelector"))
		scope.within = func(ns *namespace) Tri { return namespaces.matches(calicoNamespaceLabels(ns), No) }
		// Without it, the selector finds host endpoints too, made for every node if Calico is told to.
		scope.nodes = !given(spec.Get("namespaceSelector"))
	}
	return []otherScope{scope}
}

// atMost takes certainty away where it is not sure.
func atMost(sure, answer Tri) Tri {
	if sure != Yes && answer == Yes {
		return Unknown
	}
	return answer
}

// calicoDirections: without types, Calico's API server writes down those that
// have rules, and ingress if none have; what reaches the custom resource past
// it is both, to Felix.
// https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#spec (types)
// and felix/calc/policy_sorter.go (extractPolicyMetadata).
func calicoDirections(group string, spec *yaml.Node) (in, out bool) {
	types := spec.Get("types")
	switch {
	case given(types):
		for _, t := range types.List() {
			in = in || !strings.EqualFold(t.Text, "Egress")
			out = out || !strings.EqualFold(t.Text, "Ingress")
		}
		return in || types.Kind != yaml.List, out || types.Kind != yaml.List
	case group != "projectcalico.org":
		return true, true
	}
	in, out = given(spec.Get("ingress")), given(spec.Get("egress"))
	return in || !out, out
}

func calicoAt(n *yaml.Node) *calicoSelector {
	if !given(n) {
		return &calicoSelector{op: calicoAll}
	}
	text, ok := n.Str()
	if !ok {
		return &calicoSelector{op: calicoUnknown}
	}
	return parseCalico(text)
}

// calicoPodLabels leaves out the labels that Calico, and not the manifest,
// puts on the endpoint of a pod.
func calicoPodLabels(equal map[string]string) map[string]string {
	for k := range equal {
		if calicoOwn(k) {
			delete(equal, k)
		}
	}
	return equal
}

func calicoOwn(key string) bool {
	return slices.ContainsFunc([]string{"projectcalico.org/", "pcns.", "pcsa."}, func(p string) bool { return strings.HasPrefix(key, p) })
}

// calicoLabels are the labels of a pod's endpoint: those of the pod, its
// namespace, its service account, and by profile (pcns, pcsa) those of both.
// https://docs.tigera.io/calico/latest/reference/resources/workloadendpoint
func calicoLabels(w *Workload) labelLookup {
	return func(key string) (string, Tri) {
		ofNamespace, found := strings.CutPrefix(key, "pcns.")
		switch {
		case found:
			return calicoNamespaceLabels(w.ns)(ofNamespace)
		case key == "projectcalico.org/namespace":
			return nameOf(w.Namespace)
		case key == "projectcalico.org/orchestrator":
			return "k8s", Yes
		case key == "projectcalico.org/serviceaccount":
			return w.account()
		case calicoOwn(key):
			return "", Unknown
		}
		return w.labels.get(key)
	}
}

func calicoNamespaceLabels(ns *namespace) labelLookup {
	return func(key string) (string, Tri) {
		if key == "projectcalico.org/name" {
			return nameOf(ns.name)
		}
		return ns.labels.get(key)
	}
}

// nameOf is a namespace's name, unless nobody knows it.
func nameOf(namespace string) (string, Tri) {
	if openName(namespace) {
		return "", Unknown
	}
	return namespace, Yes
}
