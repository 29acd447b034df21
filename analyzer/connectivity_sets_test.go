package analyzer

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/loader"
)

// What is not in the tree is never claimed: implied pods, and objects of which
// nobody knows whether they share a namespace.
func TestConnectivityUnknown(t *testing.T) {
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: web}\nspec: {selector: {app: api}, ports: [{port: 80, targetPort: http}]}\n"
	for _, c := range []struct {
		name, manifests, src, dst string
		port                      int32
		want                      fact.Verdict
	}{
		{"an implied pod may be isolated by policies elsewhere", docs(vllm, service), vllmID, "web/api[Service]", 80, fact.Unsure},
		{"it may or may not have a label", docs(vllm, service, policy(`{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {tier: x}}}]}]}`)), "web/api[Service]", vllmID, 8000, fact.Unsure},
		{"its own label is known", docs(service, in("web", "p", `{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: http}]}]}`), vllm), vllmID, "web/api[Service]", 80, fact.Unsure},
		{"what a policy admits to it is certain", docs(service, in("web", "p", `{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: 80}]}]}`), vllm), vllmID, "web/api[Service]", 80, fact.Allowed},
		{"no namespace may be the same namespace", docs(vllm, "apiVersion: v1\nkind: Pod\nmetadata: {name: x, labels: {app: x}}\nspec: {containers: [{name: c, image: i}]}\n", policy(`{podSelector: {matchLabels: {app: vllm}}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}]}]}`)), "_/x[Pod]", vllmID, 8000, fact.Unsure},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := build(t, c.manifests).Sets.Connectivity(connect.ConnectivityOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got := newAnswers(t, rows).verdict(c.src, c.dst, naivePortNumber{"TCP", c.port}); got != c.want {
				t.Errorf("%s, want %s, in %q", got, c.want, text(rows))
			}
		})
	}
}

// What a kustomization applies meets the plain manifests of its namespace, and
// its policies isolate their pods.
func TestConnectivitySets(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"plain/front.yaml":         "apiVersion: v1\nkind: Pod\nmetadata: {name: front, namespace: ai, labels: {app: front}}\nspec: {containers: [{name: c, image: i}]}\n",
		"plain/vllm.yaml":          vllm,
		"built/kustomization.yaml": "resources: [other.yaml]\n",
		"built/other.yaml":         docs(strings.ReplaceAll(vllm, "name: vllm,", "name: other,"), policy(`{podSelector: {}}`)),
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
	rows, err := Build(t.Context(), tree).Sets.Connectivity(connect.ConnectivityOptions{From: "front"})
	if err != nil {
		t.Fatal(err)
	}
	got := text(rows)
	if slices.ContainsFunc(got, func(row string) bool { return strings.Contains(row, "→ ai/") }) || len(got) == 0 {
		t.Errorf("the policy denies what reaches a pod of ai: %q", got)
	}
}

func TestConnectivityNames(t *testing.T) {
	m := build(t, town)
	for _, name := range []string{frontID, "front", "web", "web/front", "10.1.2.3", "10.0.0.0/8", "0.0.0.0-255.255.255.255"} {
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
		if r.Src.Name != frontID && r.Dst.Name != frontID || !slices.Equal(r.Ports, []fact.PortRange{{First: 80, Last: 80}}) {
			t.Errorf("%q is out of focus", text([]connect.Connection{r}))
		}
	}
}

// Two sets that hold the same pair, and two objects of one name in one set, give
// one row and one reason where they say the same.
func TestConnectivitySaysOnce(t *testing.T) {
	dir := t.TempDir()
	other := "apiVersion: v1\nkind: Pod\nmetadata: {name: front, namespace: ai, labels: {app: front}}\nspec: {containers: [{name: c, image: i}]}\n"
	for name, content := range map[string]string{
		"base/kustomization.yaml": "resources: [all.yaml]\n",
		"base/all.yaml":           docs(vllm, other, policy(`{podSelector: {}}`)),
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
	m := Build(t.Context(), tree)
	if modes := m.Sets.MTLSPorts(mesh.MTLSOptions{}); len(modes) != 5 { // three ports of the server, and the rest of both
		t.Errorf("%d modes: %+v", len(modes), modes)
	}
	reasons, verdict, err := m.Sets.Why("front", "vllm", 8000)
	if err != nil || verdict != fact.Denied || len(reasons) != len(connect.DistinctByText(slices.Clone(reasons))) || len(reasons) != 2 {
		t.Errorf("%s because %+v, %v", verdict, reasons, err)
	}
	rows, err := build(t, docs(vllm, other, other)).Sets.Connectivity(connect.ConnectivityOptions{From: "front"})
	if err != nil {
		t.Fatal(err)
	}
	if got := text(rows); len(got) != len(slices.Compact(slices.Sorted(slices.Values(got)))) {
		t.Errorf("a row stands twice: %q", got)
	} else if slices.ContainsFunc(got, func(row string) bool { return strings.HasPrefix(row, "ai/front[Pod] → ai/front[Pod]") }) {
		t.Errorf("of itself: %q", got)
	}
}
