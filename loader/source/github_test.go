package source_test

import (
	"testing"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// A workflow that does not parse is no manifest, and a manifest that lies there is one.
func TestWorkflowOfGitHub(t *testing.T) {
	for _, c := range []struct {
		name, text string
		problems   int
	}{
		{".github/workflows/ci.yml", "on: push\njobs: \"\nunindented\n", 0},
		{"app/.github/workflows/ci.yml", "on: push\njobs: \"\nunindented\n", 0},
		{".github/manifests/app.yaml", "apiVersion: v1\nkind: Pod\nmetadata: \"\nunindented\n", 1},
		{"ci.yml", "on: push\njobs: \"\nunindented\n", 1},
	} {
		data := []byte(c.text)
		r := source.Reading{File: &yaml.File{Name: c.name, Data: data}}
		for _, p := range yaml.Split(data) {
			r.ReadDocument(p, "")
		}
		if len(r.Problems) != c.problems {
			t.Errorf("%s: %d problems, want %d", c.name, len(r.Problems), c.problems)
		}
	}
}
