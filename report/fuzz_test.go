package report

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/awalterschulze/gographviz"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/rules"
)

// FuzzText: whatever stands in a manifest, a terminal is sent nothing that it
// would obey, each finding has its own line, and programs get valid JSON.
func FuzzText(f *testing.F) {
	f.Add("kind: Pod\n\tname: \x1b[31mred\x1b[0m\r\n", "message", "a.yaml", 2, 3, 2, 8)
	f.Add("模型 🚀\u202e\u200b", "two\nlines\u0085\x7f", "\x1b]0;title\a", 1, 1, 1, 99)
	f.Add(strings.Repeat("e\u0301\t", 300), "[x](1)", "", 1, 450, 2, 1)
	f.Add("\xff\xfe\x00", "\xc2", "\xed\xa0\x80", 1, -5, 0, -9)
	f.Fuzz(func(t *testing.T, from, message, name string, line, col, endLine, endCol int) {
		file := &yaml.File{Name: name, Data: []byte(from)}
		where := rules.Location{Span: yaml.Span{File: file, Start: yaml.Pos{Line: line, Col: col}, End: yaml.Pos{Line: endLine, Col: endCol}}}
		r := &Report{
			Version: name, Assumptions: []string{message},
			Summary: Summary{Skipped: map[string]int{name: 1}},
			Findings: []rules.Finding{{
				Rule: &rules.Meta{ID: name, Title: message, Description: message}, Message: message, Help: message, Location: where,
				Object: source.Ref{Kind: name, Name: message}, Workloads: []string{name, message},
				Related: []rules.Note{{Message: message, Location: where}},
			}},
		}
		for _, format := range Formats() {
			out := render(t, format, r, Options{Verbose: true})
			for i, c := range out {
				if isHidden(c) && c != '\n' && c != '\t' {
					t.Fatalf("%s: %U at %d", format, c, i)
				}
			}
			switch {
			case !utf8.ValidString(out):
				t.Fatalf("%s: no UTF-8", format)
			case format == "concise" && strings.Count(out, "\n") != 1:
				t.Fatalf("%d lines: %q", strings.Count(out, "\n"), out)
			case (format == "json" || format == "sarif") && !json.Valid([]byte(out)):
				t.Fatalf("%s: no JSON: %s", format, out)
			}
		}
	})
}

// FuzzConnectivity: whatever things are called, every format stays what it is
// and sends a terminal nothing that it would obey.
func FuzzConnectivity(f *testing.F) {
	f.Add("ai/a[Pod]", "shop/\"b\\\x1b[2J\u202e", "admits\nall")
	f.Add("\\", "\"];\n}", "\xff")
	f.Add("", "-->|x|", "%%{init: {}}%%")
	f.Fuzz(func(t *testing.T, src, dst, effect string) {
		reasons := []Reason{{Effect: effect, Object: source.Ref{Kind: src, Name: dst}, Location: rules.Location{Span: yaml.Span{File: &yaml.File{Name: effect}}}}}
		c := &Connectivity{Explained: true, Connections: []Connection{
			{Src: workload(src), Dst: Peer{Name: dst, Kind: ClassPeer}, Protocol: effect, Ports: []PortRange{{1, 2}}, Verdict: src, Because: reasons},
		}}
		for _, format := range ConnectivityFormats() {
			out := renderConnectivity(t, format, c)
			for i, r := range out {
				if isHidden(r) && r != '\n' {
					t.Fatalf("%s: %U at %d", format, r, i)
				}
			}
			var err error
			switch format {
			case "json":
				if !json.Valid([]byte(out)) {
					t.Fatalf("no JSON: %s", out)
				}
			case "csv":
				_, err = csv.NewReader(strings.NewReader(out)).ReadAll()
			case "dot":
				if !strings.ContainsRune(out, utf8.RuneError) { // which its lexer takes for its own error
					_, err = gographviz.Read([]byte(out))
				}
			case "mermaid":
				for line := range strings.Lines(strings.TrimPrefix(out, "graph LR\n")) {
					if !mermaidLine.MatchString(line) {
						t.Fatalf("no line of a flowchart: %s", line)
					}
				}
			}
			if err != nil {
				t.Fatalf("%s: %v in\n%s", format, err, out)
			}
		}
	})
}
