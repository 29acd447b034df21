package analyzer

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// protocolClass is what Istio takes a Service port to carry: it decides which
// filters a proxy puts there, and so which policies can hold.
type protocolClass string

const (
	protocolHTTP    protocolClass = "http"    // HTTP/1, HTTP/2, gRPC, gRPC-Web
	protocolTCP     protocolClass = "tcp"     // opaque bytes; also mongo, mysql and redis
	protocolTLS     protocolClass = "tls"     // https and tls: opaque but for the server name
	protocolUDP     protocolClass = "udp"     // also SCTP: never proxied
	protocolSniffed protocolClass = "sniffed" // HTTP where the first bytes look like it, else TCP
	protocolUnsure  protocolClass = "unknown" // a placeholder, or a name whose meaning changed between releases
)

// istioProtocolOf returns the protocol of a Service port as Istio decides it.
//   - istio/istio pkg/config/kube/conversion.go (ConvertProtocol): an
//     appProtocol stands in for the name; of either, the part before the first
//     dash counts; a few ports are taken for TCP where neither says anything
//   - istio/istio pkg/config/protocol/instance.go (Parse, IsHTTP, IsTCP)
//   - https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
func istioProtocolOf(p *corev1.ServicePort) protocolClass {
	if orTCP(p.Protocol) != "TCP" {
		if isPlaceholder(string(p.Protocol)) {
			return protocolUnsure
		}
		return protocolUDP
	}
	name := p.Name
	if p.AppProtocol != nil && *p.AppProtocol != "" {
		name = *p.AppProtocol
		switch name {
		case "kubernetes.io/h2c", "kubernetes.io/ws":
			return protocolHTTP
		case "kubernetes.io/wss":
			return protocolTLS
		}
	}
	if isPlaceholder(name) {
		return protocolUnsure
	}
	class, known := protocolNamed(name)
	switch {
	case known:
		return class
	case assumedTCP(p.Port):
		return protocolTCP
	default:
		return protocolSniffed
	}
}

// protocolNamed reads a port name or appProtocol.
func protocolNamed(name string) (protocolClass, bool) {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "grpc-web") {
		return protocolHTTP, true
	}
	prefix, _, _ := strings.Cut(name, "-")
	switch prefix {
	case "http", "http2", "http_proxy", "grpc":
		return protocolHTTP, true
	case "tcp", "mongo", "redis", "mysql":
		return protocolTCP, true
	case "https", "tls":
		return protocolTLS, true
	case "udp", "hbone": // on TCP: read differently by different releases
		return protocolUnsure, true
	}
	return "", false
}

// assumedTCP lists the ports of server-first protocols, which are never sniffed.
func assumedTCP(port int32) bool {
	switch port {
	case 25, 53, 3306, 27017:
		return true
	}
	return false
}

// grpcOf tells a port whose name declares gRPC from one whose name mentions it
// behind `http`: the proxy then speaks HTTP/1 to the pods, which gRPC does not
// survive.
func grpcOf(p *corev1.ServicePort) string {
	name := strings.ToLower(p.Name)
	if p.AppProtocol != nil && *p.AppProtocol != "" {
		name = strings.ToLower(*p.AppProtocol)
	}
	first, rest, _ := strings.Cut(name, "-")
	switch {
	case orTCP(p.Protocol) != "TCP":
		return "no"
	case strings.HasPrefix(first, "grpc"):
		return "declared"
	case first == "http" && (rest == "grpc" || strings.HasPrefix(rest, "grpc-") || strings.HasSuffix(rest, "-grpc")):
		return "hidden"
	}
	return "no"
}
