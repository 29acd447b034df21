package inventory

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
)

// ProtocolClass is what Istio takes a Service port to carry: it decides which
// filters a proxy puts there, and so which policies can hold.
type ProtocolClass string

// The classes of protocols.
const (
	ProtocolHTTP    ProtocolClass = "http"    // HTTP/1, HTTP/2, gRPC, gRPC-Web
	ProtocolTCP     ProtocolClass = "tcp"     // opaque bytes; also mongo, mysql and redis
	ProtocolTLS     ProtocolClass = "tls"     // https and tls: opaque but for the server name
	ProtocolUDP     ProtocolClass = "udp"     // also SCTP: never proxied
	ProtocolSniffed ProtocolClass = "sniffed" // HTTP where the first bytes look like it, else TCP
	ProtocolUnsure  ProtocolClass = "unknown" // a placeholder, or a name whose meaning changed between releases
)

// IstioProtocolOf returns the protocol of a Service port as Istio decides it.
//   - istio/istio pkg/config/kube/conversion.go (ConvertProtocol): an
//     appProtocol stands in for the name; of either, the part before the first
//     dash counts; a few ports are taken for TCP where neither says anything
//   - istio/istio pkg/config/protocol/instance.go (Parse, IsHTTP, IsTCP)
//   - https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
func IstioProtocolOf(p *corev1.ServicePort) ProtocolClass {
	if decode.OrTCP(p.Protocol) != "TCP" {
		if decode.IsPlaceholder(string(p.Protocol)) {
			return ProtocolUnsure
		}
		return ProtocolUDP
	}
	name := p.Name
	if p.AppProtocol != nil && *p.AppProtocol != "" {
		name = *p.AppProtocol
		switch name {
		case "kubernetes.io/h2c", "kubernetes.io/ws":
			return ProtocolHTTP
		case "kubernetes.io/wss":
			return ProtocolTLS
		}
	}
	if decode.IsPlaceholder(name) {
		return ProtocolUnsure
	}
	class, known := protocolNamed(name)
	switch {
	case known:
		return class
	case assumedTCP(p.Port):
		return ProtocolTCP
	default:
		return ProtocolSniffed
	}
}

// protocolNamed reads a port name or appProtocol.
func protocolNamed(name string) (ProtocolClass, bool) {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "grpc-web") {
		return ProtocolHTTP, true
	}
	prefix, _, _ := strings.Cut(name, "-")
	switch prefix {
	case "http", "http2", "http_proxy", "grpc":
		return ProtocolHTTP, true
	case "tcp", "mongo", "redis", "mysql":
		return ProtocolTCP, true
	case "https", "tls":
		return ProtocolTLS, true
	case "udp", "hbone": // on TCP: read differently by different releases
		return ProtocolUnsure, true
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
	case decode.OrTCP(p.Protocol) != "TCP":
		return "no"
	case strings.HasPrefix(first, "grpc"):
		return "declared"
	case first == "http" && (rest == "grpc" || strings.HasPrefix(rest, "grpc-") || strings.HasSuffix(rest, "-grpc")):
		return "hidden"
	}
	return "no"
}
