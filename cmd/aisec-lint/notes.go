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
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/rules"
)

// writeNotes says what was not read, because claims of absence rest on it:
// charts and kustomizations always, each other skip with -v. A reader who
// cannot be told is no reason to fail.
func writeNotes(w io.Writer, tree *loader.Tree, model *analyzer.Model, verbose bool) {
	_, _ = io.WriteString(w, notes(tree, model, verbose))
}

func notes(tree *loader.Tree, model *analyzer.Model, verbose bool) string {
	var b strings.Builder
	for _, about := range []struct {
		kind loader.SetKind
		text string
	}{
		{loader.ChartSet, "%d not rendered: Helm charts (%s); pipe `helm template CHART` into `aisec-lint -` to audit them\n"},
		{loader.KustomizeSet, "%d not built: kustomizations (%s); what only the build adds is unknown; pipe `kustomize build DIR` into `aisec-lint -`\n"},
		{loader.VariantSet, "%d directories hold other versions of the same objects (%s) and are audited apart; name one to audit it whole\n"},
	} {
		if n, names := unreadSets(about.kind, tree.Sets, verbose); n > 0 {
			fmt.Fprintf(&b, "note: "+about.text, n, names)
		}
	}
	writeChartNotes(&b, tree.Sets)
	if !verbose {
		return b.String()
	}
	for _, u := range model.Unknowns {
		fmt.Fprintf(&b, "unknown: %s\n", printable(u))
	}
	return b.String()
}

// unreadSets counts the sets of a kind that were not read whole and names
// them, the first three unless asked for all.
func unreadSets(kind loader.SetKind, sets []*loader.Set, all bool) (n int, names string) {
	const most = 3
	var roots []string
	for _, s := range sets {
		if s.Kind == kind && len(s.Gaps) > 0 && (s.Chart == nil || !s.Chart.Rendered && s.Chart.Failure == nil) {
			roots = append(roots, printable(s.Root))
		}
	}
	n = len(roots)
	if !all && n > most {
		roots = append(roots[:most], fmt.Sprintf("%d more", n-most))
	}
	return n, strings.Join(roots, ", ")
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

func skipCounts(skips []loader.Skip) map[string]int {
	counts := map[string]int{}
	for _, s := range skips {
		counts[s.Reason]++
	}
	return counts
}

func describeSkips(skips []loader.Skip) string {
	counts := skipCounts(skips)
	parts := make([]string, 0, len(counts))
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[reason], reason))
	}
	return strings.Join(parts, ", ")
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

func (s *stopwatch) write(w io.Writer, tree *loader.Tree, model *analyzer.Model, result rules.Result) {
	if !s.on {
		return
	}
	_, _ = fmt.Fprintf(w, "%s\n%d files, %d documents, %d objects in %d sets, %d workloads, %d subjects, %d rule evaluations, %d findings\n",
		strings.Join(s.stages, "\n"), len(tree.Files), tree.Documents, model.Objects, len(tree.Sets), len(model.Workloads), len(model.Subjects), result.Evaluations, len(result.Findings))
}
