package analyzer

import (
	"slices"
	"strings"
)

// sharedNamespace recognises a namespace that others fill too, so that some of
// its pods in the tree never mean all of them: those of Kubernetes and of
// OpenShift, whose prefixes are reserved, and Istio's root namespace, unless
// the tree installs the control plane there.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#working-with-namespaces
// https://docs.redhat.com/en/documentation/openshift_container_platform/4.17/html/building_applications/projects
func (s *Inventory) sharedNamespace(ns *namespace) bool {
	switch {
	case strings.HasPrefix(ns.name, "kube-"), strings.HasPrefix(ns.name, "openshift-"):
		return true
	case ns.name == istioSystem || s.root.is(ns.name):
		return !slices.ContainsFunc(s.workloads, func(w *Workload) bool { return w.ns == ns && w.Labels["app"] == "istiod" })
	}
	return false
}

// claimed reports that the tree speaks for the whole of a namespace that a
// policy names from another one: it declares it and holds its pods. A single
// exporter in `monitoring` does not mean that Prometheus is not there.
func (ns *namespace) claimed() bool { return ns.closed == Yes && ns.declared == Yes }

// hostsTools recognises by its name a namespace that a cluster's ingress
// controllers, gateways or collectors are installed into, by Helm as a rule:
// who declares it and deploys something beside them holds only a part of it.
func (ns *namespace) hostsTools() bool {
	return ns.isForTools() || ns.named("gateway", "edge", "proxy", "system", "infra", "platform")
}

// isForTools leaves out the words that applications use too: Istio's addons put
// Prometheus beside istiod, `inference-gateway` is somebody's application.
func (ns *namespace) isForTools() bool {
	return ns.named("ingress", "nginx", "traefik", "contour", "kong", "haproxy", "envoy", "istio",
		"monitor", "prometheus", "metric", "observ", "telemetry", "grafana")
}

func (ns *namespace) named(words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(ns.name, word) })
}
