package inventory_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader"
)

// Whether the tree knows every pod of a namespace: a set that deploys the same
// application some other way is never there together with it.
func TestAlternativesNeverMeet(t *testing.T) {
	t.Parallel()
	api := sample.PodNamed("ai", "api")
	const kustomization = "resources: [all.yaml]\n"
	const chart = "apiVersion: v2\nname: api\nversion: 1.0.0\n"
	release := func(name string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", labels: {app: x}}\nspec: {containers: [{name: c, image: i}]}\n"
	}
	for _, c := range []struct {
		name  string
		other map[string]string
		want  fact.Tri
	}{
		{"nothing else", nil, fact.Yes},
		{"another overlay of the same workload", map[string]string{"b/kustomization.yaml": kustomization, "b/all.yaml": sample.Join(api, sample.PodNamed("ai", "extra"))}, fact.Yes},
		{"another kustomization of the namespace", map[string]string{"b/kustomization.yaml": kustomization, "b/all.yaml": sample.PodNamed("ai", "extra")}, fact.Yes},
		{"a chart of the same application", map[string]string{"c/Chart.yaml": chart, "c/templates/a.yaml": release("{{ .Release.Name }}-api")}, fact.Yes},
		{"a chart of another", map[string]string{"c/Chart.yaml": chart, "c/templates/a.yaml": release("{{ .Release.Name }}-web")}, fact.Unknown},
		{"a chart with more than that", map[string]string{"c/Chart.yaml": chart, "c/templates/a.yaml": sample.Join(release("{{ .Release.Name }}-api"), release("{{ .Release.Name }}-web"))}, fact.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			files := map[string]string{"a/kustomization.yaml": kustomization, "a/all.yaml": api}
			maps.Copy(files, c.other)
			for name, content := range files {
				path := filepath.Join(dir, name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			tree, err := loader.Load(t.Context(), loader.Options{Paths: []string{dir}})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range analyzer.Build(t.Context(), tree).Sets {
				if ns := s.Inventory.Namespaces["ai"]; ns != nil && slices.Contains(s.Inventory.Scope.Sets, tree.Sets[0]) {
					if ns.Complete != c.want {
						t.Errorf("every pod is known: %s, want %s", ns.Complete, c.want)
					}
					return
				}
			}
			t.Error("no such set")
		})
	}
}
