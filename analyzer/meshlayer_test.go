package analyzer

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// meshTown is a tree of a server in the mesh, a client in it and one outside.
const meshTown = `apiVersion: v1
kind: Namespace
metadata: {name: ai, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: old}
---
apiVersion: v1
kind: Pod
metadata: {name: server, namespace: ai, labels: {app: server}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8000}, {containerPort: 9000}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: server, namespace: ai}
spec: {selector: {app: server}, ports: [{name: http, port: 80, targetPort: 8000}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}}
spec: {serviceAccountName: client, containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: plain, namespace: old, labels: {app: plain}}
spec: {containers: [{name: c, image: i}]}
`

func TestMeshLayer(t *testing.T) {
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
		{"a sidecar sends mutual TLS by itself [config.proto enableAutoMtls]", meshTown, nil, client, 8000, fact.Allowed, "mtls"},
		{"who is outside sends plaintext, which is taken by default [PeerAuthentication PERMISSIVE]", meshTown, nil, plain, 8000, fact.Allowed, "plaintext"},
		{"STRICT takes none [PeerAuthentication STRICT]", meshTown, []string{strict}, plain, 8000, fact.BrokenTLS, "plaintext"},
		{"STRICT takes mutual TLS", meshTown, []string{strict}, client, 8000, fact.Allowed, "mtls"},
		{"to a port of no Service a sidecar adds nothing [traffic-routing: unmatched traffic]", meshTown, []string{strict}, client, 9000, fact.BrokenTLS, "plaintext"},
		{"nor to a port that nothing names", meshTown, []string{strict}, client, 7000, fact.BrokenTLS, "plaintext"},
		{"the proxy's own port is not captured [application-requirements]", meshTown, []string{strict}, plain, 15020, fact.Allowed, "plaintext"},
		{"a rule that turns TLS off breaks STRICT [cluster_tls.go]", meshTown, []string{strict, sends("DISABLE")}, client, 8000, fact.BrokenTLS, ""},
		{"and is silent plaintext without", meshTown, []string{sends("DISABLE")}, client, 8000, fact.Allowed, "plaintext"},
		{"a principal is known over mutual TLS [AuthorizationPolicy principals]", meshTown, []string{policy(`{rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/client]}}]}]}`)}, client, 8000, fact.Allowed, "mtls"},
		{"and of plaintext nobody knows one", meshTown, []string{policy(`{rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/client]}}]}]}`)}, plain, 8000, fact.Denied, "plaintext"},
		{"a client without identity is one of its own", meshTown, []string{policy(`{rules: [{from: [{source: {principals: ["*"]}}]}]}`)}, connect.Anonymous, 8000, fact.Denied, "plaintext"},
		{"an empty spec denies all [AuthorizationPolicy]", meshTown, []string{policy(`{}`)}, client, 8000, fact.Denied, "mtls"},
		{"a path leaves some requests", meshTown, []string{policy(`{rules: [{to: [{operation: {paths: [/v1/*]}}]}]}`)}, client, 8000, fact.Conditional, "mtls"},
		{"a policy for one port leaves none for the others", meshTown, []string{policy(`{rules: [{to: [{operation: {ports: ["8000"]}}]}]}`)}, plain, 9000, fact.Denied, "plaintext"},
		{"ztunnel tunnels every port [ztunnel ARCHITECTURE]", ambient(meshTown), []string{strict}, client, 9000, fact.Allowed, "mtls"},
		{"and refuses plaintext where STRICT", ambient(meshTown), []string{strict}, plain, 8000, fact.BrokenTLS, "plaintext"},
		{"a policy for the application's port alone keeps HBONE out [ambient: networkpolicy]", ambient(meshTown), []string{in("ai", "np", `{podSelector: {}, ingress: [{ports: [{port: 8000}]}]}`)}, client, 8000, fact.Denied, ""},
		{"a policy for HBONE lets every port through", ambient(meshTown), []string{in("ai", "np", `{podSelector: {}, ingress: [{ports: [{port: 15008}]}]}`)}, client, 8000, fact.Allowed, "mtls"},
		{"a waypoint that another tool may ask for", strings.ReplaceAll(meshTown, "istio-injection: enabled", "istio.io/dataplane-mode: ambient, istio.io/use-waypoint: '${WAYPOINT}'"), nil, client, 8000, fact.Undetermined, "mtls"},
		{"where nobody knows whether there is a proxy, STRICT may not hold", strings.Replace(meshTown, "metadata: {name: ai, labels: {istio-injection: enabled}}", "metadata: {name: elsewhere}", 1), []string{strict}, plain, 8000, fact.Undetermined, "plaintext"},
		{"the network decides first", meshTown, []string{in("ai", "np", `{podSelector: {}}`)}, client, 8000, fact.Denied, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := build(t, docs(append([]string{c.tree}, c.manifests...)...))
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
	m := build(t, docs(meshTown, in("ai", "np", `{podSelector: {}}`)))
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
