package main

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/rules"
)

// writeNotes says what was not read, because claims of absence rest on it:
// charts and kustomizations always, each other skip with -v. A reader who
// cannot be told is no reason to fail.
func writeNotes(w io.Writer, tree *source.Tree, model *analyzer.Model, verbose bool) {
	_, _ = io.WriteString(w, notes(tree, model, verbose))
}

func notes(tree *source.Tree, model *analyzer.Model, verbose bool) string {
	var b strings.Builder
	for _, about := range []struct {
		what func(*source.Set) bool
		text string
	}{
		{isUnrendered, "%d not rendered: Helm charts (%s); pipe `helm template CHART` into `aisec-lint -` to audit them\n"},
		{isUnbuilt, "%d not built: kustomizations (%s); what only the build adds is unknown; pipe `kustomize build DIR` into `aisec-lint -`\n"},
		{isBuiltInPart, "%d built in part: kustomizations (%s); what only the rest adds is unknown; pipe `kustomize build DIR` into `aisec-lint -`\n"},
	} {
		if n, names := unreadSets(about.what, tree.Sets, verbose); n > 0 {
			fmt.Fprintf(&b, "note: "+about.text, n, names)
		}
	}
	if n := len(tree.Environments); n > 1 {
		fmt.Fprintf(&b, "note: the tree holds alternatives, audited as %d environments; `aisec-lint environments` lists them\n", n)
	}
	writeChartNotes(&b, tree.Sets)
	for i := range tree.Unbuilt {
		if u := &tree.Unbuilt[i]; u.Silent() && (verbose || u.Whole) {
			fmt.Fprintf(&b, "note: %s:%d: %s\n", printable(u.Span.File.Name), u.Span.Start.Line, printable(u.Message))
		}
	}
	if !verbose {
		return b.String()
	}
	for _, u := range model.Unknowns {
		fmt.Fprintf(&b, "unknown: %s\n", printable(u))
	}
	for _, c := range model.Sets.Callers() {
		fmt.Fprintf(&b, "note: %s may connect to port %s of `%s`\n", printable(nobodyBut(c.Names)), printable(c.Port), printable(c.Workload.ID))
	}
	return b.String()
}

// unbuiltNotes are for reports what writeNotes says of kustomizations and charts.
func unbuiltNotes(tree *source.Tree) []rules.Note {
	var out []rules.Note
	for i := range tree.Unbuilt {
		u := &tree.Unbuilt[i]
		out = append(out, rules.Note{Message: u.Message, Location: rules.Location{Span: u.Span}})
	}
	return out
}

// nobodyBut says who may connect, and that nobody else may.
func nobodyBut(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = "`" + name + "`"
	}
	return "nobody but " + strings.Join(quoted, ", ")
}

// isUnbuilt: of a component nobody expects that it is built, unless it holds
// objects that nothing else includes.
func isUnbuilt(s *source.Set) bool {
	return s.Kind == source.KustomizeSet && !s.Built && (len(s.Objects) > 0 || !strings.HasPrefix(lacks(s), ": component that"))
}

func isBuiltInPart(s *source.Set) bool { return s.Kind == source.KustomizeSet && s.Built }

// unreadSets counts the sets of a kind that were not read whole and names
// them, the first three unless asked for all, each kustomization with the first
// thing that it lacks.
func unreadSets(what func(*source.Set) bool, sets []*source.Set, all bool) (n int, names string) {
	const most = 3
	var roots []string
	between := ", "
	for _, s := range sets {
		if len(s.Gaps) == 0 || !what(s) {
			continue
		}
		name := s.Root
		if why := lacks(s); why != "" {
			name += why
			between = "; "
		}
		roots = append(roots, printable(name))
	}
	n = len(roots)
	if !all && n > most {
		roots = append(roots[:most], fmt.Sprintf("%d more", n-most))
	}
	return n, strings.Join(roots, between)
}

// lacks says what a kustomization was built without, or why it was not built.
func lacks(s *source.Set) string {
	if s.Kind != source.KustomizeSet {
		return ""
	}
	why := s.Gaps[0].Reason
	if !s.Built {
		_, why, _ = strings.Cut(why, ": ")
	}
	if why == "" {
		return ""
	}
	reasons := make(map[string]bool, len(s.Gaps)) // a gap of several kinds is one
	for _, g := range s.Gaps {
		reasons[g.Reason] = true
	}
	if more := len(reasons) - 1; more > 0 && s.Built {
		return fmt.Sprintf(": %s, %d more", why, more)
	}
	return ": " + why
}

// printable makes control bytes visible: they come from manifests and file names.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '�'
		}
		return r
	}, s)
}

func skipCounts(skips []source.Skip) map[string]int {
	counts := map[string]int{}
	for _, s := range skips {
		counts[s.Reason]++
	}
	return counts
}

func describeSkips(skips []source.Skip) string {
	counts := skipCounts(skips)
	parts := make([]string, 0, len(counts))
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[reason], reason))
	}
	return strings.Join(parts, ", ")
}

// describeSet tells what is audited together: kind, root, how much of it was
// read and what keeps absence from being known.
func describeSet(s *source.Set) string {
	how := "as it stands"
	switch {
	case s.Built:
		how = "as the build makes it"
	case s.Kind == source.KustomizeSet:
		how = "not built"
	case s.Chart != nil && s.Chart.Rendered:
		how = "as the chart renders"
	case s.Kind == source.ChartSet:
		how = "not rendered"
	}
	parts := []string{fmt.Sprintf("set %-9s %s: %d objects, %s", s.Kind, printable(s.Root), len(s.Objects), how)}
	for _, g := range s.Gaps {
		parts = append(parts, "lacks "+printable(g.Reason))
	}
	return strings.Join(parts, "; ") + "\n"
}

// stopwatch measures the stages of an audit for --stats.
type stopwatch struct {
	on     bool
	last   time.Time
	stages []string
}

func newStopwatch(on bool) *stopwatch { return &stopwatch{on: on, last: time.Now()} }

// stage ends the stage that ran since the last call.
func (s *stopwatch) stage(name string) {
	if !s.on {
		return
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	now := time.Now()
	s.stages = append(s.stages, fmt.Sprintf("%-6s %9.1f ms  heap %6.1f MiB", name,
		float64(now.Sub(s.last).Microseconds())/1000, float64(mem.HeapAlloc)/(1<<20)))
	s.last = time.Now()
}

func (s *stopwatch) write(w io.Writer, tree *source.Tree, model *analyzer.Model, result rules.Result, verbose bool) {
	if !s.on {
		return
	}
	if verbose {
		for _, set := range tree.Sets {
			_, _ = io.WriteString(w, describeSet(set))
		}
	}
	_, _ = fmt.Fprintf(w, "%s\n%d files, %d documents, %d objects in %d sets, %d workloads, %d subjects, %d rule evaluations, %d findings\n",
		strings.Join(s.stages, "\n"), len(tree.Files), tree.Documents, model.Objects, len(tree.Sets), len(model.Workloads), len(model.Subjects), result.Evaluations, len(result.Findings))
}
