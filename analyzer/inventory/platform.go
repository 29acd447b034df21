package inventory

import (
	"strings"
)

// is reports the root namespace itself.
func (r Root) is(namespace string) bool { return namespace == r.Namespace && namespace != "" }

// isGateway recognises pods that are a mesh or ingress gateway: what reaches
// them comes from outside by design.
func (w *Workload) isGateway() bool {
	switch w.Labels["istio"] {
	case "ingressgateway", "egressgateway", "eastwestgateway":
		return true
	}
	if w.Labels["gateway.networking.k8s.io/gateway-name"] != "" || strings.Contains(w.Annotations["inject.istio.io/templates"], "gateway") {
		return true
	}
	for _, key := range []string{"app.kubernetes.io/name", "app"} {
		switch w.Labels[key] {
		case "ingress-nginx", "istio-ingressgateway", "istio-ingress", "traefik", "contour", "envoy-gateway":
			return true
		}
	}
	return false
}

// isPlatform recognises the control planes of Kubernetes and Istio, which
// enforce policies rather than live under them.
func (s *Inventory) isPlatform(w *Workload) bool {
	switch w.Namespace {
	case "kube-system", IstioSystem:
		return true
	}
	return s.root.Declared && s.root.is(w.Namespace) || w.Labels["app"] == "istiod" || w.Labels["istio"] == "pilot"
}

// IsWaypoint recognises the pods that istiod deploys for a waypoint.
func (w *Workload) IsWaypoint() bool {
	return w.Labels["gateway.istio.io/managed"] == "istio.io-mesh-controller" ||
		strings.HasPrefix(w.Labels[GatewayGroup+"/gateway-class-name"], "istio-waypoint")
}
