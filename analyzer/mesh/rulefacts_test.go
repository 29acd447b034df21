package mesh_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// A conflict is told only where a client of the tree follows the rule and every
// pod behind the port is known.
func TestRuleConflicts(t *testing.T) {
	t.Parallel()
	in, required := sample.Namespace(sample.Sidecar), sample.PeerAuthentication("ai", "ns", sample.Strict)
	sends := func(mode string) string { return "trafficPolicy: {tls: {mode: " + mode + "}}" }
	route := "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: web}\nspec: {hosts: [" + serverHost + "], http: [{route: [{destination: {host: " + serverHost + ", subset: v1}}]}]}\n"
	for _, c := range []struct {
		name, want string
		manifests  []string
	}{
		{"plaintext", "plaintext-to-strict", []string{in, required, client, sample.WebInMesh, ruleTo("web", "r", "{host: "+serverHost+", "+sends("DISABLE")+"}")}},
		{"no client in the mesh", "", []string{in, required, client, ruleTo("web", "r", "{host: "+serverHost+", "+sends("DISABLE")+"}")}},
		{"the service's own rule, shadowed in the only other namespace", "plaintext-to-strict", []string{
			in, required, client, sample.WebInMesh, ruleTo("web", "r", "{host: "+serverHost+"}"), ruleTo("ai", "r", "{host: vllm, "+sends("DISABLE")+"}"),
		}},
		{"no Service of that name", "", []string{in, required, client, sample.WebInMesh, ruleTo("web", "r", "{host: api.example.com, "+sends("DISABLE")+"}")}},
		{"a wildcard", "plaintext-to-strict", []string{in, required, client, sample.WebInMesh, ruleTo("web", "r", "{host: '*.local', "+sends("DISABLE")+"}")}},
		{"silently", "silent-plaintext", []string{in, client, sample.WebInMesh, ruleTo("web", "r", "{host: "+serverHost+", "+sends("DISABLE")+"}")}},
		{"to a pod without proxy", "mtls-to-plaintext", []string{sample.Namespace("a: b"), client, sample.WebInMesh, ruleTo("web", "r", "{host: "+serverHost+", "+sends("ISTIO_MUTUAL")+"}")}},
		{"to a pod of which nobody knows", "", []string{client, sample.WebInMesh, ruleTo("web", "r", "{host: "+serverHost+", "+sends("ISTIO_MUTUAL")+"}")}},
		{"a subset to which nothing is sent", "", []string{in, required, client, sample.WebInMesh, ruleTo("web", "r", "{host: "+serverHost+", subsets: [{name: v1, "+sends("DISABLE")+"}]}")}},
		{"a subset to which something is sent", "plaintext-to-strict", []string{in, required, client, sample.WebInMesh, route, ruleTo("web", "r", "{host: "+serverHost+", subsets: [{name: v1, "+sends("DISABLE")+"}]}")}},
		{"ambient tunnels", "", []string{sample.Namespace("istio.io/dataplane-mode: ambient"), required, client, sample.WebInMesh, ruleTo("web", "r", "{host: "+serverHost+", "+sends("DISABLE")+"}")}},
	} {
		m := analyzertest.Build(t, sample.Join(append([]string{sample.VLLM, sample.VLLMService}, c.manifests...)...))
		var kinds []string
		for _, s := range m.Subjects {
			if f, ok := s.Facts.(*fact.DestinationRuleFacts); ok {
				for _, setting := range f.TLSSettings {
					for _, conflict := range setting.Conflicts {
						kinds = append(kinds, conflict.Kind)
					}
				}
			}
		}
		if got := strings.Join(kinds, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// istio/istio pilot/pkg/networking/core/cluster_tls.go (constructUpstreamTLS,
// setAutoSniAndAutoSanValidation).
func TestVerification(t *testing.T) {
	t.Parallel()
	entry := "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e, namespace: ai}\nspec: {hosts: [x.example.com], subjectAltNames: [x.example.com]}\n"
	for _, c := range []struct{ tls, extra, want string }{
		{"{mode: SIMPLE}", "", "full"},
		{"{mode: SIMPLE, insecureSkipVerify: true}", "", "skipped"},
		{"{mode: MUTUAL, insecureSkipVerify: true}", "", "skipped"},
		{"{mode: SIMPLE, insecureSkipVerify: false}", "", "full"},
		{"{mode: SIMPLE, sni: x.example.com}", "", "any-name"},
		{"{mode: SIMPLE, sni: x.example.com}", entry, "full"},
		{"{mode: SIMPLE, sni: x.example.com, subjectAltNames: [x.example.com]}", "", "full"},
		{"{mode: ISTIO_MUTUAL}", "", "none"},
		{"{mode: DISABLE, insecureSkipVerify: true}", "", "none"},
	} {
		tree := []string{ruleTo("ai", "r", "{host: x.example.com, trafficPolicy: {tls: "+c.tls+"}}")}
		if c.extra != "" {
			tree = append(tree, c.extra)
		}
		for _, s := range analyzertest.Build(t, sample.Join(tree...)).Subjects {
			if f, ok := s.Facts.(*fact.DestinationRuleFacts); ok && f.TLSSettings[0].Verify != c.want {
				t.Errorf("%s: %s, want %s", c.tls, f.TLSSettings[0].Verify, c.want)
			}
		}
	}
}
