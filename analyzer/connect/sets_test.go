package connect_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/loader"
)

// What is not in the tree is never claimed: implied pods, and objects of which
// nobody knows whether they share a namespace.
func TestConnectivityUnknown(t *testing.T) {
	t.Parallel()
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: web}\nspec: {selector: {app: api}, ports: [{port: 80, targetPort: http}]}\n"
	for _, c := range []struct {
		name, manifests, src, dst string
		port                      int
		want                      fact.Verdict
	}{
		{"an implied pod may be isolated by policies elsewhere", sample.Join(sample.VLLM, service), sample.VLLMID, "web/api[Service]", 80, fact.Undetermined},
		{"it may or may not have a label", sample.Join(sample.VLLM, service, sample.NetworkPolicy("ai", "p", `{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {tier: x}}}]}]}`)), "web/api[Service]", sample.VLLMID, 8000, fact.Undetermined},
		{"its own label is known", sample.Join(service, sample.NetworkPolicy("web", "p", `{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: http}]}]}`), sample.VLLM), sample.VLLMID, "web/api[Service]", 80, fact.Undetermined},
		{"what a policy admits to it is certain", sample.Join(service, sample.NetworkPolicy("web", "p", `{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: 80}]}]}`), sample.VLLM), sample.VLLMID, "web/api[Service]", 80, fact.Allowed},
		{"no namespace may be the same namespace", sample.Join(sample.VLLM, "apiVersion: v1\nkind: Pod\nmetadata: {name: x, labels: {app: x}}\nspec: {containers: [{name: c, image: i}]}\n", sample.NetworkPolicy("ai", "p", `{podSelector: {matchLabels: {app: vllm}}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}]}]}`)), "_/x[Pod]", sample.VLLMID, 8000, fact.Undetermined},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			analyzertest.CheckVerdict(t, []string{c.manifests}, c.src, c.dst, "TCP", c.port, c.want)
		})
	}
}

// What a kustomization applies meets the plain manifests of its namespace, and
// its policies isolate their pods.
func TestConnectivitySets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"plain/front.yaml":         "apiVersion: v1\nkind: Pod\nmetadata: {name: front, namespace: ai, labels: {app: front}}\nspec: {containers: [{name: c, image: i}]}\n",
		"plain/vllm.yaml":          sample.VLLM,
		"built/kustomization.yaml": "resources: [other.yaml]\n",
		"built/other.yaml":         sample.Join(strings.ReplaceAll(sample.VLLM, "name: vllm,", "name: other,"), sample.NetworkPolicy("ai", "p", `{podSelector: {}}`)),
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := loader.Load(t.Context(), loader.Options{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := analyzer.Build(t.Context(), tree).Sets.Connectivity(connect.ConnectivityOptions{From: "front"})
	if err != nil {
		t.Fatal(err)
	}
	got := text(rows)
	if slices.ContainsFunc(got, func(row string) bool { return strings.Contains(row, "→ ai/") }) || len(got) == 0 {
		t.Errorf("the policy denies what reaches a pod of ai: %q", got)
	}
}

func TestConnectivityNames(t *testing.T) {
	t.Parallel()
	m := analyzertest.Build(t, sample.Town)
	for _, name := range []string{sample.FrontID, "front", "web", "web/front", "10.1.2.3", "10.0.0.0/8", "0.0.0.0-255.255.255.255"} {
		if rows, err := m.Sets.Connectivity(connect.ConnectivityOptions{From: name}); err != nil || len(rows) == 0 {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	}
	_, err := m.Sets.Connectivity(connect.ConnectivityOptions{To: "frnt"})
	if err == nil || !strings.Contains(err.Error(), "did you mean front") {
		t.Errorf("err = %v", err)
	}
	rows, err := m.Sets.Connectivity(connect.ConnectivityOptions{Focus: "front", Port: 80})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Src.Name != sample.FrontID && r.Dst.Name != sample.FrontID || !slices.Equal(r.Ports, []fact.PortRange{{First: 80, Last: 80}}) {
			t.Errorf("%q is out of focus", text([]connect.Connection{r}))
		}
	}
}

// Two sets that hold the same pair, and two objects of one name in one set, give
// one row and one reason where they say the same.
func TestConnectivitySaysOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other := "apiVersion: v1\nkind: Pod\nmetadata: {name: front, namespace: ai, labels: {app: front}}\nspec: {containers: [{name: c, image: i}]}\n"
	for name, content := range map[string]string{
		"base/kustomization.yaml": "resources: [all.yaml]\n",
		"base/all.yaml":           sample.Join(sample.VLLM, other, sample.NetworkPolicy("ai", "p", `{podSelector: {}}`)),
		"a/kustomization.yaml":    "resources: [../base]\n",
		"b/kustomization.yaml":    "resources: [../base]\n",
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := loader.Load(t.Context(), loader.Options{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	m := analyzer.Build(t.Context(), tree)
	if modes := m.Sets.MTLSPorts(mesh.MTLSOptions{}); len(modes) != 5 { // three ports of the server, and the rest of both
		t.Errorf("%d modes: %+v", len(modes), modes)
	}
	reasons, verdict, err := m.Sets.Why("front", "vllm", 8000)
	if err != nil || verdict != fact.Denied || len(reasons) != 2 || reasons[0].Effect == reasons[1].Effect {
		t.Errorf("%s because %+v, %v", verdict, reasons, err)
	}
	rows, err := analyzertest.Build(t, sample.Join(sample.VLLM, other, other)).Sets.Connectivity(connect.ConnectivityOptions{From: "front"})
	if err != nil {
		t.Fatal(err)
	}
	if got := text(rows); len(got) != len(slices.Compact(slices.Sorted(slices.Values(got)))) {
		t.Errorf("a row stands twice: %q", got)
	} else if slices.ContainsFunc(got, func(row string) bool { return strings.HasPrefix(row, "ai/front[Pod] → ai/front[Pod]") }) {
		t.Errorf("of itself: %q", got)
	}
}
