package report

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/rules"
)

// printer writes text for people. Whatever it writes of a manifest goes through
// visible or excerpt.
type printer struct {
	w     *bytes.Buffer
	opts  Options
	paint *palette
	src   cursor
}

func writeText(w *bytes.Buffer, r *Report, opts Options) {
	p := &printer{w: w, opts: opts, paint: newPalette(opts.Color)}
	for i := range r.Findings {
		p.finding(&r.Findings[i])
	}
	if !opts.Quiet && (opts.Verbose || len(r.Findings) > 0) {
		p.footer(r)
	}
}

func writeConcise(w *bytes.Buffer, r *Report, opts Options) {
	p := &printer{w: w, opts: opts, paint: newPalette(opts.Color)}
	for i := range r.Findings {
		p.head(&r.Findings[i])
	}
}

func (p *printer) finding(f *rules.Finding) {
	p.head(f)
	pad := " "
	if line, off, ok := p.src.seek(f.Location.File, f.Location.Start); ok {
		number := strconv.Itoa(f.Location.Start.Line)
		pad = strings.Repeat(" ", len(number)+1)
		count := f.Location.End.Col - f.Location.Start.Col
		if f.Location.End.Line > f.Location.Start.Line {
			count = -1
		}
		shown, marks := excerpt(line, off, max(count, -1))
		p.row(pad, "|", "")
		p.row(number+" ", "|", shown)
		p.row(pad, "|", p.paint.severity[f.Severity].Sprint(marks))
	}
	p.notes(pad, f.Related)
	if len(f.Environments) > 0 {
		p.row(pad, "= note:", "in environment "+nameEnvironments(f.Environments, p.opts.Verbose))
	}
	if f.Help != "" {
		p.row(pad, "= fix:", visible(oneLine(f.Help)))
	}
	p.w.WriteByte('\n')
}

// head writes the line that tools and editors read too.
func (p *printer) head(f *rules.Finding) {
	if place := placeOf(&f.Location); place != "" {
		p.w.WriteString(p.paint.place.Sprint(place + ":"))
		p.w.WriteByte(' ')
	}
	p.w.WriteString(p.paint.severity[f.Severity].Sprint(f.Severity.String() + ":"))
	p.w.WriteString(" " + visible(f.Message) + " ")
	p.w.WriteString(p.paint.rule.Sprint("[" + visible(f.Rule.ID) + "]"))
	p.w.WriteByte('\n')
}

// row writes one line beside the gutter.
func (p *printer) row(pad, mark, text string) {
	p.w.WriteString(p.paint.gutter.Sprint(pad + mark))
	if text != "" {
		p.w.WriteString(" " + text)
	}
	p.w.WriteByte('\n')
}

// notes writes the other objects that a finding involves, without -v only the
// first few.
func (p *printer) notes(pad string, related []rules.Note) {
	const few = 5
	more := 0
	if n := len(related) - few; n > 1 && !p.opts.Verbose {
		related, more = related[:few], n
	}
	for i := range related {
		text := visible(related[i].Message)
		if place := placeOf(&related[i].Location); place != "" {
			text += " (" + place + ")"
		}
		p.row(pad, "= note:", text)
	}
	if more > 0 {
		p.row(pad, "= note:", fmt.Sprintf("and %d more (-v lists them)", more))
	}
}

// nameEnvironments lists the environments that a finding holds in, without -v the first few.
func nameEnvironments(names []string, all bool) string {
	const few = 3
	more := len(names) - few
	if !all && more > 0 {
		return visible(strings.Join(names[:few], ", ")) + " and " + strconv.Itoa(more) + " more"
	}
	return visible(strings.Join(names, ", "))
}

func (p *printer) footer(r *Report) {
	line := func(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }
	if s := &r.Summary; p.opts.Verbose {
		for _, a := range r.Assumptions {
			line("assumed: %s", visible(a))
		}
		line("read %s, %s, %s, %s", plural(s.Files, "file"), plural(s.Documents, "document"),
			plural(s.Objects, "object"), plural(s.Workloads, "workload"))
		if len(s.Skipped) > 0 {
			line("skipped %s", visible(skipped(s.Skipped)))
		}
	}
	line("%s", p.counts(r.Findings))
	if n := r.Summary.Unknown; n > 0 {
		line("%s unknown%s", plural(n, "fact"), p.unlessVerbose(" (-v lists them)"))
	}
	if n := r.Summary.Suppressed; n > 0 {
		line("%s suppressed", plural(n, "finding"))
	}
	if n := r.Summary.Hidden; n > 0 {
		line("%s hidden, --severity info shows them", plural(n, "finding"))
	}
	if worst := worstOf(r.Findings); worst != nil {
		line("run `aisec-lint explain %s` to read why, and how to repair it", visible(worst.Rule.ID))
	}
}

func (p *printer) unlessVerbose(s string) string {
	if p.opts.Verbose {
		return ""
	}
	return s
}

func (p *printer) counts(findings []rules.Finding) string {
	if len(findings) == 0 {
		return "no findings"
	}
	var parts []string
	for s, n := range slices.Backward(countBySeverity(findings)) {
		if n > 0 {
			parts = append(parts, p.paint.severity[s].Sprintf("%d %s", n, rules.Severity(s)))
		}
	}
	return plural(len(findings), "finding") + ": " + strings.Join(parts, ", ")
}

// worstOf returns the first of the most severe findings.
func worstOf(findings []rules.Finding) *rules.Finding {
	var worst *rules.Finding
	for i := range findings {
		if worst == nil || findings[i].Severity > worst.Severity {
			worst = &findings[i]
		}
	}
	return worst
}

// placeOf writes file:line:col, as much of it as there is.
func placeOf(l *rules.Location) string {
	if l.File == nil {
		return ""
	}
	return visible(l.File.Name) + position(l.Start)
}

func position(p yaml.Pos) string {
	if p.Line == 0 {
		return ""
	}
	return ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
}

func skipped(counts map[string]int) string {
	parts := make([]string, 0, len(counts))
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[reason], reason))
	}
	return strings.Join(parts, ", ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// oneLine joins the lines of a rule's own prose.
func oneLine(s string) string {
	return strings.ReplaceAll(strings.TrimSpace(s), "\n", " ")
}
