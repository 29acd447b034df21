package diagnose_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader/loadertest"
)

// The parser's own line is wrong or missing in half of these.
func TestSyntaxFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, at, says string }{
		{"a: 1\nb: 2\nfoo\nc: 3\n", "3:1", "`foo` where a field"},
		{"a: 1\nb:\n  x: 1\n foo: 2\n", "4:2", "bad indentation: `foo: 2`"},
		{"a: 1\nb:\n  x: 1\n   foo: 2\nd: 3\n", "4:4", "deeper than its neighbours"},
		{"a: 1\nb:\n  - x\n  y: 2\n", "4:3", "among the items of a list"},
		{"a: 1\nb:\n  - x\n - y\n", "4:2", "bad indentation"},
		{"a: 1\n\n\nb: [1, 2\nc: 3\n", "4:4", "`[` that opens here"},
		{"a: 1\nb: {x: 1\nc: 3\n", "2:4", "`{` that opens here"},
		{"a: [\n", "1:4", "`[` that opens here"},
		{"a: 1\nb: \"foo\nc: 3\n", "2:4", "never closed"},
		{"b: 'foo\nc: 3\n", "1:4", "never closed"},
		{"a: \"x\n  y\"\nb: 'foo\nc: 3\n", "3:4", "never closed"},
		{"a: 1\nb: c: d\n", "2:5", "second `: `"},
		{"a: 1\n\tb: 2\n", "2:1", "tab"},
		{"a:\n\tb: 2\n", "2:1", "tab"},
		{"a:\n  b: 1\n\tc: 2\n", "3:1", "tab"},
		{"a: |\n\tkeep\nb: 1\n", "2:1", "tab"},
		{"a: 1\nb: *foo\n", "2:4", "`*foo` refers to an anchor"},
		{"a: 1\nhost: *.example.com\n", "2:7", "put it in quotes"},
		{"a: 1\nb: @foo\n", "2:4", "found `@`"},
		{"a: 1\nb: `foo`\n", "2:4", "back tick"},
		{"a: 1\nb: - x\n", "2:1", "list item begins on the line of its key"},
		{"a: 1\nb: \"\\.x\"\n", "2:5", "`\\.` is no escape"},
		{"a: 1\nb: 'it's'\nc: 2\n", "2:8", "behind a closing quote"},
		{"a: 1\nb: \"x\" y\nc: 2\n", "2:8", "behind a closing quote"},
		{"a: 1\nb: \x01\n", "2:4", "U+0001"},
		{"a:1\nb: 2\n", "1:2", "no space after the colon"},
		{"a: 1\nb:2\nc: 3\n", "2:2", "no space after the colon"},
		{"m:\n  name:foo\n  ns: x\n", "2:7", "no space after the colon"},
		{"c:\n  - name: x\n   image: y\n", "3:4", "bad indentation"},
		{"c:\n  - name: x\n    image: y\n   ports:\n  - 1\n", "4:4", "bad indentation"},
		{"- a\nb: 1\n", "2:1", "among the items"},
		{"a: 1\n- b\n", "2:1", "bad indentation"},
		{"a: 1\nb: \xc2\xa0\"x\" y: z\n", "2:10", "second"},
	}
	for _, tt := range tests {
		t.Run(strconv.Quote(tt.text), func(t *testing.T) {
			t.Parallel()
			// Once at the top of the file, once as the second document.
			for offset, head := range []string{"", "x: 1\n---\n"} {
				tree := loadertest.LoadText(t, head+tt.text)
				if len(tree.Problems) != 1 {
					t.Fatalf("got %s", loadertest.Summary(tree, ""))
				}
				p := tree.Problems[0]
				at := strconv.Itoa(p.Span.Start.Line-2*offset) + ":" + strconv.Itoa(p.Span.Start.Col)
				if at != tt.at && offset == 0 || !strings.Contains(p.Message+p.Help, tt.says) {
					t.Errorf("%s %s (%s)\nwant %s %s", at, p.Message, p.Help, tt.at, tt.says)
				}
			}
		})
	}
}
