package analyzer

import (
	"strings"

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
func (s *setModel) httpTri(w *Workload, number int) httpClass {
	if number == 0 || w.Facts.Gateway || w.implied {
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
	if !found && s.gaps.unread(w.Namespace, "Service") {
		return unsureHTTP
	}
	return class
}

// httpClassOf reads a Service port's protocol as istioProtocol does.
// https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
func httpClassOf(p *corev1.ServicePort) httpClass {
	switch istioProtocol(p) {
	case "declared":
	case "sniffed", "unknown-app-protocol":
		return detected
	default:
		return noHTTP
	}
	name := p.Name
	if p.AppProtocol != nil && *p.AppProtocol != "" {
		name = *p.AppProtocol
	}
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "grpc-web") || strings.HasPrefix(name, "kubernetes.io/") {
		if name == "kubernetes.io/wss" {
			return noHTTP // HTTPS: opaque to the proxy
		}
		return yesHTTP
	}
	prefix, _, _ := strings.Cut(name, "-")
	switch prefix {
	case "http", "http2", "grpc", "http_proxy":
		return yesHTTP
	case "hbone", "double":
		return unsureHTTP
	}
	return noHTTP
}

// waypoint answers whether a waypoint stands before an ambient workload: a
// label on its namespace, its pods or a Service of its asks for one.
// https://istio.io/latest/docs/ambient/usage/waypoint/#useawaypoint
func (s *setModel) waypoint(w *Workload) Tri {
	const label = "istio.io/use-waypoint"
	asks := func(labels map[string]string) bool {
		name, ok := labels[label]
		return ok && name != "none" && name != ""
	}
	if asks(w.Labels) || asks(w.ns.labels.known) {
		return Yes
	}
	for _, v := range w.services {
		if asks(v.meta.Labels) {
			return Yes
		}
	}
	if w.implied || w.ns.declared != Yes || s.gaps.any || s.gaps.unread(w.Namespace, "Service") {
		return Unknown
	}
	return No
}
