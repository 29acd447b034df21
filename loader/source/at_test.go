package source_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader/loadertest"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// The place that At must find stands between two ‸ in the text.
func TestAt(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: v1\nkind: Pod\n"
	tests := []struct{ name, path, text string }{
		{"scalar", "spec.mode", "spec:\n  mode: ‸STRICT‸ # why\n"},
		{"collection", "spec.mtls", "spec:\n  ‸mtls‸:\n    mode: STRICT\n"},
		{"list", "spec.from", "spec:\n  ‸from‸:\n  - a: 1\n"},
		{"item mapping", "spec.from.1", "spec:\n  from:\n  - a: 1\n  - ‸a‸: 2\n"},
		{"item scalar", "spec.from.1", "spec:\n  from:\n  - a\n  - ‸\"b\"‸\n"},
		{"item list", "spec.from.0", "spec:\n  from:\n  - ‸-‸ b\n"},
		{"flow item", "spec.from.1", "spec:\n  from: [a, ‸{‸a: 1}]\n"},
		{"flow scalar", "spec.m.b", "spec:\n  m: {a: 1, b: ‸two words‸}\n"},
		{"missing", "spec.mtls.mode?", "spec:\n  ‸mtls‸: {}\n"},
		{"missing deep", "spec.a.b.c?", "‸spec‸:\n  mtls: {}\n"},
		{"missing item", "spec.from.3?", "spec:\n  ‸from‸: [1]\n"},
		{"through a scalar", "spec.a.b?", "spec:\n  a: ‸text‸\n"},
		{"empty", "spec.mtls", "spec:\n  ‸mtls‸:\n  other: 1\n"},
		{"written null", "spec.mtls", "spec:\n  mtls: ‸null‸\n"},
		{"double quoted", "spec.a", "spec:\n  a: ‸\"x \\\" y\"‸ # c\n"},
		{"single quoted", "spec.a", "spec:\n  a: ‸'it''s'‸\n"},
		{"quoted over lines", "spec.a", "spec:\n  a: ‸\"x\n    y\"‸\n"},
		{"block", "spec.a", "spec:\n  a: ‸|-‸\n    text\n"},
		{"plain over lines", "spec.a", "spec:\n  a: ‸one two‸\n    three\n"},
		{"duplicate", "spec.a", "spec:\n  a: 1\n  a: ‸2‸\n"},
		{"code points", "spec.b", "spec: {a: \"äöü€𝄞\", b: ‸x‸}\n"},
		{"anchor", "spec.b", "spec:\n  b: &x ‸value‸\n"},
		{"tag", "spec.b", "spec:\n  b: !!str ‸12‸\n"},
		{"alias", "spec.c", "spec:\n  b: &x value\n  c: ‸*x‸\n"},
		{"alias to a mapping", "spec.c", "spec:\n  b: &x {a: 1}\n  ‸c‸: *x\n"},
		{"inside an alias", "spec.c.a", "spec:\n  b: &x {a: ‸1‸}\n  c: *x\n"},
		{"merged", "spec.c.a", "spec:\n  b: &x {a: ‸1‸}\n  c: {<<: *x}\n"},
		{"crlf", "spec.mode", "spec:\r\n  mode: ‸STRICT‸\r\n"},
		{"numeric key", "spec.8080", "spec:\n  8080: ‸DISABLE‸\n"},
		{"behind U+2028", "spec.b", "spec:\n  # a\u2028  b: ‸2‸\n"},
		{"behind U+0085", "spec.b", "spec:\n  a: \"x\u0085 y\"\n  b: ‸2‸\n"},
		{"behind a lone CR", "spec.b", "spec:\n  # a\r  b: ‸2‸\n  c: 3\n"},
		{"tabs in JSON style", "spec.b", "spec:\n  {a: 1,\t\tb: ‸2‸}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, want := cursors(head + tt.text)
			tree := loadertest.LoadText(t, text)
			if len(tree.Sets[0].Objects) != 1 {
				t.Fatalf("not one object: %s", loadertest.Summary(tree, ""))
			}
			o := tree.Sets[0].Objects[0]
			name, missing := strings.CutSuffix(tt.path, "?")
			span, exact := o.At(steps(o.Root, name))
			if got := fmt.Sprint(span.Start, span.End); got != want || exact == missing {
				t.Errorf("At = %s, %v; want %s", got, exact, want)
			}
		})
	}
}

func steps(root *yaml.Node, path string) yaml.Path {
	var out yaml.Path
	for s := range strings.SplitSeq(path, ".") {
		if i, err := strconv.Atoi(s); err == nil && root.Kind == yaml.List {
			out, root = append(out, i), root.Items[min(i, len(root.Items)-1)]
			continue
		}
		out = append(out, s)
		if next := root.Get(s); next != nil {
			root = next
		}
	}
	return out
}

// cursors removes the cursors and says where they were.
func cursors(text string) (string, string) {
	parts := strings.Split(text, "‸")
	start := yaml.Advance(yaml.Pos{Line: 1, Col: 1}, []byte(parts[0]))
	end := yaml.Advance(start, []byte(parts[1]))
	return strings.Join(parts, ""), fmt.Sprint(start, end)
}

func TestKeyAt(t *testing.T) {
	t.Parallel()
	tree := loadertest.LoadText(t, "apiVersion: v1\nkind: Pod\nspec: {a: [x, y]}\n")
	o := tree.Sets[0].Objects[0]
	for _, tt := range []struct {
		path  yaml.Path
		want  string
		exact bool
	}{
		{yaml.Path{"kind"}, "{2 1} {2 5}", true},
		{yaml.Path{"spec", "a"}, "{3 8} {3 9}", true},
		{yaml.Path{"spec", "a", 1}, "{3 15} {3 16}", true},
		{yaml.Path{"spec", "b"}, "{3 1} {3 5}", false},
		{nil, "{1 1} {1 11}", true},
	} {
		span, exact := o.KeyAt(tt.path)
		if got := fmt.Sprint(span.Start, span.End); got != tt.want || exact != tt.exact {
			t.Errorf("KeyAt(%s) = %s, %v; want %s", tt.path, got, exact, tt.want)
		}
	}
}
