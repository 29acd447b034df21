package flow_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
)

func TestOutsiders(t *testing.T) {
	t.Parallel()
	caller := func(extra, value string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: c, namespace: web" + extra + "}\nspec: {containers: [{name: c, image: i, env: [{name: URL, value: '" + value + "'}]}]}\n"
	}
	outside := "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n"
	required := sample.PeerAuthentication("ai", "ns", sample.Strict)
	for _, c := range []struct{ name, ns, caller, policy, want string }{
		{"no proxy", outside, caller("", "http://vllm.ai:80/v1"), required, "no-mesh"},
		{"the scheme's port", outside, caller("", "http://vllm.ai.svc/v1"), required, "no-mesh"},
		{"with credentials", outside, caller("", "postgres://user:x@vllm.ai.svc.cluster.local:80/db"), required, "no-mesh"},
		{"a list of hosts", outside, caller("", "a:1,vllm.ai.svc.cluster.local:80"), required, "no-mesh"},
		{"another port", outside, caller("", "vllm.ai:81"), required, ""},
		{"another host that ends so", outside, caller("", "http://vllm.ai.example.com:80"), required, ""},
		{"a Service of its own namespace is another", outside, caller("", "http://vllm:80"), required, ""},
		{"plaintext is accepted", outside, caller("", "http://vllm.ai:80"), sample.PeerAuthentication("ai", "ns", sample.Lenient), ""},
		{"a proxy", sample.WebInMesh, caller("", "http://vllm.ai:80"), required, ""},
		{"a proxy that is passed by", sample.WebInMesh, caller(", annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: '80'}", "http://vllm.ai:80"), required, "excluded-outbound"},
		{"another port is passed by", sample.WebInMesh, caller(", annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: '81'}", "http://vllm.ai:80"), required, ""},
		{"nobody knows whether there is a proxy", required, caller("", "http://vllm.ai:80"), required, ""},
		{"a placeholder", outside, caller("", "http://vllm.ai:${PORT}"), required, ""},
	} {
		var kinds []string
		for _, o := range analyzertest.Port(t, analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.Namespace(sample.Sidecar), sample.VLLM, sample.VLLMService, c.ns, c.caller, c.policy)), sample.VLLMID), 8000).PlaintextCallers {
			kinds = append(kinds, o.Kind)
		}
		if got := strings.Join(kinds, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// A call may reach a pod of the Service of which the port is not known, and
// which may take plaintext.
func TestOutsidersOfAServiceInPart(t *testing.T) {
	t.Parallel()
	server := func(name, port string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: ai, labels: {app: s}}\nspec: {containers: [{name: c, image: i, ports: [{name: " + port + ", containerPort: 8000}]}]}\n"
	}
	const (
		service = "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ai}\nspec: {selector: {app: s}, ports: [{port: 80, targetPort: web}]}\n"
		outside = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: c, namespace: web}\nspec: {containers: [{name: c, image: i, env: [{name: URL, value: 'http://s.ai:80'}]}]}\n"
	)
	for second, want := range map[string]int{"web": 1, "grpc": 0} {
		m := analyzertest.Build(t, sample.Join(sample.Namespace(sample.Sidecar), server("one", "web"), server("two", second), service, outside, sample.PeerAuthentication("ai", "ns", sample.Strict)))
		if got := len(analyzertest.Port(t, analyzertest.Workload(t, m, "ai/one[Pod]"), 8000).PlaintextCallers); got != want {
			t.Errorf("the second pod names its port %s: %d outsiders, want %d", second, got, want)
		}
	}
}
