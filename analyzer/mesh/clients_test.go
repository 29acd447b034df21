package mesh_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
)

func ruleTo(namespace, name, spec string) string {
	return fmt.Sprintf("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: %s, namespace: %s}\nspec: %s\n", name, namespace, spec)
}

func sidecar(namespace, spec string) string {
	return "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s, namespace: " + namespace + "}\nspec: " + spec + "\n"
}

const (
	serverHost = "vllm.ai.svc.cluster.local"
	client     = "apiVersion: v1\nkind: Pod\nmetadata: {name: c, namespace: web, labels: {app: c}}\nspec: {containers: [{name: c, image: i}]}\n"
)

// What a client in namespace web sends to port 80 of vllm.ai.
func TestClientTLS(t *testing.T) {
	t.Parallel()
	mode := func(m string) string { return "trafficPolicy: {tls: {mode: " + m + "}}" }
	for _, c := range []struct {
		name, subset, want string
		rules              []string
	}{
		{"no rule: https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls", "", "AUTO", nil},
		{"the client's namespace before the service's: push_context.go destinationRule", "", "SIMPLE", []string{
			ruleTo("ai", "a", "{host: vllm, "+mode("DISABLE")+"}"), ruleTo("web", "w", "{host: "+serverHost+", "+mode("SIMPLE")+"}"),
		}},
		{"a short name is of the rule's own namespace: ResolveShortnameToFQDN", "", "AUTO", []string{ruleTo("web", "w", "{host: vllm, "+mode("DISABLE")+"}")}},
		{"a name with a dot is taken as it stands", "", "AUTO", []string{ruleTo("web", "w", "{host: vllm.ai, "+mode("DISABLE")+"}")}},
		{"a rule without tls shadows the service's: no merge across namespaces", "", "AUTO", []string{
			ruleTo("ai", "a", "{host: vllm, "+mode("DISABLE")+"}"), ruleTo("web", "w", "{host: "+serverHost+", trafficPolicy: {connectionPool: {}}}"),
		}},
		{"not exported", "", "AUTO", []string{ruleTo("ai", "a", "{host: vllm, exportTo: ['.'], "+mode("DISABLE")+"}")}},
		{"exported to others", "", "AUTO", []string{ruleTo("ai", "a", "{host: vllm, exportTo: [shop], "+mode("DISABLE")+"}")}},
		{"the root namespace last", "", "ISTIO_MUTUAL", []string{ruleTo(rootNS, "r", "{host: '*.local', "+mode("ISTIO_MUTUAL")+"}")}},
		{"the most specific host: MostSpecificHostMatch", "", "DISABLE", []string{
			ruleTo("web", "a", "{host: '*.local', "+mode("SIMPLE")+"}"), ruleTo("web", "b", "{host: '*.ai.svc.cluster.local', "+mode("DISABLE")+"}"),
		}},
		{"a port's block replaces the rule's, tls included: MergeTrafficPolicy", "", "AUTO", []string{
			ruleTo("web", "a", "{host: "+serverHost+", trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 80}}]}}"),
		}},
		{"another port's block", "", "DISABLE", []string{
			ruleTo("web", "a", "{host: "+serverHost+", trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 8000}, tls: {mode: SIMPLE}}]}}"),
		}},
		{"a subset inherits", "v1", "DISABLE", []string{ruleTo("web", "a", "{host: "+serverHost+", "+mode("DISABLE")+", subsets: [{name: v1}]}")}},
		{"a subset's own tls", "v1", "SIMPLE", []string{
			ruleTo("web", "a", "{host: "+serverHost+", "+mode("DISABLE")+", subsets: [{name: v1, "+mode("SIMPLE")+"}]}"),
		}},
		{"a subset without tls inherits the port's", "v1", "SIMPLE", []string{
			ruleTo("web", "a", "{host: "+serverHost+", trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE}}]}, subsets: [{name: v1, trafficPolicy: {connectionPool: {}}}]}"),
		}},
		{"the first of one namespace and host: mergeDestinationRule", "", "UNKNOWN", []string{
			ruleTo("web", "a", "{host: "+serverHost+", "+mode("DISABLE")+"}"), ruleTo("web", "b", "{host: "+serverHost+", "+mode("SIMPLE")+"}"),
		}},
		{"one without policy takes that of the other", "", "DISABLE", []string{
			ruleTo("web", "a", "{host: "+serverHost+", "+mode("DISABLE")+"}"), ruleTo("web", "b", "{host: "+serverHost+", subsets: [{name: v1}]}"),
		}},
		{"for the workload itself before for all", "", "SIMPLE", []string{
			ruleTo("web", "a", "{host: "+serverHost+", "+mode("DISABLE")+"}"), ruleTo("web", "b", "{host: "+serverHost+", workloadSelector: {matchLabels: {app: c}}, "+mode("SIMPLE")+"}"),
		}},
		{"for another workload", "", "AUTO", []string{ruleTo("web", "b", "{host: "+serverHost+", workloadSelector: {matchLabels: {app: d}}, "+mode("SIMPLE")+"}")}},
		{"tls without a mode is DISABLE: the enum's zero", "", "DISABLE", []string{ruleTo("web", "a", "{host: "+serverHost+", trafficPolicy: {tls: {sni: x}}}")}},
		{"a host that another tool fills in", "", "UNKNOWN", []string{ruleTo("web", "a", `{host: "${HOST}", `+mode("DISABLE")+"}")}},
		{"a Sidecar that does not import the host: https://istio.io/latest/docs/reference/config/networking/sidecar/", "", "UNKNOWN", []string{sidecar("web", "{egress: [{hosts: ['./*']}]}")}},
		{"a Sidecar that imports the namespace", "", "AUTO", []string{sidecar("web", "{egress: [{hosts: ['./*', 'ai/*']}]}")}},
		{"a Sidecar of the root namespace", "", "UNKNOWN", []string{sidecar(rootNS, "{egress: [{hosts: ['./*']}]}")}},
		{"that of the namespace before that of the root", "", "AUTO", []string{sidecar(rootNS, "{egress: [{hosts: ['./*']}]}"), sidecar("web", "{egress: [{hosts: ['*/vllm.ai.svc.cluster.local']}]}")}},
		{"a Sidecar for another workload", "", "AUTO", []string{sidecar("web", "{workloadSelector: {labels: {app: d}}, egress: [{hosts: ['./*']}]}")}},
		{"a Sidecar without egress", "", "AUTO", []string{sidecar("web", "{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}")}},
		{"a rule that was refused", "", "UNKNOWN", []string{ruleTo("web", "a", "{host: "+serverHost+", trafficPolicy: {tlss: {mode: DISABLE}}}")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := analyzertest.Build(t, sample.Join(append([]string{sample.WebInMesh, client}, c.rules...)...))
			if got := m.Sets[0].Mesh.ClientTLS(analyzertest.Workload(t, m, "web/c[Pod]").Workload, serverHost, "ai", 80, c.subset).Mode; string(got) != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// What becomes of the connection: https://istio.io/latest/docs/ops/common-problems/network-issues/
func TestOutcome(t *testing.T) {
	t.Parallel()
	dr := func(mode string) string {
		return ruleTo("web", "w", "{host: "+serverHost+", trafficPolicy: {tls: {mode: "+mode+"}}}")
	}
	plain := sample.Namespace("a: b")
	ambient := sample.Namespace("istio.io/dataplane-mode: ambient")
	in := sample.Namespace(sample.Sidecar)
	for _, c := range []struct {
		name, want string
		manifests  []string
	}{
		{"automatic, required", "mtls", []string{in, sample.PeerAuthentication("ai", "ns", sample.Strict)}},
		{"automatic, permitted", "mtls", []string{in}},
		{"automatic, refused", "plaintext", []string{in, sample.PeerAuthentication("ai", "ns", disabled)}},
		{"automatic, no proxy", "plaintext", []string{plain}},
		{"automatic, ambient", "mtls", []string{ambient}},
		{"automatic is off", "broken", []string{in, sample.PeerAuthentication("ai", "ns", sample.Strict), sample.ConfigMap(rootNS, "istio", "mesh", "enableAutoMtls: false")}},
		{"automatic is off, permitted", "plaintext", []string{in, sample.ConfigMap(rootNS, "istio", "mesh", "enableAutoMtls: false")}},
		{"off to required", "broken", []string{in, sample.PeerAuthentication("ai", "ns", sample.Strict), dr("DISABLE")}},
		{"off to permitted", "plaintext", []string{in, dr("DISABLE")}},
		{"off to ambient: it may be tunnelled", "unknown", []string{ambient, dr("DISABLE")}},
		{"TLS of its own to required", "broken", []string{in, sample.PeerAuthentication("ai", "ns", sample.Strict), dr("SIMPLE")}},
		{"TLS of its own to no proxy", "tls-origination", []string{plain, dr("SIMPLE")}},
		{"certificates of its own to required: they may be the mesh's", "unknown", []string{in, sample.PeerAuthentication("ai", "ns", sample.Strict), dr("MUTUAL")}},
		{"mesh TLS to no proxy", "broken", []string{plain, dr("ISTIO_MUTUAL")}},
		{"mesh TLS to refused", "broken", []string{in, sample.PeerAuthentication("ai", "ns", disabled), dr("ISTIO_MUTUAL")}},
		{"mesh TLS to required", "mtls", []string{in, sample.PeerAuthentication("ai", "ns", sample.Strict), dr("ISTIO_MUTUAL")}},
		{"the namespace is not in the tree", "unknown", nil},
		{"a port of its own", "plaintext", []string{in, sample.PeerAuthentication("ai", "w", "{"+selVLLM+", mtls: {mode: STRICT}, portLevelMtls: {8000: {mode: DISABLE}}}")}},
	} {
		m := analyzertest.Build(t, sample.Join(append([]string{sample.WebInMesh, client, sample.VLLM, sample.VLLMService}, c.manifests...)...))
		got := ""
		for row := range m.Sets.MTLSClients(mesh.MTLSOptions{}) {
			if row.Client.ID == "web/c[Pod]" && row.Port == 80 {
				got = string(row.Outcome)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// https://istio.io/latest/docs/tasks/traffic-management/egress/egress-tls-origination/
func TestExternals(t *testing.T) {
	t.Parallel()
	entry := func(spec string) string {
		return "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e, namespace: ai}\nspec: {hosts: [api.example.com, '*.example.org'], ports: [{number: 443, name: https, protocol: HTTPS}]" + spec + "}\n"
	}
	simple := ruleTo("web", "r", "{host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE}}}")
	for _, c := range []struct {
		name, want string
		manifests  []string
	}{
		{"no rule", "AUTO plaintext", []string{entry("")}},
		{"origination", "SIMPLE tls-origination", []string{entry(""), simple}},
		{"in the mesh", "SIMPLE unknown", []string{entry(", location: MESH_INTERNAL"), simple}},
		{"not exported", "", []string{entry(", exportTo: ['.']"), simple}},
	} {
		var got []string
		for row := range analyzertest.Build(t, sample.Join(append([]string{sample.WebInMesh, client}, c.manifests...)...)).Sets.MTLSClients(mesh.MTLSOptions{}) {
			got = append(got, string(row.Mode)+" "+string(row.Outcome))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Proxies of some releases send mutual TLS to the pods of headless Services
// whatever those take.
func TestOutcomeOfAHeadlessService(t *testing.T) {
	t.Parallel()
	for clusterIP, want := range map[string]string{"": "plaintext", "clusterIP: None,": "unknown"} {
		server := "apiVersion: v1\nkind: Service\nmetadata: {name: vllm, namespace: ai}\nspec: {" + clusterIP + " selector: {app: vllm}, ports: [{name: http, port: 8000, targetPort: 8000}]}\n"
		got := ""
		for row := range analyzertest.Build(t, sample.Join(sample.WebInMesh, client, sample.VLLM, server, sample.Namespace(sample.Sidecar), sample.PeerAuthentication("ai", "ns", disabled))).Sets.MTLSClients(mesh.MTLSOptions{}) {
			if row.Client.ID == "web/c[Pod]" && row.Port == 8000 {
				got = string(row.Outcome)
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", clusterIP, got, want)
		}
	}
}
