package mesh_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
)

// The order of istio/istio's mutatingwebhook.yaml selectors and injectRequired,
// then ambient: https://istio.io/latest/docs/ambient/usage/add-workloads/
func TestMembership(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, Namespace, labels, annotations, spec string
		member, reason                             string
	}{
		{"enabled namespace", "istio-injection: enabled", "", "", "", "sidecar", "namespace"},
		{"namespace that is not in the tree", "-", "", "", "", "unknown", "undeclared-namespace"},
		{"pod label in an unread namespace", "-", `sidecar.istio.io/inject: "true"`, "", "", "sidecar", "pod"},
		{"opt-out in an unread namespace", "-", `sidecar.istio.io/inject: "false"`, "", "", "none", "opt-out"},
		{"no label", "team: a", "", "", "", "none", "no-label"},
		{"disabled beats the pod's wish", "istio-injection: disabled", `sidecar.istio.io/inject: "true"`, "", "", "none", "namespace-disabled"},
		{"unknown value", "istio-injection: on-please", "", "", "", "none", "namespace-disabled"},
		{"pod opts out by label", "istio-injection: enabled", `sidecar.istio.io/inject: "false"`, "", "", "none", "opt-out"},
		{"pod opts out by annotation", "istio-injection: enabled", "", `sidecar.istio.io/inject: "false"`, "", "none", "opt-out"},
		{"label wins over annotation", "istio-injection: enabled", `sidecar.istio.io/inject: "true"`, `sidecar.istio.io/inject: "false"`, "", "sidecar", "namespace"},
		{"a word that is no boolean opts out", "istio-injection: enabled", `sidecar.istio.io/inject: "maybe"`, "", "", "none", "opt-out"},
		{"revision namespace", "istio.io/rev: canary", "", "", "", "sidecar", "revision"},
		{"istio-injection beats revision", "istio-injection: disabled, istio.io/rev: canary", "", "", "", "none", "namespace-disabled"},
		{"pod label in an unlabelled namespace", "a: b", `sidecar.istio.io/inject: "true"`, "", "", "sidecar", "pod"},
		{"pod revision in an unlabelled namespace", "a: b", "istio.io/rev: canary", "", "", "sidecar", "revision"},
		{"annotation cannot enable", "a: b", "", `sidecar.istio.io/inject: "true"`, "", "none", "annotation-only"},
		{"host network", "istio-injection: enabled", "", "", "hostNetwork: true, ", "none", "host-network"},
		{"ambient namespace", "istio.io/dataplane-mode: ambient", "", "", "", "ambient", "ambient-namespace"},
		{"ambient pod", "a: b", "istio.io/dataplane-mode: ambient", "", "", "ambient", "ambient-pod"},
		{"ambient opt-out", "istio.io/dataplane-mode: ambient", "istio.io/dataplane-mode: none", "", "", "none", "ambient-opt-out"},
		{"sidecar wins over ambient", "istio-injection: enabled, istio.io/dataplane-mode: ambient", "", "", "", "sidecar", "namespace"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tree := sample.Pod(c.labels, c.annotations, c.spec)
			if c.Namespace != "-" {
				tree = sample.Join(sample.Namespace(c.Namespace), tree)
			}
			m := analyzertest.Workload(t, analyzertest.Build(t, tree), "ai/w[Pod]").Facts.Mesh
			if string(m.Member) != c.member || m.Reason != c.reason {
				t.Errorf("%s because of %s; want %s because of %s", m.Member, m.Reason, c.member, c.reason)
			}
		})
	}
}

// kubectl apply unites the labels of one namespace's documents.
func TestNamespaceDocumentsUnite(t *testing.T) {
	t.Parallel()
	tree := sample.Join(sample.Namespace("a: b"), sample.Namespace("istio-injection: enabled"), sample.Pod("", "", ""))
	if m := analyzertest.Workload(t, analyzertest.Build(t, tree), "ai/w[Pod]").Facts.Mesh; m.Member != "sidecar" {
		t.Errorf("member = %s, want sidecar", m.Member)
	}
}

// The webhook reads a pod's revision where the namespace names none.
// See istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml.
func TestRevisionOfTheNamespaceFirst(t *testing.T) {
	t.Parallel()
	for namespace, want := range map[string]string{
		"a: b":                    "sidecar revision",
		"istio.io/rev: stable":    "sidecar revision",
		"istio.io/rev: '${REV}'":  "unknown unread",
		"istio-injection: 'none'": "none namespace-disabled",
	} {
		m := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.Namespace(namespace), sample.Pod("istio.io/rev: canary", "", ""))), "ai/w[Pod]").Facts.Mesh
		if got := string(m.Member) + " " + m.Reason; got != want {
			t.Errorf("%s: %s, want %s", namespace, got, want)
		}
		if object := m.From.Object; want == "sidecar revision" && (object.Kind == "Namespace") != strings.Contains(namespace, "rev") {
			t.Errorf("%s: decided by the %s", namespace, object.Kind)
		}
	}
}

// istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml,
// pkg/kube/inject/inject.go (injectRequired).
func TestMembershipByConfig(t *testing.T) {
	t.Parallel()
	byDefault := sample.ConfigMap("istio-system", "istio-sidecar-injector", "values", `{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}`)
	selective := sample.ConfigMap("istio-system", "istio", "mesh", "discoverySelectors: [{matchLabels: {mesh: 'on'}}]")
	for _, c := range []struct{ name, labels, podLabels, config, want string }{
		{"enabled by default", "a: b", "", byDefault, "sidecar default"},
		{"enabled by default, disabled here", "istio-injection: disabled", "", byDefault, "none namespace-disabled"},
		{"enabled by default, not for the pod", "a: b", "sidecar.istio.io/inject: 'false'", byDefault, "none opt-out"},
		{"outside what istiod discovers", sample.Sidecar, "", selective, "unknown undiscovered"},
		{"inside what istiod discovers", sample.Sidecar + ", mesh: 'on'", "", selective, "sidecar namespace"},
		{"a revision of the pod beside inject", "a: b", "sidecar.istio.io/inject: 'true', istio.io/rev: canary", "", "sidecar revision"},
		{"injected already", "a: b", "", "", "none no-label"},
		{"a label of the namespace that another tool fills in", "istio-injection: '${INJECT}'", "", "", "unknown unread"},
		{"ambient mode that another tool fills in", "istio.io/dataplane-mode: '${MODE}'", "", "", "unknown unread"},
		{"ambient mode of the pod that another tool fills in", "istio.io/dataplane-mode: ambient", "istio.io/dataplane-mode: '${MODE}'", "", "unknown unread"},
		{"a revision that another tool fills in", "istio.io/rev: '${REV}'", "", "", "unknown unread"},
		{"opted out of ambient mode", "istio.io/dataplane-mode: ambient", "istio.io/dataplane-mode: none", "", "none ambient-opt-out"},
		{"both meshes", sample.Sidecar + ", istio.io/dataplane-mode: ambient", "", "", "sidecar namespace"},
		{"injection label without effect on ambient", "istio-injection: disabled, istio.io/dataplane-mode: ambient", "", "", "ambient ambient-namespace"},
	} {
		tree := []string{sample.Namespace(c.labels), sample.Pod(c.podLabels, "", "")}
		if c.config != "" {
			tree = append(tree, c.config)
		}
		m := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(tree...)), "ai/w[Pod]").Facts.Mesh
		if got := string(m.Member) + " " + m.Reason; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	hook := "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: istio-sidecar-injector}\n" +
		"webhooks: [{name: rev.namespace.sidecar-injector.istio.io, namespaceSelector: {matchExpressions: [{key: istio.io/rev, operator: In, values: [stable]}]}}]\n"
	for rev, want := range map[string]string{"stable": "sidecar revision", "canary": "unknown unknown-revision"} {
		m := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.Namespace("istio.io/rev: "+rev), sample.Pod("", "", ""), hook)), "ai/w[Pod]").Facts.Mesh
		if got := string(m.Member) + " " + m.Reason; got != want {
			t.Errorf("revision %s: %s, want %s", rev, got, want)
		}
	}
	filled := sample.Pod("", "sidecar.istio.io/inject: '${INJECT}'", "")
	if m := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.Namespace(sample.Sidecar), filled)), "ai/w[Pod]").Facts.Mesh; m.Member != "unknown" {
		t.Errorf("an annotation that another tool fills in: %+v", m)
	}
	injected := sample.Pod("", `sidecar.istio.io/status: '{"revision":"x"}'`, "")
	if m := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.Namespace("a: b"), injected)), "ai/w[Pod]").Facts.Mesh; m.Member != "sidecar" {
		t.Errorf("a sidecar that stands in the manifest: %+v", m)
	}
}
