package report

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/rules"
)

// FuzzText: whatever stands in a manifest, a terminal is sent nothing that it
// would obey, each finding has its own line, and programs get valid JSON.
func FuzzText(f *testing.F) {
	f.Add("kind: Pod\n\tname: \x1b[31mred\x1b[0m\r\n", "message", "a.yaml", 2, 3, 2, 8)
	f.Add("模型 🚀\u202e\u200b", "two\nlines\u0085\x7f", "\x1b]0;title\a", 1, 1, 1, 99)
	f.Add(strings.Repeat("e\u0301\t", 300), "[x](1)", "", 1, 450, 2, 1)
	f.Add("\xff\xfe\x00", "\xc2", "\xed\xa0\x80", 1, -5, 0, -9)
	f.Fuzz(func(t *testing.T, source, message, name string, line, col, endLine, endCol int) {
		file := &loader.File{Name: name, Data: []byte(source)}
		where := rules.Location{Span: loader.Span{File: file, Start: loader.Pos{Line: line, Col: col}, End: loader.Pos{Line: endLine, Col: endCol}}}
		r := &Report{
			Version: name, Notes: []string{message}, Assumptions: []string{message},
			Summary: Summary{Skipped: map[string]int{name: 1}},
			Findings: []rules.Finding{{
				Rule: &rules.Meta{ID: name, Title: message, Description: message}, Message: message, Help: message, Location: where,
				Object: loader.Ref{Kind: name, Name: message}, Workloads: []string{name, message},
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
