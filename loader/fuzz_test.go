package loader_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

func FuzzLoad(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tree := loadertest.LoadText(t, string(data))
		for _, s := range tree.Sets {
			for _, o := range s.Objects {
				budget := 10_000
				checkNodes(t, o, o.Root, nil, &budget)
			}
		}
		for _, p := range tree.Problems {
			checkSpan(t, p.Span)
			if strings.Contains(p.Message, "please report") || p.Cause == diagnose.CauseUnreadable {
				t.Fatalf("panic: %s %s", p.Message, p.Help)
			}
			if p.Message != diagnose.Printable(p.Message) {
				t.Fatalf("unprintable: %q", p.Message)
			}

		}
	})
}

func checkNodes(t *testing.T, o *source.Object, n *yaml.Node, path yaml.Path, budget *int) {
	t.Helper()
	if *budget--; *budget < 0 {
		return
	}
	span, exact := o.At(path)
	if !exact {
		t.Fatalf("At(%s) does not find what is there", path)
	}
	checkSpan(t, span)
	for _, f := range n.Fields {
		if f.Key.Kind >= yaml.Map {
			t.Fatalf("a collection as key at %s", path)
		}
		if n.Get(f.Key.Text) == f.Value {
			checkNodes(t, o, f.Value, path.Join(f.Key.Text), budget)
		}
	}
	for i, item := range n.Items {
		checkNodes(t, o, item, path.Join(i), budget)
	}
}

func checkSpan(t *testing.T, s yaml.Span) {
	t.Helper()
	for _, p := range []yaml.Pos{s.Start, s.End} {
		if p.Line < 1 || p.Line > s.File.Lines() || p.Col < 1 || p.Col > len([]rune(s.File.Line(p.Line)))+2 {
			t.Fatalf("%v of %v lies outside the file", p, s)
		}
	}
	if s.End.Before(s.Start) {
		t.Fatalf("%v ends before it starts", s)
	}
}

// seeds are the test files and the texts of the other tests.
func seeds(tb testing.TB) [][]byte {
	tb.Helper()
	files, err := filepath.Glob("testdata/*/*.yaml")
	if err != nil || len(files) == 0 {
		tb.Fatal("no seeds", err)
	}
	var out [][]byte
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, data)
	}
	for _, text := range []string{
		"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: &a x, namespace: *a}}\n",
		"apiVersion: v1\nkind: Pod\nspec: &a\n  <<: [{b: 1}, {b: 2, c: 3}]\n  d: !!str 1\n  e: |\n   x\u2028y\r z\n",
		"{\"apiVersion\":\"v1\",\t\"kind\":\"Pod\",\"x\":\"\\ud834\\udd1e\"}\n...\n--- # c\n%x\n",
		"apiVersion: v1\nkind: {{ .K }}\nmetadata: {name: ${X}}\n{{- end }}\n{% x %}\n",
		"\xff\xfea\x00:\x00 \x001\x00", "a: \"\\x\"\nb: *c\n\tc: 'd\n",
	} {
		out = append(out, []byte(text))
	}
	return out
}
