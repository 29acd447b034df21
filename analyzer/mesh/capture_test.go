package mesh_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
)

// istio/istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml,
// tools/istio-iptables/pkg/capture/run.go (handleInboundPortsInclude),
// https://istio.io/latest/docs/reference/config/annotations/
func TestCapture(t *testing.T) {
	t.Parallel()
	const prefix = "traffic.sidecar.istio.io/"
	for _, c := range []struct {
		name, annotations string
		port              int
		state, mode       string
	}{
		{"nothing said", "", 8000, "captured", "STRICT"},
		{"excluded", prefix + `excludeInboundPorts: "22, 8000"`, 8000, "excluded", "NONE"},
		{"another excluded", prefix + `excludeInboundPorts: "80"`, 8000, "captured", "STRICT"},
		{"excluded by a placeholder", prefix + `excludeInboundPorts: "${PORTS}"`, 8000, "unknown", "UNKNOWN"},
		{"everything included", prefix + `includeInboundPorts: "*"`, 8000, "captured", "STRICT"},
		{"another included", prefix + `includeInboundPorts: "80,443"`, 8000, "not-included", "NONE"},
		{"nothing included", prefix + `includeInboundPorts: ""`, 8000, "not-included", "NONE"},
		{"what is included cannot be excluded", prefix + `includeInboundPorts: "8000", ` + prefix + `excludeInboundPorts: "8000"`, 8000, "captured", "STRICT"},
		{"capture off", `sidecar.istio.io/interceptionMode: NONE`, 8000, "mode-none", "NONE"},
		{"capture off by the proxy's configuration", `proxy.istio.io/config: "interceptionMode: NONE"`, 8000, "mode-none", "NONE"},
		{"proxy's configuration of something else", `proxy.istio.io/config: "concurrency: 2"`, 8000, "captured", "STRICT"},
		{"another way to redirect", `sidecar.istio.io/interceptionMode: TPROXY`, 8000, "captured", "STRICT"},
		{"interfaces excluded", prefix + `excludeInterfaces: eth1`, 8000, "unknown", "UNKNOWN"},
		{"proxyless gRPC", `inject.istio.io/templates: grpc-agent`, 8000, "unknown", "UNKNOWN"},
		{"the usual template and one more", `inject.istio.io/templates: "sidecar,spire"`, 8000, "captured", "STRICT"},
		{"outbound exclusions change nothing inbound", prefix + `excludeOutboundPorts: "8000"`, 8000, "captured", "STRICT"},
		{"the agent's own port", "", 15020, "reserved", "NONE"},
		{"the agent's port is another", `status.sidecar.istio.io/port: "15999"`, 15020, "captured", "STRICT"},
		{"secure shell", "", 22, "unknown", "UNKNOWN"},
	} {
		manifest := "apiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: ai, annotations: {" + c.annotations + "}}\n" +
			fmt.Sprintf("spec: {containers: [{name: c, image: i, ports: [{containerPort: %d}]}]}\n", c.port)
		f := analyzertest.Port(t, analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.Namespace(sample.Sidecar), manifest, sample.PeerAuthentication("ai", "ns", sample.Strict))), "ai/w[Pod]"), c.port)
		if string(f.Capture.State) != c.state || string(f.MTLS.Mode) != c.mode {
			t.Errorf("%s: %s, %s; want %s, %s", c.name, f.Capture.State, f.MTLS.Mode, c.state, c.mode)
		}
		if f.Capture.From.Object == nil {
			t.Errorf("%s: no place", c.name)
		}
	}
	values := sample.ConfigMap("istio-system", "istio-sidecar-injector", "values", `{"global": {"proxy": {"includeInboundPorts": "*", "excludeInboundPorts": "8000"}}}`)
	for annotations, want := range map[string]string{"": "excluded", prefix + `excludeInboundPorts: ""`: "captured"} {
		m := analyzertest.Build(t, sample.Join(sample.Namespace(sample.Sidecar), sample.Pod("", annotations, ""), values))
		if f := analyzertest.Port(t, analyzertest.Workload(t, m, "ai/w[Pod]"), 8000); string(f.Capture.State) != want || f.Capture.From.Object == nil {
			t.Errorf("the injector excludes the port, the pod says %q: %s, want %s", annotations, f.Capture.State, want)
		}
	}
	bypass := sample.Pod("", `ambient.istio.io/bypass-inbound-capture: "true"`, "")
	f := analyzertest.Port(t, analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.Namespace("istio.io/dataplane-mode: ambient"), bypass, sample.PeerAuthentication("ai", "ns", sample.Strict))), "ai/w[Pod]"), 8000)
	if f.Capture.State != "bypassed" || f.MTLS.Mode != "NONE" {
		t.Errorf("ambient's bypass: %s, %s", f.Capture.State, f.MTLS.Mode)
	}
	f = analyzertest.Port(t, analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.Namespace("a: b"), sample.Pod("", "", ""))), "ai/w[Pod]"), 8000)
	if f.Capture.State != "none" {
		t.Errorf("outside the mesh: %s", f.Capture.State)
	}
}

// https://istio.io/latest/docs/ops/deployment/application-requirements/
func TestBypass(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		`securityContext: {runAsUser: 1337}, `:                                                                                           "uid",
		`securityContext: {runAsGroup: 1337}, `:                                                                                          "gid",
		`securityContext: {runAsUser: 1000}, `:                                                                                           "",
		`hostNetwork: true, securityContext: {runAsUser: 1337}, `:                                                                        "",
		`initContainers: [{name: i, image: i, securityContext: {runAsUser: 1337}}], `:                                                    "",
		`initContainers: [{name: i, image: i, restartPolicy: Always, securityContext: {capabilities: {add: [CAP_NET_RAW]}}}], `:          "net-raw",
		`initContainers: [{name: istio-proxy, image: i, restartPolicy: Always, securityContext: {runAsUser: 1337, runAsGroup: 1337}}], `: "",
	} {
		var kinds []string
		for _, b := range analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.Namespace(sample.Sidecar), sample.Pod("", "", spec))), "ai/w[Pod]").Facts.Mesh.Bypass {
			kinds = append(kinds, b.Kind)
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("%s: got %q, want %q", spec, got, want)
		}
	}
	own := "apiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: ai}\nspec: {securityContext: {runAsUser: 1337}, containers: [{name: c, image: i, securityContext: {runAsUser: 5}}]}\n"
	if b := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.Namespace(sample.Sidecar), own)), "ai/w[Pod]").Facts.Mesh.Bypass; len(b) != 0 {
		t.Errorf("the container's own user counts before the pod's: %+v", b)
	}
}

// https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/
func TestUnwrittenProbes(t *testing.T) {
	t.Parallel()
	const probe = "readinessProbe: {httpGet: {port: 8000}}, livenessProbe: {exec: {command: [x]}}, startupProbe: {grpc: {port: 9000}}"
	for _, c := range []struct{ annotations, config, want string }{
		{"", "", ""},
		{`sidecar.istio.io/rewriteAppHTTPProbers: "false"`, "", "http STRICT grpc STRICT"},
		{`sidecar.istio.io/rewriteAppHTTPProbers: "${REWRITE}"`, "", ""},
		{"", `{"sidecarInjectorWebhook": {"rewriteAppHTTPProbe": false}}`, "http STRICT grpc STRICT"},
		{`sidecar.istio.io/rewriteAppHTTPProbers: "true"`, `{"sidecarInjectorWebhook": {"rewriteAppHTTPProbe": false}}`, ""},
		{`sidecar.istio.io/rewriteAppHTTPProbers: "false", traffic.sidecar.istio.io/excludeInboundPorts: "8000"`, "", "http NONE grpc STRICT"},
	} {
		tree := []string{
			sample.Namespace(sample.Sidecar), sample.PeerAuthentication("ai", "ns", sample.Strict),
			"apiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: ai, annotations: {" + c.annotations + "}}\nspec: {containers: [{name: c, image: i, " + probe + "}]}\n",
		}
		if c.config != "" {
			tree = append(tree, sample.ConfigMap("istio-system", "istio-sidecar-injector", "values", c.config))
		}
		var probes []string
		for _, p := range analyzertest.Workload(t, analyzertest.Build(t, sample.Join(tree...)), "ai/w[Pod]").Facts.Mesh.UnrewrittenProbes {
			probes = append(probes, p.Handler+" "+string(p.Mode))
		}
		if got := strings.Join(probes, " "); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}
