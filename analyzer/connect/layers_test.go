package connect_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

func TestMeshLayer(t *testing.T) {
	t.Parallel()
	const (
		client, plain = "shop/client[Pod]", "old/plain[Pod]"
		strict        = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: d, namespace: ai}\nspec: {mtls: {mode: STRICT}}\n"
	)
	policy := func(spec string) string {
		return "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: ai}\nspec: " + spec + "\n"
	}
	sends := func(mode string) string {
		return "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: r, namespace: ai}\nspec: {host: server, trafficPolicy: {tls: {mode: " + mode + "}}}\n"
	}
	ambient := func(tree string) string {
		return strings.ReplaceAll(tree, "istio-injection: enabled", "istio.io/dataplane-mode: ambient")
	}
	for _, c := range []struct {
		name      string
		tree      string
		manifests []string
		src       string
		port      int
		verdict   fact.Verdict
		tls       string
	}{
		{"a sidecar sends mutual TLS by itself [config.proto enableAutoMtls]", sample.MeshTown, nil, client, 8000, fact.Allowed, "mtls"},
		{"who is outside sends plaintext, which is taken by default [PeerAuthentication PERMISSIVE]", sample.MeshTown, nil, plain, 8000, fact.Allowed, "plaintext"},
		{"STRICT takes none [PeerAuthentication STRICT]", sample.MeshTown, []string{strict}, plain, 8000, fact.BrokenTLS, "plaintext"},
		{"STRICT takes mutual TLS", sample.MeshTown, []string{strict}, client, 8000, fact.Allowed, "mtls"},
		{"to a port of no Service a sidecar adds nothing [traffic-routing: unmatched traffic]", sample.MeshTown, []string{strict}, client, 9000, fact.BrokenTLS, "plaintext"},
		{"nor to a port that nothing names", sample.MeshTown, []string{strict}, client, 7000, fact.BrokenTLS, "plaintext"},
		{"the proxy's own port is not captured [application-requirements]", sample.MeshTown, []string{strict}, plain, 15020, fact.Allowed, "plaintext"},
		{"a rule that turns TLS off breaks STRICT [cluster_tls.go]", sample.MeshTown, []string{strict, sends("DISABLE")}, client, 8000, fact.BrokenTLS, ""},
		{"and is silent plaintext without", sample.MeshTown, []string{sends("DISABLE")}, client, 8000, fact.Allowed, "plaintext"},
		{"a principal is known over mutual TLS [AuthorizationPolicy principals]", sample.MeshTown, []string{policy(`{rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/client]}}]}]}`)}, client, 8000, fact.Allowed, "mtls"},
		{"and of plaintext nobody knows one", sample.MeshTown, []string{policy(`{rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/client]}}]}]}`)}, plain, 8000, fact.Denied, "plaintext"},
		{"a client without identity is one of its own", sample.MeshTown, []string{policy(`{rules: [{from: [{source: {principals: ["*"]}}]}]}`)}, connect.Anonymous, 8000, fact.Denied, "plaintext"},
		{"an empty spec denies all [AuthorizationPolicy]", sample.MeshTown, []string{policy(`{}`)}, client, 8000, fact.Denied, "mtls"},
		{"a path leaves some requests", sample.MeshTown, []string{policy(`{rules: [{to: [{operation: {paths: [/v1/*]}}]}]}`)}, client, 8000, fact.Conditional, "mtls"},
		{"a policy for one port leaves none for the others", sample.MeshTown, []string{policy(`{rules: [{to: [{operation: {ports: ["8000"]}}]}]}`)}, plain, 9000, fact.Denied, "plaintext"},
		{"ztunnel tunnels every port [ztunnel ARCHITECTURE]", ambient(sample.MeshTown), []string{strict}, client, 9000, fact.Allowed, "mtls"},
		{"and refuses plaintext where STRICT", ambient(sample.MeshTown), []string{strict}, plain, 8000, fact.BrokenTLS, "plaintext"},
		{"a policy for the application's port alone keeps HBONE out [ambient: networkpolicy]", ambient(sample.MeshTown), []string{sample.NetworkPolicy("ai", "np", `{podSelector: {}, ingress: [{ports: [{port: 8000}]}]}`)}, client, 8000, fact.Denied, ""},
		{"a policy for HBONE lets every port through", ambient(sample.MeshTown), []string{sample.NetworkPolicy("ai", "np", `{podSelector: {}, ingress: [{ports: [{port: 15008}]}]}`)}, client, 8000, fact.Allowed, "mtls"},
		{"a waypoint that another tool may ask for", strings.ReplaceAll(sample.MeshTown, "istio-injection: enabled", "istio.io/dataplane-mode: ambient, istio.io/use-waypoint: '${WAYPOINT}'"), nil, client, 8000, fact.Undetermined, "mtls"},
		{"where nobody knows whether there is a proxy, STRICT may not hold", strings.Replace(sample.MeshTown, "metadata: {name: ai, labels: {istio-injection: enabled}}", "metadata: {name: elsewhere}", 1), []string{strict}, plain, 8000, fact.Undetermined, "plaintext"},
		{"the network decides first", sample.MeshTown, []string{sample.NetworkPolicy("ai", "np", `{podSelector: {}}`)}, client, 8000, fact.Denied, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := analyzertest.Build(t, sample.Join(append([]string{c.tree}, c.manifests...)...))
			rows, err := m.Sets.Connectivity(connect.ConnectivityOptions{Layer: connect.AllLayers, From: c.src, To: "ai/server[Pod]", Explain: true})
			if err != nil {
				t.Fatal(err)
			}
			verdict, tls := fact.Denied, ""
			for _, r := range rows {
				if r.Protocol == "TCP" && netset.Intervals(r.Ports).Contains(c.port) {
					verdict, tls = r.Verdict, r.TLS
				}
			}
			if verdict != c.verdict || tls != c.tls {
				t.Errorf("%s on %d: %s, sends %q; want %s, %q", c.src, c.port, verdict, tls, c.verdict, c.tls)
			}
		})
	}
}

// Without the network every workload may try, and nobody else is asked about.
func TestMeshLayerAlone(t *testing.T) {
	t.Parallel()
	m := analyzertest.Build(t, sample.Join(sample.MeshTown, sample.NetworkPolicy("ai", "np", `{podSelector: {}}`)))
	rows, err := m.Sets.Connectivity(connect.ConnectivityOptions{Layer: connect.MeshLayer, To: "ai/server[Pod]"})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range rows {
		seen[r.Src.Name] = true
	}
	if want := "[anonymous old/plain[Pod] shop/client[Pod]]"; "["+strings.Join(fact.SortedKeys(seen), " ")+"]" != want {
		t.Errorf("sources %v, want %s", fact.SortedKeys(seen), want)
	}
}

// A policy that sets every port is not told as one of a port that stands for
// the others; portLevelMtls is.
func TestWhatAPolicySets(t *testing.T) {
	t.Parallel()
	const strict = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: p, namespace: ai}\nspec: {selector: {matchLabels: {app: server}}, mtls: {mode: STRICT}, portLevelMtls: {9000: {mode: DISABLE}}}\n"
	rows, err := analyzertest.Build(t, sample.Join(sample.MeshTown, strict)).Sets.Connectivity(connect.ConnectivityOptions{From: "client", To: "server", Explain: true, Layer: connect.MeshLayer})
	if err != nil {
		t.Fatal(err)
	}
	var effects []string
	for _, r := range rows {
		for _, b := range r.Because {
			if b.Object != nil && b.Object.Kind == "PeerAuthentication" {
				effects = append(effects, b.Effect)
			}
		}
	}
	slices.Sort(effects)
	want := []string{"sets ai/server[Pod] to STRICT", "sets port 9000 of ai/server[Pod] to DISABLE"}
	if got := slices.Compact(effects); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
