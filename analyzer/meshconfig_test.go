package analyzer

import (
	"context"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/loader"
)

func configMap(namespace, name, key, text string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: " + namespace + "}\ndata:\n  " + key + ": |\n    " +
		strings.ReplaceAll(text, "\n", "\n    ") + "\n"
}

func configOf(tb testing.TB, manifests ...string) *mesh.Config {
	tb.Helper()
	tree, err := loader.Load(context.Background(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(docs(manifests...))})
	if err != nil {
		tb.Fatal(err)
	}
	return mesh.ReadConfig(decode.All(tree.Sets[0].Objects))
}

// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
func TestMeshConfig(t *testing.T) {
	t.Parallel()
	const anything = "apiVersion: v1\nkind: Namespace\nmetadata: {name: ai}\n"
	c := configOf(t, anything)
	if c.RootNamespace != "istio-system" || !c.RootKnown || c.AutoMTLS != fact.Yes || c.TrustDomains[0] != "cluster.local" {
		t.Errorf("without a source: %+v, want upstream's defaults", c)
	}
	c = configOf(t, anything, configMap("mesh", "istio", "mesh", "enableAutoMtls: false\ntrustDomain: corp\ntrustDomainAliases: [old]\noutboundTrafficPolicy: {mode: REGISTRY_ONLY}\nenablePrometheusMerge: false\ndefaultConfig: {interceptionMode: NONE}"))
	if c.RootNamespace != "mesh" || c.AutoMTLS != fact.No || c.RegistryOnly != fact.Yes || c.PrometheusMerge != fact.No || c.Interception != "NONE" {
		t.Errorf("ConfigMap: %+v", c)
	}
	if got := strings.Join(c.TrustDomains, " "); got != "corp old" {
		t.Errorf("trust domains %s", got)
	}
	for name, source := range map[string]string{
		"mesh names a root": configMap("istio-system", "istio-1-20", "mesh", "rootNamespace: mesh"),
		"IstioOperator":     "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: x}\nspec: {values: {global: {istioNamespace: mesh}}}\n",
		"Istio":             "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\nspec: {namespace: mesh, values: {meshConfig: {}}}\n",
	} {
		if c = configOf(t, source); c.RootNamespace != "mesh" {
			t.Errorf("%s: root namespace %s", name, c.RootNamespace)
		}
	}
}

func TestMeshConfigSources(t *testing.T) {
	t.Parallel()
	one := configMap("istio-system", "istio", "mesh", "enableAutoMtls: true")
	if c := configOf(t, one, configMap("istio-system", "istio-2", "mesh", "enableAutoMtls: false\nrootNamespace: other")); c.RootKnown || c.AutoMTLS != fact.Unknown {
		t.Errorf("two sources that differ: %+v", c)
	}
	c := configOf(t, one, configMap("istio-system", "istio-sidecar-injector", "values", `{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true, "rewriteAppHTTPProbe": false}}`))
	if c.EnrolsByDefault != fact.Yes || c.RewritesProbes != fact.No || c.AutoMTLS != fact.Yes || !c.RootKnown {
		t.Errorf("the injector's values: %+v", c)
	}
	for _, text := range []string{"rootNamespace: ${ROOT}", "rootNamespace: '{{ root }}'", "a: ["} {
		if c := configOf(t, configMap("istio-system", "istio", "mesh", text)); c.RootKnown {
			t.Errorf("%s is taken for a name", text)
		}
	}
	for _, other := range []string{configMap("ai", "istio-ca-root-cert", "root-cert.pem", "x"), configMap("ai", "istio", "other", "x")} {
		if c := configOf(t, other); c.Source.Object != nil {
			t.Errorf("%s is taken for a mesh configuration", other)
		}
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	for labels, want := range map[string]fact.Tri{"mesh: 'on'": fact.Yes, "mesh: 'off'": fact.No, "team: x": fact.No, "mesh: '${MESH}'": fact.Unknown} {
		m := build(t, docs(
			"apiVersion: v1\nkind: Namespace\nmetadata: {name: ai, labels: {"+labels+"}}\n",
			configMap("istio-system", "istio", "mesh", "discoverySelectors:\n- matchLabels: {mesh: \"true\"}\n- matchLabels: {mesh: 'on'}"),
		))
		s := m.Sets[0].Mesh
		if got := s.Config.Discovers(s.Inventory.Namespaces["ai"]); got != want {
			t.Errorf("%s: %s, want %s", labels, got, want)
		}
	}
}

// istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml,
// pkg/kube/inject/inject.go (injectRequired).
func TestMembershipByConfig(t *testing.T) {
	t.Parallel()
	byDefault := configMap("istio-system", "istio-sidecar-injector", "values", `{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}`)
	selective := configMap("istio-system", "istio", "mesh", "discoverySelectors: [{matchLabels: {mesh: 'on'}}]")
	for _, c := range []struct{ name, labels, podLabels, config, want string }{
		{"enabled by default", "a: b", "", byDefault, "sidecar default"},
		{"enabled by default, disabled here", "istio-injection: disabled", "", byDefault, "none namespace-disabled"},
		{"enabled by default, not for the pod", "a: b", "sidecar.istio.io/inject: 'false'", byDefault, "none opt-out"},
		{"outside what istiod discovers", meshed, "", selective, "unknown undiscovered"},
		{"inside what istiod discovers", meshed + ", mesh: 'on'", "", selective, "sidecar namespace"},
		{"a revision of the pod beside inject", "a: b", "sidecar.istio.io/inject: 'true', istio.io/rev: canary", "", "sidecar revision"},
		{"injected already", "a: b", "", "", "none no-label"},
		{"a label of the namespace that another tool fills in", "istio-injection: '${INJECT}'", "", "", "unknown unread"},
		{"ambient mode that another tool fills in", "istio.io/dataplane-mode: '${MODE}'", "", "", "unknown unread"},
		{"ambient mode of the pod that another tool fills in", "istio.io/dataplane-mode: ambient", "istio.io/dataplane-mode: '${MODE}'", "", "unknown unread"},
		{"a revision that another tool fills in", "istio.io/rev: '${REV}'", "", "", "unknown unread"},
		{"opted out of ambient mode", "istio.io/dataplane-mode: ambient", "istio.io/dataplane-mode: none", "", "none ambient-opt-out"},
		{"both meshes", meshed + ", istio.io/dataplane-mode: ambient", "", "", "sidecar namespace"},
		{"injection label without effect on ambient", "istio-injection: disabled, istio.io/dataplane-mode: ambient", "", "", "ambient ambient-namespace"},
	} {
		tree := []string{namespaceDoc(c.labels), pod(c.podLabels, "", "")}
		if c.config != "" {
			tree = append(tree, c.config)
		}
		m := workload(t, build(t, docs(tree...)), "ai/w[Pod]").Facts.Mesh
		if got := string(m.Member) + " " + m.Reason; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	hook := "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: istio-sidecar-injector}\n" +
		"webhooks: [{name: rev.namespace.sidecar-injector.istio.io, namespaceSelector: {matchExpressions: [{key: istio.io/rev, operator: In, values: [stable]}]}}]\n"
	for rev, want := range map[string]string{"stable": "sidecar revision", "canary": "unknown unknown-revision"} {
		m := workload(t, build(t, docs(namespaceDoc("istio.io/rev: "+rev), pod("", "", ""), hook)), "ai/w[Pod]").Facts.Mesh
		if got := string(m.Member) + " " + m.Reason; got != want {
			t.Errorf("revision %s: %s, want %s", rev, got, want)
		}
	}
	filled := pod("", "sidecar.istio.io/inject: '${INJECT}'", "")
	if m := workload(t, build(t, docs(namespaceDoc(meshed), filled)), "ai/w[Pod]").Facts.Mesh; m.Member != "unknown" {
		t.Errorf("an annotation that another tool fills in: %+v", m)
	}
	injected := pod("", `sidecar.istio.io/status: '{"revision":"x"}'`, "")
	if m := workload(t, build(t, docs(namespaceDoc("a: b"), injected)), "ai/w[Pod]").Facts.Mesh; m.Member != "sidecar" {
		t.Errorf("a sidecar that stands in the manifest: %+v", m)
	}
}
