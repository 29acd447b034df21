package authz

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// portProtocol is the protocol that Istio handles at a port of a workload.
type portProtocol int

const (
	unknownProtocol portProtocol = iota // Services disagree, or were not read
	httpProtocol
	tcpProtocol
	detectedProtocol // from the first bytes of each connection
)

// protocolOf follows the Services that lead to the port: istiod builds the
// inbound listener from their protocol. At a port of no Service the protocol is
// detected (istio/istio pilot/pkg/networking/core/listener_inbound.go,
// buildInboundPassthroughChains); at a gateway its listeners decide.
func (ps *Policies) protocolOf(w *inventory.Workload, number int) portProtocol {
	if number == 0 || w.Gateway || w.Implied {
		return unknownProtocol
	}
	class, found := detectedProtocol, false
	for _, v := range w.Services {
		for i := range v.Spec.Ports {
			p := &v.Spec.Ports[i]
			if q := w.ServicePortTarget(p); q == nil || q.Number != number {
				continue
			}
			next := protocolOfPort(p)
			if found && next != class {
				return unknownProtocol
			}
			class, found = next, true
		}
	}
	if !found && ps.inventory.Gaps.Unread(w.Namespace, "Service") {
		return unknownProtocol
	}
	return class
}

// protocolOfPort is the protocol that a proxy handles at a Service port.
func protocolOfPort(p *corev1.ServicePort) portProtocol {
	switch inventory.IstioProtocolOf(p) {
	case inventory.ProtocolHTTP:
		return httpProtocol
	case inventory.ProtocolSniffed:
		return detectedProtocol
	case inventory.ProtocolTCP, inventory.ProtocolTLS, inventory.ProtocolUDP:
		return tcpProtocol
	case inventory.ProtocolUnsure:
	}
	return unknownProtocol
}
