// Package report prints what an audit found. It knows paper, not Kubernetes.
//
// Every format is one file around one function. What stands in a manifest is
// foreign text: formats for people show its control and invisible characters
// as escapes (visible.go), formats for programs keep every name byte for byte.
// Equal reports give equal bytes, whatever the machine and the time.
package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/aisec-lint/aisec-lint/rules"
)

// Environment is a group of sources that are applied together.
type Environment struct {
	Name    string   `json:"name"`
	Sources []string `json:"sources"`
}

// Report is everything a format may print.
type Report struct {
	Version     string
	Findings    []rules.Finding // sorted by file, line, column, rule
	Rules       []*rules.Meta   // every rule that was judged, sorted by ID
	Summary     Summary
	Assumptions []string
	// Environments are what was audited together.
	Environments []Environment
}

// Summary counts what was read.
type Summary struct {
	Files, Documents, Objects, Workloads, Unknown, Suppressed int
	Skipped                                                   map[string]int // reason → documents
	Hidden                                                    int            // findings below --severity
}

// Options change how text is printed.
type Options struct {
	Color   bool
	Verbose bool // also the notes and what was skipped
	Quiet   bool // findings only, no footer
}

// Formats lists the formats that Write knows.
func Formats() []string { return []string{"text", "concise", "json", "sarif"} }

// Write prints r. Its error is the writer's, or an unknown format.
func Write(w io.Writer, format string, r *Report, opts Options) error {
	var out bytes.Buffer
	var err error
	switch format {
	case "text":
		writeText(&out, r, opts)
	case "concise":
		writeConcise(&out, r, opts)
	case "json":
		err = writeJSON(&out, r)
	case "sarif":
		err = writeSARIF(&out, r)
	default:
		err = fmt.Errorf("unknown format %q, want one of %s", format, strings.Join(Formats(), ", "))
	}
	if err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}

// toolName is how reports for programs call this tool.
const toolName = "aisec-lint"

// countBySeverity is indexed by rules.Severity.
func countBySeverity(findings []rules.Finding) []int {
	counts := make([]int, len(rules.SeverityNames()))
	for i := range findings {
		counts[findings[i].Severity]++
	}
	return counts
}
