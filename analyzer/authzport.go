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
// label on its namespace, its pods or a Service of its asks for one. Traffic
// then comes from the waypoint instead of its client.
// https://istio.io/latest/docs/ambient/usage/waypoint/#useawaypoint
func (s *Mesh) waypoint(w *Workload) Tri {
	objects := []map[string]string{w.Labels, w.ns.labels.known}
	for _, v := range w.services {
		objects = append(objects, v.meta.Labels)
	}
	answer := askWaypoint(objects...)
	if answer == No && (w.implied || w.ns.declared != Yes || s.inventory.gaps.any || s.inventory.gaps.unread(w.Namespace, "Service")) {
		return Unknown
	}
	return answer
}

// askWaypoint answers whether the labels of one of the objects ask for a
// waypoint.
func askWaypoint(objects ...map[string]string) Tri {
	answer := No
	for _, labels := range objects {
		switch name := labels["istio.io/use-waypoint"]; {
		case isPlaceholder(name):
			answer = Unknown
		case name != "" && name != "none":
			return Yes
		}
	}
	return answer
}

// serviceWaypoint answers whether a waypoint stands before a Service of the
// tree, where a policy that is attached to the Service is enforced.
func (s *Mesh) serviceWaypoint(kind string, ns *namespace, name string) Tri {
	i := slices.IndexFunc(ns.services, func(v *service) bool { return v.Name == name })
	if kind != "Service" || i < 0 {
		return Unknown
	}
	v := ns.services[i]
	answer := askWaypoint(v.meta.Labels, ns.labels.known)
	if answer == No && (ns.declared != Yes || s.inventory.gaps.any || len(v.maybe) > 0 || slices.ContainsFunc(v.selected, func(w *Workload) bool { return askWaypoint(w.Labels) != No || w.implied })) {
		return Unknown
	}
	return answer
}
