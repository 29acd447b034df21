package report

import (
	"bytes"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/rules"
)

// The structs below are the public contract of --format json; a field may be
// added, none renamed or removed. Lists are never null.
type jsonReport struct {
	Version      int           `json:"version"`
	Tool         jsonTool      `json:"tool"`
	Summary      jsonSummary   `json:"summary"`
	Findings     []jsonFinding `json:"findings"`
	Environments []Environment `json:"environments,omitempty"`
	Assumptions  []string      `json:"assumptions"`
}

type jsonTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type jsonSummary struct {
	Files      int            `json:"files"`
	Documents  int            `json:"documents"`
	Objects    int            `json:"objects"`
	Workloads  int            `json:"workloads"`
	Unknown    int            `json:"unknown"`
	Suppressed int            `json:"suppressed"`
	Hidden     int            `json:"hidden,omitempty"`
	Skipped    map[string]int `json:"skipped,omitempty"`
	Findings   jsonCounts     `json:"findings"`
}

type jsonCounts struct {
	Critical int `json:"critical"`
	High     int `json:"high"`
	Medium   int `json:"medium"`
	Low      int `json:"low"`
	Info     int `json:"info"`
}

type jsonFinding struct {
	Rule         string       `json:"rule"`
	Severity     string       `json:"severity"`
	Message      string       `json:"message"`
	Object       *jsonObject  `json:"object,omitempty"`
	Workload     string       `json:"workload,omitempty"`
	Workloads    []string     `json:"workloads,omitempty"` // only when there are several
	Location     jsonLocation `json:"location"`
	Related      []jsonNote   `json:"related"`
	Environments []string     `json:"environments,omitempty"` // that it holds in, where that is not all
	Help         string       `json:"help"`
	Fingerprint  string       `json:"fingerprint"`
}

type jsonObject struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

type jsonNote struct {
	Message  string       `json:"message"`
	Location jsonLocation `json:"location"`
}

type jsonLocation struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
	Path      string `json:"path,omitempty"`
}

func writeJSON(w *bytes.Buffer, r *Report) error {
	counts := countBySeverity(r.Findings)
	s := &r.Summary
	out := jsonReport{
		Version: 1,
		Tool:    jsonTool{Name: toolName, Version: r.Version},
		Summary: jsonSummary{
			Files: s.Files, Documents: s.Documents, Objects: s.Objects, Workloads: s.Workloads,
			Unknown: s.Unknown, Suppressed: s.Suppressed, Hidden: s.Hidden, Skipped: s.Skipped,
			Findings: jsonCounts{
				Critical: counts[rules.Critical], High: counts[rules.High], Medium: counts[rules.Medium],
				Low: counts[rules.Low], Info: counts[rules.Info],
			},
		},
		Findings:    make([]jsonFinding, len(r.Findings)),
		Assumptions: append([]string{}, r.Assumptions...), Environments: r.Environments,
	}
	for i := range r.Findings {
		out.Findings[i] = jsonOf(&r.Findings[i])
	}
	return encode(w, out)
}

func jsonOf(f *rules.Finding) jsonFinding {
	out := jsonFinding{
		Rule: f.Rule.ID, Severity: f.Severity.String(), Message: f.Message, Object: jsonRef(f.Object),
		Location: jsonPlace(&f.Location), Environments: f.Environments, Related: make([]jsonNote, len(f.Related)),
		Help: f.Help, Fingerprint: f.Fingerprint,
	}
	if len(f.Workloads) > 0 {
		out.Workload = f.Workloads[0]
	}
	if len(f.Workloads) > 1 {
		out.Workloads = f.Workloads
	}
	for i := range f.Related {
		out.Related[i] = jsonNote{f.Related[i].Message, jsonPlace(&f.Related[i].Location)}
	}
	return out
}

func jsonRef(r source.Ref) *jsonObject {
	if r.Kind == "" {
		return nil
	}
	return &jsonObject{r.APIVersion, r.Kind, r.Namespace, r.Name}
}

func jsonPlace(l *rules.Location) jsonLocation {
	out := jsonLocation{
		Line: l.Start.Line, Column: l.Start.Col, EndLine: l.End.Line, EndColumn: l.End.Col, Path: l.Path.String(),
	}
	if l.File != nil {
		out.File = l.File.Name
	}
	return out
}
