package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/report"
	"github.com/aisec-lint/aisec-lint/rules"
)

// The exit codes. They are public: see the contract in README.md.
const (
	exitClean    = 0 // audited, nothing at or above --fail-on
	exitFindings = 1
	exitFailed   = 2 // the audit did not happen as asked
)

// errUsage marks errors after which a look at the help is worth while.
var errUsage = errors.New("see aisec-lint --help")

// run is the program: everything it touches is in its arguments.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	name, rest := command(args)
	var code int
	var err error
	switch name {
	case "environments":
		code, err = environments(rest, stdin, stdout)
	case "explain":
		code, err = explain(rest, stdout)
	case "rules":
		code, err = listRules(rest, stdout)
	case "facts":
		code, err = facts(rest, stdin, stdout, stderr)
	case "completion":
		code, err = completion(rest, stdout)
	case "connectivity":
		code, err = connectivity(rest, stdin, stdout, stderr)
	case "mtls":
		code, err = mtls(rest, stdin, stdout, stderr)
	default:
		code, err = audit(args, stdin, stdout, stderr)
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "aisec-lint: %v\n", err)
		return exitFailed
	}
	return code
}

// commandNames are the commands besides the audit itself.
func commandNames() []string {
	return []string{"completion", "connectivity", "environments", "explain", "facts", "mtls", "rules"}
}

// command splits off the command when the first argument names one; a
// directory of the same name is reached as ./rules.
func command(args []string) (name string, rest []string) {
	if len(args) > 0 && slices.Contains(commandNames(), args[0]) {
		return args[0], args[1:]
	}
	return "", args
}

// audit is the main job: the chain from manifests to reports.
func audit(args []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	opts, err := parseFlags(args)
	if err != nil {
		return exitFailed, err
	}
	switch {
	case opts.help:
		return exitClean, writeHelp(stdout)
	case opts.version:
		_, err := fmt.Fprintf(stdout, "aisec-lint %s\n", version())
		return exitClean, err
	}
	watch := newStopwatch(opts.stats)
	ctx := context.Background()
	set, result, tree, model, err := judge(ctx, opts, stdin, watch)
	if err != nil {
		return exitFailed, err
	}
	if !opts.quiet { // also before giving up: a chart that was skipped is why there is nothing
		writeNotes(stderr, tree, model, opts.verbose)
	}
	if model.Objects == 0 && len(tree.Problems) == 0 && !opts.allowEmpty {
		return exitFailed, fmt.Errorf("%w (--allow-empty accepts this)", nothingRead(opts.paths, tree))
	}
	r := newReport(opts, set, result, tree, model)
	if err := writeReports(opts, r, stdout); err != nil {
		return exitFailed, err
	}
	watch.stage("write")
	watch.write(stderr, tree, model, result, opts.verbose)
	return exitCode(opts, result.Findings), nil
}

// judge runs the chain up to the findings. The rules compile while the files
// are read.
func judge(ctx context.Context, opts *options, stdin io.Reader, watch *stopwatch) (*rules.Set, rules.Result, *source.Tree, *analyzer.Model, error) {
	fail := func(err error) (*rules.Set, rules.Result, *source.Tree, *analyzer.Model, error) {
		return nil, rules.Result{}, nil, nil, err
	}
	type compiled struct {
		set *rules.Set
		err error
	}
	compiling := make(chan compiled, 1)
	go func() {
		set, err := rules.Load(rules.Options{Dirs: opts.rules, Enable: opts.enable, Disable: opts.disable})
		compiling <- compiled{set, err}
	}()
	tree, err := loader.Load(ctx, opts.loaderOptions(stdin))
	if err != nil {
		return fail(fmt.Errorf("%w%s", err, commandMeant(opts.paths, err)))
	}
	watch.stage("load")
	model := analyzer.Build(ctx, tree)
	watch.stage("build")
	c := <-compiling
	if c.err != nil {
		return fail(c.err)
	}
	watch.stage("rules")
	result, err := c.set.Judge(ctx, model)
	if err != nil {
		return fail(err)
	}
	watch.stage("judge")
	return c.set, result, tree, model, nil
}

func nothingRead(paths []string, tree *source.Tree) error {
	what := "found no .yaml, .yml or .json file"
	if n := len(tree.Skipped); n > 0 {
		what = "found no Kubernetes object; skipped " + describeSkips(tree.Skipped)
	}
	return fmt.Errorf("nothing to audit in %s: %s", strings.Join(paths, " "), what)
}

// commandMeant recognises a misspelt command: an argument that is no command
// is a path.
func commandMeant(paths []string, err error) string {
	if near := nearest(paths[0], commandNames()); near != "" && errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("; did you mean the command `%s`?", near)
	}
	return ""
}

func newReport(opts *options, set *rules.Set, result rules.Result, tree *source.Tree, model *analyzer.Model) *report.Report {
	r := &report.Report{
		Version: version(), Rules: set.Metas(), Assumptions: model.Assumptions,
		Summary: report.Summary{
			Files: len(tree.Files), Documents: tree.Documents, Objects: model.Objects,
			Workloads: len(model.Workloads), Unknown: len(model.Unknowns), Skipped: skipCounts(tree.Skipped),
		},
	}
	r.Environments = environmentsOf(tree)
	for i := range result.Findings {
		if result.Findings[i].Severity < opts.severity {
			r.Summary.Hidden++
			continue
		}
		r.Findings = append(r.Findings, result.Findings[i])
	}
	return r
}

// writeReports writes every --format to its --output, the last ones without
// an --output to stdout.
func writeReports(opts *options, r *report.Report, stdout io.Writer) error {
	for i, format := range opts.formats {
		if i >= len(opts.outputs) {
			err := report.Write(stdout, format, r, report.Options{
				Color: useColor(opts.color, stdout), Verbose: opts.verbose, Quiet: opts.quiet,
			})
			if err != nil {
				return fmt.Errorf("write %s: %w", format, err)
			}
			continue
		}
		err := toFile(opts.outputs[i], func(w io.Writer) error {
			return report.Write(w, format, r, report.Options{Color: opts.color == "always", Verbose: opts.verbose, Quiet: opts.quiet})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// toFile writes a new file, or an old one anew.
func toFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = write(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func exitCode(opts *options, findings []rules.Finding) int {
	if opts.failOn == nil {
		return exitClean
	}
	for i := range findings {
		if findings[i].Severity >= *opts.failOn {
			return exitFindings
		}
	}
	return exitClean
}
