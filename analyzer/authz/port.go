package authz

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
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
func (s *Policies) httpTri(w *inventory.Workload, number int) httpClass {
	if number == 0 || w.Gateway || w.Implied {
		return unsureHTTP
	}
	class, found := detected, false
	for _, v := range w.Services {
		for i := range v.Spec.Ports {
			p := &v.Spec.Ports[i]
			if q := w.ServicePortTarget(p); q == nil || q.Number != number {
				continue
			}
			next := httpClassOf(p)
			if found && next != class {
				return unsureHTTP
			}
			class, found = next, true
		}
	}
	if !found && s.inventory.Gaps.Unread(w.Namespace, "Service") {
		return unsureHTTP
	}
	return class
}

// httpClassOf tells what a proxy makes of a Service port.
func httpClassOf(p *corev1.ServicePort) httpClass {
	switch inventory.IstioProtocolOf(p) {
	case inventory.ProtocolHTTP:
		return yesHTTP
	case inventory.ProtocolSniffed:
		return detected
	case inventory.ProtocolTCP, inventory.ProtocolTLS, inventory.ProtocolUDP:
		return noHTTP
	case inventory.ProtocolUnsure:
	}
	return unsureHTTP
}
