package analyzer

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// httpClass says how Istio treats a port of a workload.
type httpClass int

const (
	unsureHTTP httpClass = iota // Services disagree, or were not read
	yesHTTP
	noHTTP
	detected // by looking at each connection
)

// httpTri follows the Services that lead to the port: istiod builds the inbound
// listener from their protocol. A port of no Service is detected (istio/istio
// pilot/pkg/networking/core/listener_inbound.go, buildInboundPassthroughChains);
// a gateway's ports are its listeners'.
func (s *Policies) httpTri(w *Workload, number int) httpClass {
	if number == 0 || w.gateway || w.implied {
		return unsureHTTP
	}
	class, found := detected, false
	for _, v := range w.services {
		for i := range v.spec.Ports {
			p := &v.spec.Ports[i]
			if q := w.servicePortTarget(p); q == nil || q.number != number {
				continue
			}
			next := httpClassOf(p)
			if found && next != class {
				return unsureHTTP
			}
			class, found = next, true
		}
	}
	if !found && s.inventory.gaps.unread(w.Namespace, "Service") {
		return unsureHTTP
	}
	return class
}

// httpClassOf tells what a proxy makes of a Service port.
func httpClassOf(p *corev1.ServicePort) httpClass {
	switch istioProtocolOf(p) {
	case protocolHTTP:
		return yesHTTP
	case protocolSniffed:
		return detected
	case protocolTCP, protocolTLS, protocolUDP:
		return noHTTP
	case protocolUnsure:
	}
	return unsureHTTP
}

// waypoint answers whether a waypoint stands before an ambient workload: a
// label on its namespace, its pods or a Service of its asks for one.
// https://istio.io/latest/docs/ambient/usage/waypoint/#useawaypoint
func (s *Mesh) waypoint(w *Workload) Tri {
	if usesWaypoint(w.Labels) || usesWaypoint(w.ns.labels.known) {
		return Yes
	}
	for _, v := range w.services {
		if usesWaypoint(v.meta.Labels) {
			return Yes
		}
	}
	if w.implied || w.ns.declared != Yes || s.inventory.gaps.any || s.inventory.gaps.unread(w.Namespace, "Service") {
		return Unknown
	}
	return No
}

func usesWaypoint(labels map[string]string) bool {
	name := labels["istio.io/use-waypoint"]
	return name != "" && name != "none"
}

// serviceWaypoint answers whether a waypoint stands before a Service of the
// tree, where a policy that is attached to the Service is enforced.
func (s *Mesh) serviceWaypoint(kind string, ns *namespace, name string) Tri {
	i := slices.IndexFunc(ns.services, func(v *service) bool { return v.Name == name })
	if kind != "Service" || i < 0 {
		return Unknown
	}
	v := ns.services[i]
	switch {
	case usesWaypoint(v.meta.Labels) || usesWaypoint(ns.labels.known):
		return Yes
	case ns.declared != Yes || s.inventory.gaps.any || len(v.maybe) > 0 || slices.ContainsFunc(v.selected, func(w *Workload) bool { return usesWaypoint(w.Labels) || w.implied }):
		return Unknown
	}
	return No
}
