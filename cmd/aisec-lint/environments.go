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
	for i := range listed {
		if _, err := io.WriteString(stdout, listed[i].text()); err != nil {
			return exitFailed, err
		}
	}
	return exitClean, nil
}

// environmentEntry is one environment as it is listed.
type environmentEntry struct {
	Name    string        `json:"name"`
	Sources []sourceEntry `json:"sources"`
	Apart   []sourceEntry `json:"apart"`   // sources whose objects name no namespace, and so meet no others
	Without []sourceEntry `json:"without"` // sources of which another one takes the place
}

type sourceEntry struct {
	Root    string   `json:"root"`
	Kind    string   `json:"kind,omitempty"`
	Objects int      `json:"objects"`
	Reason  string   `json:"reason,omitempty"`
	Lacks   []string `json:"lacks,omitempty"`
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
		entry := sourceEntry{Root: s.Root, Kind: kindName(s), Objects: len(s.Objects)}
		for _, g := range s.Gaps {
			entry.Lacks = append(entry.Lacks, g.Reason)
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

func (e *environmentEntry) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "environment %s\n", printable(e.Name))
	row := func(s *sourceEntry, mark, why string) {
		fmt.Fprintf(&b, "  %s%s: %s, %d objects%s\n", mark, printable(s.Root), s.Kind, s.Objects, printable(why))
		for _, l := range s.Lacks {
			fmt.Fprintf(&b, "      lacks %s\n", printable(l))
		}
	}
	for i := range e.Sources {
		row(&e.Sources[i], "", "")
	}
	for i := range e.Apart {
		row(&e.Apart[i], "apart: ", "; "+e.Apart[i].Reason)
	}
	for i := range e.Without {
		row(&e.Without[i], "without: ", "; "+e.Without[i].Reason)
	}
	return b.String()
}
