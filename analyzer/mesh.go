package analyzer

import (
	"slices"
	"strings"
)

// meshScope is what the set as a whole says of a mesh.
type meshScope struct {
	present bool // the set has Istio objects or enrols workloads
	enrols  bool // some workload is enrolled by its own or its namespace's labels
}

// resolveMesh decides for every workload whether its pods get a sidecar or are
// captured by ambient's ztunnel.
func (s *setModel) resolveMesh() {
	for _, o := range s.objects {
		if i, ok := o.typed.(*istioObject); ok && i != nil {
			s.mesh.present = true
			switch o.Kind {
			case "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication":
				s.namespace(o.Namespace).istio = true
			}
		}
	}
	s.mesh.present = s.mesh.present || s.config.ofMesh
	s.assumeMesh()
	for _, w := range s.workloads {
		w.Facts.Gateway = w.isGateway()
		w.Facts.Platform = s.isPlatform(w)
		w.Facts.Mesh = s.membership(w)
		m := &w.Facts.Mesh
		if (m.Member == "sidecar" || m.Member == "ambient") && m.Reason != "injected" { // what a cluster exported was not written to enrol anything
			s.mesh.enrols = true
		}
	}
	for _, w := range s.workloads {
		w.Facts.Mesh.Expected = s.expected(w)
	}
}

// expected answers whether the tree itself means the workload to be in a mesh.
func (s *setModel) expected(w *Workload) Tri {
	switch {
	case w.ns.istio || s.mesh.enrols:
		return Yes
	case s.mesh.present:
		return Unknown // Istio may serve as a gateway only
	default:
		return No
	}
}

// isTrue reads a boolean as injectRequired does.
func isTrue(s string) bool {
	return slices.Contains([]string{"y", "yes", "true", "on"}, strings.ToLower(s))
}

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
func (s *setModel) isPlatform(w *Workload) bool {
	switch w.Namespace {
	case "kube-system", istioSystem:
		return true
	}
	return s.config.source.Object != nil && s.config.isRoot(w.Namespace) || w.Labels["app"] == "istiod" || w.Labels["istio"] == "pilot"
}

// resolveServiceMesh gives each Service port the mesh membership of the pods
// behind it.
func (s *setModel) resolveServiceMesh() {
	for _, v := range s.services {
		member := "unknown"
		for i, w := range v.selected {
			switch {
			case w.Facts.Gateway: // a gateway's ports are its listeners', which say their protocol themselves
				member = "unknown"
			case i == 0:
				member = w.Facts.Mesh.Member
			case w.Facts.Mesh.Member != member:
				member = "unknown"
			}
		}
		for i := range v.facts.Ports {
			v.facts.Ports[i].Mesh = member
		}
	}
}
