package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/report"
)

// environments lists what is applied together, and why the rest is not.
func environments(args []string, stdin io.Reader, stdout io.Writer) (int, error) {
	var flags treeFlags
	var format string
	var f *pflag.FlagSet
	_, err := subFlags("environments", args, func(set *pflag.FlagSet) {
		f = set
		flags.register(set)
		set.StringVarP(&format, "format", "f", "text", "text or json")
	})
	if err == nil {
		err = flags.read(f)
	}
	if err == nil {
		err = oneOf("--format", format, []string{"text", "json"})
	}
	if err != nil {
		return exitFailed, err
	}
	tree, err := loader.Load(context.Background(), flags.loaderOptions(stdin))
	if err != nil {
		return exitFailed, err
	}
	listed := make([]environmentEntry, len(tree.Environments))
	for i, e := range tree.Environments {
		listed[i] = newEnvironmentEntry(tree, e)
	}
	if format == "json" {
		return exitClean, writeJSON(stdout, map[string]any{"version": 1, "environments": listed})
	}
	_, err = io.WriteString(stdout, listing(listed))
	return exitClean, err
}

// listing writes what all environments have in common once.
func listing(listed []environmentEntry) string {
	in := map[string]int{}
	for i := range listed {
		for line := range strings.Lines(listed[i].together()) {
			in[line]++
		}
	}
	var b strings.Builder
	common := func(line string) bool { return len(listed) > 1 && in[line] == len(listed) }
	if everywhere := selected(listed[0].together(), common); everywhere != "" {
		b.WriteString("in every environment\n" + everywhere)
	}
	for i := range listed {
		fmt.Fprintf(&b, "environment %s\n", printable(listed[i].Name))
		b.WriteString(selected(listed[i].together(), func(line string) bool { return !common(line) }))
		for k := range listed[i].Without {
			s := &listed[i].Without[k]
			fmt.Fprintf(&b, "  without: %s: %s, %d objects; %s\n", printable(s.Root), s.Kind, s.Objects, printable(s.Reason))
		}
	}
	return b.String()
}

// selected returns some lines of a text.
func selected(text string, which func(line string) bool) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if which(line) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// environmentEntry is one environment as it is listed.
type environmentEntry struct {
	Name    string        `json:"name"`
	Sources []sourceEntry `json:"sources"`
	Apart   []sourceEntry `json:"apart"`   // sources whose objects name no namespace, and so meet no others
	Without []sourceEntry `json:"without"` // sources of which another one takes the place
}

type sourceEntry struct {
	Root    string `json:"root"`
	Kind    string `json:"kind,omitempty"`
	Objects int    `json:"objects"`
	// Namespace is the one that Argo CD or Flux applies this copy to, of several.
	Namespace string   `json:"namespace,omitempty"`
	Reason    string   `json:"reason,omitempty"`
	Lacks     []string `json:"lacks,omitempty"`
}

func newEnvironmentEntry(tree *source.Tree, e *source.Environment) environmentEntry {
	out := environmentEntry{Name: e.Name, Sources: []sourceEntry{}, Apart: []sourceEntry{}, Without: []sourceEntry{}}
	for _, s := range tree.Scopes {
		if s.Root != "" && slices.Contains(s.Environments, e.Name) {
			out.Apart = append(out.Apart, sourceEntry{
				Root: s.Root, Kind: kindName(s.Sets[0]), Objects: len(s.Objects) - len(s.Shared), Reason: "its objects name no namespace",
			})
		}
	}
	for _, s := range e.Sets {
		entry := sourceEntry{Root: s.Root, Kind: kindName(s), Objects: len(s.Objects), Namespace: s.Namespace}
		for _, g := range s.Gaps {
			if g.Reason != source.BesideReason && !strings.HasPrefix(g.Reason, source.VariantReason) {
				entry.Lacks = append(entry.Lacks, g.Reason)
			}
		}
		if entry.Objects > 0 || len(entry.Lacks) > 0 {
			out.Sources = append(out.Sources, entry)
		}
	}
	for _, a := range e.Out {
		out.Without = append(out.Without, sourceEntry{Root: a.Set.Root, Kind: kindName(a.Set), Objects: len(a.Set.Objects), Reason: a.Reason})
	}
	return out
}

func kindName(s *source.Set) string {
	switch s.Kind {
	case source.ChartSet:
		if s.Chart == nil || !s.Chart.Rendered {
			return "chart, not rendered"
		}
		return "chart"
	case source.KustomizeSet:
		if !s.Built {
			return "kustomization, not built"
		}
		return "kustomization"
	case source.BesideSet:
		return "files that the kustomization does not list"
	case source.PlainSet, source.VariantSet:
	}
	return "manifests"
}

// together lists the sources of an environment, one a line.
func (e *environmentEntry) together() string {
	var b strings.Builder
	row := func(s *sourceEntry, mark, why string) {
		fmt.Fprintf(&b, "  %s%s: %s, %d objects%s", mark, printable(s.Root), s.Kind, s.Objects, printable(why))
		for _, l := range s.Lacks {
			fmt.Fprintf(&b, "; lacks %s", printable(l))
		}
		b.WriteString("\n")
	}
	for i := range e.Sources {
		row(&e.Sources[i], "", "")
	}
	for i := range e.Apart {
		row(&e.Apart[i], "apart: ", "; "+e.Apart[i].Reason)
	}
	return b.String()
}

// environmentsOf names the environments of a tree with what is in them.
func environmentsOf(tree *source.Tree) []report.Environment {
	out := make([]report.Environment, len(tree.Environments))
	for i, e := range tree.Environments {
		out[i] = report.Environment{Name: e.Name, Sources: []string{}}
		for _, s := range e.Sets {
			if len(s.Objects) > 0 && !slices.Contains(out[i].Sources, s.Root) {
				out[i].Sources = append(out[i].Sources, s.Root)
			}
		}
	}
	return out
}
