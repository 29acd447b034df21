package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/rules"
)

var update = flag.Bool("update", false, "write testdata/want.* anew")

func render(tb testing.TB, format string, r *Report, opts Options) string {
	tb.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, r, opts); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s (-want +got; -update writes it):\n%s", name, d)
	}
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	for format, file := range map[string]string{
		"text": "want.txt", "concise": "want.concise", "json": "want.json", "sarif": "want.sarif",
	} {
		golden(t, "testdata/"+file, render(t, format, fixture(t), Options{Verbose: true}))
	}
}

func TestFormatsAreWritten(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		if err := Write(&bytes.Buffer{}, format, &Report{}, Options{}); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
	if err := Write(&bytes.Buffer{}, "xml", &Report{}, Options{}); err == nil || !strings.Contains(err.Error(), "sarif") {
		t.Errorf("an unknown format gives %v, want an error that lists the formats", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }

var errBroken = errors.New("broken pipe")

func TestWriterErrorIsReturned(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		if err := Write(brokenPipe{}, format, fixture(t), Options{}); !errors.Is(err, errBroken) {
			t.Errorf("%s: got %v", format, err)
		}
	}
}

func TestTextFooter(t *testing.T) {
	t.Parallel()
	empty := &Report{Summary: Summary{Files: 1, Hidden: 2, Unknown: 1}, Assumptions: []string{"a guess"}}
	one := &Report{Findings: fixture(t).Findings[:1], Summary: empty.Summary}
	tests := []struct {
		name      string
		r         *Report
		opts      Options
		want, not []string
	}{
		{"nothing found is silence", empty, Options{}, nil, []string{"a", "o", "\n"}},
		{"unless asked", empty, Options{Verbose: true}, []string{"no findings\n", "a guess", "2 findings hidden", "read 1 file,"}, []string{"explain"}},
		{"quiet wins over verbose", empty, Options{Verbose: true, Quiet: true}, nil, []string{"no findings"}},
		{"counts", one, Options{}, []string{"1 finding: 1 high\n", "explain manifest/syntax", "2 findings hidden, --severity info shows them", "1 fact unknown (-v"}, []string{"a guess"}},
		{"quiet", one, Options{Quiet: true}, []string{"[manifest/syntax]"}, []string{"1 finding", "hidden"}},
	}
	for _, tt := range tests {
		got := render(t, "text", tt.r, tt.opts)
		for _, w := range tt.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is missing in\n%s", tt.name, w, got)
			}
		}
		for _, n := range tt.not {
			if strings.Contains(got, n) {
				t.Errorf("%s: %q in\n%s", tt.name, n, got)
			}
		}
	}
}

func TestColorBelongsToOneWriter(t *testing.T) {
	t.Parallel()
	r := fixture(t)
	painted, plain := render(t, "text", r, Options{Color: true}), render(t, "text", r, Options{})
	if !strings.Contains(painted, "\x1b[") {
		t.Error("no colour although it was asked for")
	}
	if strings.Contains(plain, "\x1b") {
		t.Error("colour although it was not asked for")
	}
	var bare strings.Builder
	for rest := painted; rest != ""; {
		before, after, found := strings.Cut(rest, "\x1b[")
		bare.WriteString(before)
		if rest = ""; found {
			_, rest, _ = strings.Cut(after, "m")
		}
	}
	if d := cmp.Diff(plain, bare.String()); d != "" {
		t.Errorf("colour changes more than colour:\n%s", d)
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ab ", 80)
	tests := []struct {
		name, line   string
		from, count  int
		shown, marks string
	}{
		{"word", "mode: OFF", 6, 3, "mode: OFF", "      ^~~"},
		{"no characters", "mode:", 4, 0, "mode:", "    ^"},
		{"behind the end", "mode:", 5, 3, "mode:", "     ^"},
		{"to the end", "a: b c", 3, -1, "a: b c", "   ^~~"},
		{"tabs are copied", "\t- a:\tb", 6, 1, "\t- a:\tb", "\t    \t^"},
		{"wide characters", "模型: 🚀x", 8, 2, "模型: 🚀x", "      ^~~"},
		{"combining mark", "e\u0301: x", 5, 1, "e\u0301: x", "   ^"},
		{"escape", "\x1b[0m x", 5, 1, `\u{1b}[0m x`, "          ^"},
		{"no UTF-8", "\xff\xfe x", 3, 1, "�� x", "   ^"},
		{"cut behind", long, 3, 2, long[:100] + "…", "   ^~"},
		{"cut before", long, 237, 2, "…" + long[204:239], strings.Repeat(" ", 34) + "^~"},
		{"cut on both sides", long, 120, 2, "…" + long[87:187] + "…", strings.Repeat(" ", 34) + "^~"},
		{"cut within the region", long, 120, 200, "…" + long[87:187] + "…", strings.Repeat(" ", 34) + "^" + strings.Repeat("~", 66)},
	}
	for _, tt := range tests {
		shown, marks := excerpt(tt.line, tt.from, tt.count)
		if shown != tt.shown || marks != tt.marks {
			t.Errorf("%s:\ngot\n%s\n%s\nwant\n%s\n%s", tt.name, shown, marks, tt.shown, tt.marks)
		}
	}
}

func TestCursorSeeksInAnyOrder(t *testing.T) {
	t.Parallel()
	f := &yaml.File{Name: "a", Data: []byte("ä: 1\nb: ü2\n")}
	g := &yaml.File{Name: "b", Data: []byte("c")}
	var c cursor
	for _, tt := range []struct {
		f    *yaml.File
		pos  yaml.Pos
		rest string
		ok   bool
	}{
		{f, yaml.Pos{Line: 1, Col: 2}, ": 1", true},
		{f, yaml.Pos{Line: 1, Col: 4}, "1", true},
		{f, yaml.Pos{Line: 1, Col: 1}, "ä: 1", true},
		{f, yaml.Pos{Line: 2, Col: 5}, "2", true},
		{f, yaml.Pos{Line: 2, Col: 99}, "", true},
		{f, yaml.Pos{Line: 3, Col: 1}, "", true}, // behind the last line feed
		{f, yaml.Pos{Line: 4, Col: 1}, "", false},
		{f, yaml.Pos{}, "", false},
		{g, yaml.Pos{Line: 1, Col: 1}, "c", true},
		{nil, yaml.Pos{Line: 1, Col: 1}, "", false},
	} {
		line, off, ok := c.seek(tt.f, tt.pos)
		if ok != tt.ok || line[off:] != tt.rest {
			t.Errorf("%v: got %q, %v, want %q, %v", tt.pos, line[off:], ok, tt.rest, tt.ok)
		}
	}
}

func TestJSONKeepsNames(t *testing.T) {
	t.Parallel()
	r := fixture(t)
	r.Findings[0].Message = "<b> & \u0085\u202e\U000e0041\x7f\x1b \\u{1b}"
	out := render(t, "json", r, Options{})
	if i := strings.IndexFunc(out, func(c rune) bool { return c != '\n' && isHidden(c) }); i >= 0 {
		t.Errorf("a hidden character in %q", out[i:i+10])
	}
	if !strings.Contains(out, "<b> & ") {
		t.Error("`<b> &` was escaped")
	}
	var back struct {
		Findings []struct{ Message string }
	}
	if err := json.Unmarshal([]byte(out), &back); err != nil {
		t.Fatal(err)
	}
	if got, want := back.Findings[0].Message, r.Findings[0].Message; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestJSONHasNoNull(t *testing.T) {
	t.Parallel()
	for _, r := range []*Report{{}, fixture(t), {Findings: []rules.Finding{{Rule: &rules.Meta{}}}}} {
		for _, format := range []string{"json", "sarif"} {
			if out := render(t, format, r, Options{}); strings.Contains(out, "null") {
				t.Errorf("null in\n%s", out)
			}
		}
	}
}

func TestIndentIsThatOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `[]`, `null`, `-1.5e3`, `"a\"b\\"`, `{"a":{},"b":[],"c":[[1,2],{"d":"{[,:]}"}],"e":true}`} {
		var want, got bytes.Buffer
		if err := json.Indent(&want, []byte(text), "", "  "); err != nil {
			t.Fatal(err)
		}
		indent(&got, []byte(text))
		if got.String() != want.String() {
			t.Errorf("got\n%s\nwant\n%s", got.String(), want.String())
		}
	}
}
