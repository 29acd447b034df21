// Package loadertest helps the tests of the loader's packages to load a tree and
// to compare what came of it.
package loadertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
)

// LoadText loads one stream from the standard input.
func LoadText(tb testing.TB, text string) *source.Tree {
	tb.Helper()
	return Load(tb, loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(text)})
}

// Load loads a tree that must not be refused.
func Load(tb testing.TB, opts loader.Options) *source.Tree {
	tb.Helper()
	tree, err := loader.Load(tb.Context(), opts)
	if err != nil {
		tb.Fatal(err)
	}
	return tree
}

// Extract writes a txtar archive into a fresh directory.
func Extract(tb testing.TB, archive string) string {
	tb.Helper()
	dir, err := filepath.EvalSymlinks(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// Summary is a tree as text, with names below dir. It has what depends on the
// content alone.
func Summary(tree *source.Tree, dir string) string {
	var b strings.Builder
	rel := func(name string) string {
		if abs, err := filepath.Abs(name); err == nil && dir != "" && name != walk.Stdin {
			if r, err := filepath.Rel(dir, abs); err == nil {
				return filepath.ToSlash(r)
			}
		}
		return name
	}
	for _, s := range tree.Sets {
		writeSet(&b, s, rel)
	}
	for _, p := range tree.Problems {
		fmt.Fprintf(&b, "problem %s:%d:%d %s\n", rel(p.Span.File.Name), p.Span.Start.Line, p.Span.Start.Col, p.Cause)
	}
	for _, s := range tree.Skipped {
		fmt.Fprintf(&b, "skip %s:%d %s\n", rel(s.File), s.Line, s.Reason)
	}
	return b.String()
}

func writeSet(b *strings.Builder, s *source.Set, rel func(string) string) {
	root := rel(s.Root)
	if s.Kind == source.PlainSet {
		root = s.Root
	}
	fmt.Fprintf(b, "%s %s\n", s.Kind, root)
	for _, o := range s.Objects {
		fmt.Fprintf(b, "  %s:%d %s %s/%s", rel(o.File.Name), o.Root.Pos.Line, o.Kind, o.Namespace, o.Name)
		if len(o.Path) > 0 {
			fmt.Fprintf(b, " %s", o.Path)
		}
		b.WriteString("\n")
	}
	for _, g := range s.Gaps {
		reason := g.Reason
		if other, ok := strings.CutPrefix(reason, "variant of "); ok {
			reason = "variant of " + rel(other)
		}
		fmt.Fprintf(b, "  gap %q %s\n", g.Kind, reason)
	}
}

// WantSummary compares the summary of a tree.
func WantSummary(t *testing.T, tree *source.Tree, dir, want string) {
	t.Helper()
	got := strings.TrimSpace(Summary(tree, dir))
	if want = strings.TrimSpace(want); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
