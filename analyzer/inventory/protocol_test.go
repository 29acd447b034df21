package inventory

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// istio/istio pkg/config/kube/conversion_test.go (TestConvertProtocol) and
// pkg/config/protocol/instance_test.go.
func TestIstioProtocolOf(t *testing.T) {
	t.Parallel()
	app := func(name string) *string { return &name }
	for _, c := range []struct {
		port corev1.ServicePort
		want ProtocolClass
	}{
		{corev1.ServicePort{Name: "http", Port: 80}, ProtocolHTTP},
		{corev1.ServicePort{Name: "HTTP-api", Port: 80}, ProtocolHTTP},
		{corev1.ServicePort{Name: "http1", Port: 80}, ProtocolSniffed},
		{corev1.ServicePort{Name: "http_api", Port: 80}, ProtocolSniffed},
		{corev1.ServicePort{Name: "http2-predict", Port: 80}, ProtocolHTTP},
		{corev1.ServicePort{Name: "grpc-web", Port: 80}, ProtocolHTTP},
		{corev1.ServicePort{Name: "grpc-webby", Port: 80}, ProtocolHTTP},
		{corev1.ServicePort{Name: "grpc-predict", Port: 9000}, ProtocolHTTP},
		{corev1.ServicePort{Name: "https", Port: 443}, ProtocolTLS},
		{corev1.ServicePort{Name: "tls-gossip", Port: 443}, ProtocolTLS},
		{corev1.ServicePort{Name: "tcp-ray", Port: 6379}, ProtocolTCP},
		{corev1.ServicePort{Name: "redis", Port: 6379}, ProtocolTCP},
		{corev1.ServicePort{Name: "mysql", Port: 1}, ProtocolTCP},
		{corev1.ServicePort{Name: "mongo", Port: 1}, ProtocolTCP},
		{corev1.ServicePort{Port: 3306}, ProtocolTCP},
		{corev1.ServicePort{Name: "db", Port: 27017}, ProtocolTCP},
		{corev1.ServicePort{Name: "http", Port: 3306}, ProtocolHTTP},
		{corev1.ServicePort{Port: 8000}, ProtocolSniffed},
		{corev1.ServicePort{Name: "http", Port: 53, Protocol: "UDP"}, ProtocolUDP},
		{corev1.ServicePort{Name: "http", Port: 53, Protocol: "SCTP"}, ProtocolUDP},
		{corev1.ServicePort{Name: "udp-x", Port: 80}, ProtocolUnsure},
		{corev1.ServicePort{Name: "tcp", Port: 80, AppProtocol: app("grpc")}, ProtocolHTTP},
		{corev1.ServicePort{Name: "http", Port: 80, AppProtocol: app("example.com/x")}, ProtocolSniffed},
		{corev1.ServicePort{Name: "http", Port: 53, AppProtocol: app("example.com/x")}, ProtocolTCP},
		{corev1.ServicePort{Name: "x", Port: 80, AppProtocol: app("kubernetes.io/h2c")}, ProtocolHTTP},
		{corev1.ServicePort{Name: "x", Port: 80, AppProtocol: app("kubernetes.io/ws")}, ProtocolHTTP},
		{corev1.ServicePort{Name: "x", Port: 80, AppProtocol: app("kubernetes.io/wss")}, ProtocolTLS},
		{corev1.ServicePort{Name: "${NAME}", Port: 80}, ProtocolUnsure},
	} {
		if got := IstioProtocolOf(&c.port); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.port, got, c.want)
		}
	}
}

func TestGRPCOf(t *testing.T) {
	t.Parallel()
	app := func(name string) *string { return &name }
	for _, c := range []struct {
		port corev1.ServicePort
		want string
	}{
		{corev1.ServicePort{Name: "grpc-predict"}, "declared"},
		{corev1.ServicePort{Name: "http-grpc"}, "hidden"},
		{corev1.ServicePort{Name: "http-grpc-predict"}, "hidden"},
		{corev1.ServicePort{Name: "http-predict-grpc"}, "hidden"},
		{corev1.ServicePort{Name: "http-grpcui"}, "no"},
		{corev1.ServicePort{Name: "tcp-grpc"}, "no"},
		{corev1.ServicePort{Name: "http2-grpc"}, "no"},
		{corev1.ServicePort{Name: "http-grpc", AppProtocol: app("kubernetes.io/h2c")}, "no"},
		{corev1.ServicePort{Name: "http-grpc", Protocol: "UDP"}, "no"},
	} {
		if got := grpcOf(&c.port); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.port, got, c.want)
		}
	}
}
