package mesh

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/inventorytest"
)

func configOf(tb testing.TB, manifests ...string) *Config {
	tb.Helper()
	return ReadConfig(decode.All(inventorytest.Scope(tb, manifests...).Objects))
}

// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
func TestMeshConfig(t *testing.T) {
	t.Parallel()
	const anything = "apiVersion: v1\nkind: Namespace\nmetadata: {name: ai}\n"
	c := configOf(t, anything)
	if c.RootNamespace != "istio-system" || !c.RootKnown || c.autoMTLS != fact.Yes || c.trustDomains[0] != "cluster.local" {
		t.Errorf("without a source: %+v, want upstream's defaults", c)
	}
	c = configOf(t, anything, sample.ConfigMap("mesh", "istio", "mesh", "enableAutoMtls: false\ntrustDomain: corp\ntrustDomainAliases: [old]\noutboundTrafficPolicy: {mode: REGISTRY_ONLY}\nenablePrometheusMerge: false\ndefaultConfig: {interceptionMode: NONE}"))
	if c.RootNamespace != "mesh" || c.autoMTLS != fact.No || c.registryOnly != fact.Yes || c.prometheusMerge != fact.No || c.interception != "NONE" {
		t.Errorf("ConfigMap: %+v", c)
	}
	if got := strings.Join(c.trustDomains, " "); got != "corp old" {
		t.Errorf("trust domains %s", got)
	}
	for name, source := range map[string]string{
		"mesh names a root": sample.ConfigMap("istio-system", "istio-1-20", "mesh", "rootNamespace: mesh"),
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
	one := sample.ConfigMap("istio-system", "istio", "mesh", "enableAutoMtls: true")
	if c := configOf(t, one, sample.ConfigMap("istio-system", "istio-2", "mesh", "enableAutoMtls: false\nrootNamespace: other")); c.RootKnown || c.autoMTLS != fact.Unknown {
		t.Errorf("two sources that differ: %+v", c)
	}
	c := configOf(t, one, sample.ConfigMap("istio-system", "istio-sidecar-injector", "values", `{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true, "rewriteAppHTTPProbe": false}}`))
	if c.enrolsByDefault != fact.Yes || c.rewritesProbes != fact.No || c.autoMTLS != fact.Yes || !c.RootKnown {
		t.Errorf("the injector's values: %+v", c)
	}
	for _, text := range []string{"rootNamespace: ${ROOT}", "rootNamespace: '{{ root }}'", "a: ["} {
		if c := configOf(t, sample.ConfigMap("istio-system", "istio", "mesh", text)); c.RootKnown {
			t.Errorf("%s is taken for a name", text)
		}
	}
	for _, other := range []string{sample.ConfigMap("ai", "istio-ca-root-cert", "root-cert.pem", "x"), sample.ConfigMap("ai", "istio", "other", "x")} {
		if c := configOf(t, other); c.source.Object != nil {
			t.Errorf("%s is taken for a mesh configuration", other)
		}
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	for labels, want := range map[string]fact.Tri{"mesh: 'on'": fact.Yes, "mesh: 'off'": fact.No, "team: x": fact.No, "mesh: '${MESH}'": fact.Unknown} {
		s := inventorytest.New(t,
			"apiVersion: v1\nkind: Namespace\nmetadata: {name: ai, labels: {"+labels+"}}\n",
			sample.ConfigMap("istio-system", "istio", "mesh", "discoverySelectors:\n- matchLabels: {mesh: \"true\"}\n- matchLabels: {mesh: 'on'}"),
		)
		if got := ReadConfig(s.Objects).discovers(s.Namespaces["ai"]); got != want {
			t.Errorf("%s: %s, want %s", labels, got, want)
		}
	}
}
