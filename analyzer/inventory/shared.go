package inventory

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// sharedNamespace recognises a namespace that others fill too, so that some of
// its pods in the tree never mean all of them: those of Kubernetes and of
// OpenShift, whose prefixes are reserved, and Istio's root namespace, unless
// the tree installs the control plane there.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#working-with-namespaces
// https://docs.redhat.com/en/documentation/openshift_container_platform/4.17/html/building_applications/projects
func (s *Inventory) sharedNamespace(ns *Namespace) bool {
	switch {
	case strings.HasPrefix(ns.Name, "kube-"), strings.HasPrefix(ns.Name, "openshift-"):
		return true
	case ns.Name == IstioSystem || s.root.is(ns.Name):
		return !slices.ContainsFunc(s.Workloads, func(w *Workload) bool { return w.Ns == ns && w.Labels["app"] == "istiod" })
	}
	return false
}

// DeclaredInFull reports that the tree speaks for the whole of a namespace that a
// policy names from another one: it declares it and holds its pods. A single
// exporter in `monitoring` does not mean that Prometheus is not there.
func (ns *Namespace) DeclaredInFull() bool { return ns.Complete == fact.Yes && ns.Declared == fact.Yes }

// MayHostPlatformTools recognises by its name a namespace that a cluster's ingress
// controllers, gateways or collectors are installed into, by Helm as a rule:
// who declares it and deploys something beside them holds only a part of it.
func (ns *Namespace) MayHostPlatformTools() bool {
	return ns.LooksLikePlatform() || ns.named("gateway", "edge", "proxy", "system", "infra", "platform")
}

// LooksLikePlatform leaves out the words that applications use too: Istio's addons put
// Prometheus beside istiod, `inference-gateway` is somebody's application.
func (ns *Namespace) LooksLikePlatform() bool {
	return ns.named("ingress", "nginx", "traefik", "contour", "kong", "haproxy", "envoy", "istio",
		"monitor", "prometheus", "metric", "observ", "telemetry", "grafana")
}

func (ns *Namespace) named(words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(ns.Name, word) })
}

// OpenName reports a namespace that may be any: the object names none, or
// another tool fills it in.
func OpenName(namespace string) bool { return namespace == "" || decode.IsPlaceholder(namespace) }
