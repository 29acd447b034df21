package loader

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string // line of the piece, `-` for a blank one
	}{
		{"one", "a: 1\n", []string{"1"}},
		{"two", "a: 1\n---\nb: 2\n", []string{"1", "2"}},
		{"leading", "---\na: 1\n", []string{"1"}},
		{"comment joins", "# c\n\n---\na: 1\n---\nb: 1\n", []string{"1", "5"}},
		{"directive joins", "%YAML 1.1\n---\na: 1\n", []string{"1"}},
		{"empty document", "---\n# c\n---\na: 1\n", []string{"1-", "3"}},
		{"trailing", "a: 1\n---\n", []string{"1", "2-"}},
		{"end marker", "a: 1\n...\nb: 2\n", []string{"1", "3"}},
		{"content on the marker's line", "--- {a: 1}\n--- # c\nb: 1\n", []string{"1", "2"}},
		{"no marker", "a: |\n  ---\nb: ---\n----\n---x\n", []string{"1"}},
		{"in a block scalar", "a: |\n---\nb: 1\n", []string{"1", "2"}},
		{"tab, EOF", "---\ta\n---", []string{"1", "2-"}},
		{"crlf", "a: 1\r\n---\r\nb: 2\r\n", []string{"1", "2"}},
		{"lone CR", "a: 1\r---\rb: 2\n---\nc: 1", []string{"1", "1", "2"}},
		{"nothing", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range split([]byte(tt.text)) {
				s := strconv.Itoa(p.at.Line)
				if p.blank {
					s += "-"
				}
				got = append(got, s)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"a: 1\n---\nb: 2\n...\n", "# c\r\n--- # d\r%YAML 1.1\n---\n", "a: |\n---\n\u2028---\n", "\u0085--- {a: 1}\n----\n...\n...", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var joined []byte
		at := Pos{1, 1}
		for _, p := range split(data) {
			if p.at != at {
				t.Fatalf("piece at %v, want %v", p.at, at)
			}
			joined = append(joined, p.data...)
			at = advance(at, p.data)
		}
		if string(joined) != string(data) {
			t.Fatalf("pieces join to %q, want %q", joined, data)
		}
	})
}

func FuzzLoad(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tree := loadText(t, string(data))
		for _, s := range tree.Sets {
			for _, o := range s.Objects {
				budget := 10_000
				checkNodes(t, o, o.Root, nil, &budget)
			}
		}
		for _, p := range tree.Problems {
			checkSpan(t, p.Span)
			if strings.Contains(p.Message, "please report") || p.Cause == CauseUnreadable {
				t.Fatalf("panic: %s %s", p.Message, p.Help)
			}
			for _, r := range p.Message {
				if !isPrintable(r) {
					t.Fatalf("unprintable %U in %q", r, p.Message)
				}
			}
		}
	})
}

func checkNodes(t *testing.T, o *Object, n *Node, path Path, budget *int) {
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
		if f.Key.Kind >= Map {
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

func checkSpan(t *testing.T, s Span) {
	t.Helper()
	for _, p := range []Pos{s.Start, s.End} {
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
