package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/rules"
)

// subFlags parses the flags of a command that has only a few.
func subFlags(name string, args []string, define func(*pflag.FlagSet)) ([]string, error) {
	f := pflag.NewFlagSet(name, pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	define(f)
	if err := f.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return nil, fmt.Errorf("flags of %s:\n%s", name, f.FlagUsages())
		}
		return nil, flagError(err, f)
	}
	return f.Args(), nil
}

// explain prints the page of one rule.
func explain(args []string, stdout io.Writer) (int, error) {
	var dirs []string
	ids, err := subFlags("explain", args, func(f *pflag.FlagSet) { f.StringArrayVar(&dirs, "rules", nil, "also the rules in `DIR`") })
	if err != nil {
		return exitFailed, err
	}
	if len(ids) != 1 {
		return exitFailed, errors.New("explain takes one rule, such as `aisec-lint explain mtls/not-strict`; `aisec-lint rules` lists them")
	}
	set, err := rules.Load(rules.Options{Dirs: dirs})
	if err != nil {
		return exitFailed, err
	}
	var known []string
	for _, m := range set.Metas() {
		if m.ID == ids[0] {
			_, err := io.WriteString(stdout, m.Page)
			return exitClean, err
		}
		known = append(known, m.ID)
	}
	hint := "`aisec-lint rules` lists them"
	if near := nearest(ids[0], known); near != "" {
		hint = fmt.Sprintf("did you mean `%s`?", near)
	}
	return exitFailed, fmt.Errorf("no rule is called `%s`; %s", printable(ids[0]), hint)
}

// listRules prints the catalogue, or runs the tests of a folder of rules.
func listRules(args []string, stdout io.Writer) (int, error) {
	if len(args) > 0 && args[0] == "test" {
		return testRules(args[1:], stdout)
	}
	var format string
	var dirs []string
	rest, err := subFlags("rules", args, func(f *pflag.FlagSet) {
		f.StringVarP(&format, "format", "f", "text", "text or json")
		f.StringArrayVar(&dirs, "rules", nil, "also the rules in `DIR`")
	})
	if err != nil {
		return exitFailed, err
	}
	if len(rest) > 0 {
		return exitFailed, errors.New("rules takes no argument but `test DIR`; a directory of that name is ./rules")
	}
	if err := oneOf("--format", format, []string{"text", "json"}); err != nil {
		return exitFailed, err
	}
	set, err := rules.Load(rules.Options{Dirs: dirs})
	if err != nil {
		return exitFailed, err
	}
	if format == "json" {
		return exitClean, writeRulesJSON(stdout, set.Metas())
	}
	for _, m := range set.Metas() {
		if _, err := fmt.Fprintf(stdout, "%-28s %-8s %s\n", m.ID, m.Severity, m.Title); err != nil {
			return exitFailed, err
		}
	}
	return exitClean, nil
}

func writeRulesJSON(w io.Writer, metas []*rules.Meta) error {
	type entry struct {
		ID          string   `json:"id"`
		Severity    string   `json:"severity"`
		Title       string   `json:"title"`
		Description string   `json:"description"`
		Remediation string   `json:"remediation"`
		Tags        []string `json:"tags"`
	}
	out := make([]entry, 0, len(metas))
	for _, m := range metas {
		out = append(out, entry{m.ID, m.Severity.String(), m.Title, m.Description, m.Remediation, m.Tags})
	}
	return writeJSON(w, map[string]any{"version": 1, "rules": out})
}

func testRules(args []string, stdout io.Writer) (int, error) {
	if len(args) != 1 {
		return exitFailed, errors.New("rules test takes one directory of rules")
	}
	failed, err := rules.TestDir(context.Background(), args[0], stdout)
	switch {
	case err != nil:
		return exitFailed, err
	case failed:
		return exitFindings, nil
	default:
		return exitClean, nil
	}
}

// factEntry is one subject as a rule author sees it: facts is what a rule
// reads below input.
type factEntry struct {
	At        string            `json:"at"`
	Workloads []string          `json:"workloads,omitempty"`
	Names     map[string]string `json:"names,omitempty"`
	Facts     any               `json:"facts"`
}

// facts prints the model, grouped by the name that stands below input.
func facts(args []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	opts, err := parseFlags(args)
	if err != nil {
		return exitFailed, err
	}
	ctx := context.Background()
	tree, err := loader.Load(ctx, opts.loaderOptions(stdin))
	if err != nil {
		return exitFailed, err
	}
	model := analyzer.Build(ctx, tree)
	out := map[string]any{"version": 1, "assumptions": nonNil(model.Assumptions), "unknown": nonNil(model.Unknowns)}
	for _, name := range fact.InputNames() {
		out[name] = []factEntry{}
	}
	for i := range model.Subjects {
		s := &model.Subjects[i]
		out[s.Type] = append(out[s.Type].([]factEntry), factEntry{At: place(s.From), Workloads: ids(s.Workloads), Names: s.Names, Facts: s.Facts})
	}
	if !opts.quiet {
		writeNotes(stderr, tree, model, opts.verbose)
	}
	return exitClean, writeJSON(stdout, out)
}

func ids(refs []fact.WorkloadRef) []string {
	var out []string
	for _, w := range refs {
		out = append(out, w.ID)
	}
	return out
}

func place(from fact.Source) string {
	span := from.Locate()
	if span.File == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", span.File.Name, span.Start.Line, span.Start.Col)
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// flagNames lists the flags of some commands, each once.
func flagNames(sets ...*pflag.FlagSet) []string {
	var flags []string
	for _, set := range sets {
		set.VisitAll(func(f *pflag.Flag) {
			if name := "--" + f.Name; !slices.Contains(flags, name) {
				flags = append(flags, name)
			}
		})
	}
	return flags
}

// completion prints a script that completes commands and flags.
func completion(args []string, stdout io.Writer) (int, error) {
	shells := []string{"bash", "fish", "zsh"}
	if len(args) != 1 {
		return exitFailed, fmt.Errorf("completion takes one of %s", strings.Join(shells, ", "))
	}
	if err := oneOf("completion", args[0], shells); err != nil {
		return exitFailed, err
	}
	flags := flagNames(newFlagSet(&options{}), newConnectivityFlags(&connectivityOptions{}), newMTLSFlags(&mtlsOptions{}))
	words := strings.Join(append(commandNames(), flags...), " ")
	var err error
	switch args[0] {
	case "bash":
		_, err = fmt.Fprintf(stdout, "complete -o default -W %q aisec-lint\n", words)
	case "zsh":
		_, err = fmt.Fprintf(stdout, "#compdef aisec-lint\n_arguments '*:path:_files' && compadd -- %s\n", words)
	default:
		for _, c := range commandNames() {
			if _, err = fmt.Fprintf(stdout, "complete -c aisec-lint -n __fish_use_subcommand -a %s\n", c); err != nil {
				return exitFailed, err
			}
		}
		for _, f := range flags {
			if _, err = fmt.Fprintf(stdout, "complete -c aisec-lint -l %s\n", strings.TrimPrefix(f, "--")); err != nil {
				return exitFailed, err
			}
		}
	}
	return exitClean, err
}
