package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/mattn/go-isatty"
	"github.com/spf13/pflag"

	"github.com/aisec-lint/aisec-lint/report"
	"github.com/aisec-lint/aisec-lint/rules"
)

// release is the version of this source; the build information has a better
// answer only for `go install …@vX`.
const release = "0.1.0-dev"

// options are the flags of the audit, checked.
type options struct {
	treeFlags

	formats, outputs []string
	failOn           *rules.Severity // nil: never
	severity         rules.Severity
	enable, disable  []string
	rules            []string
	color            string
	allowEmpty       bool
	stats            bool
	quiet, verbose   bool
	version, help    bool

	failOnText, severityText string
	noColor                  bool
}

func newFlagSet(o *options) *pflag.FlagSet {
	f := pflag.NewFlagSet("aisec-lint", pflag.ContinueOnError)
	f.SortFlags = false
	f.SetOutput(io.Discard) // errors are printed once, by run
	f.StringArrayVarP(&o.formats, "format", "f", nil, "report `FORMAT`: "+strings.Join(report.Formats(), ", ")+" (default text; repeatable with --output)")
	f.StringArrayVarP(&o.outputs, "output", "o", nil, "write the report of the same position to `FILE`")
	f.StringVar(&o.failOnText, "fail-on", "medium", "exit 1 on findings of this `SEVERITY` or worse: critical, high, medium, low, info, never")
	f.StringVar(&o.severityText, "severity", "low", "show findings of this `SEVERITY` or worse")
	f.StringSliceVar(&o.enable, "enable", nil, "judge only these rules or families (`ID`, repeatable)")
	f.StringSliceVar(&o.disable, "disable", nil, "leave out these rules or families (`ID`, repeatable)")
	f.StringArrayVar(&o.rules, "rules", nil, "also judge the Rego rules in `DIR` (repeatable)")
	o.register(f)
	f.BoolVar(&o.allowEmpty, "allow-empty", false, "do not fail when there is nothing to audit")
	f.StringVar(&o.color, "color", "auto", "colour the text: auto, always, never")
	f.BoolVar(&o.noColor, "no-color", false, "same as --color never")
	f.BoolVar(&o.stats, "stats", false, "print time and memory of each stage to stderr")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "findings only: no notes, no summary")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "also what was skipped, what stayed unknown and what was assumed")
	f.BoolVar(&o.version, "version", false, "print the version")
	f.BoolVarP(&o.help, "help", "h", false, "print this help")
	return f
}

func parseFlags(args []string) (*options, error) {
	o := &options{}
	f := newFlagSet(o)
	if err := f.Parse(args); err != nil {
		return nil, flagError(err, f)
	}
	if err := o.read(f); err != nil {
		return nil, err
	}
	if len(o.formats) == 0 {
		o.formats = []string{"text"}
	}
	return o, o.check()
}

func (o *options) check() error {
	for _, format := range o.formats {
		if err := oneOf("--format", format, report.Formats()); err != nil {
			return err
		}
	}
	if len(o.outputs) > len(o.formats) {
		return fmt.Errorf("%d --output for %d --format: they go in pairs", len(o.outputs), len(o.formats))
	}
	severities := []string{"critical", "high", "medium", "low", "info"}
	if err := oneOf("--severity", o.severityText, severities); err != nil {
		return err
	}
	o.severity, _ = rules.ParseSeverity(o.severityText)
	if err := oneOf("--fail-on", o.failOnText, append(severities, "never")); err != nil {
		return err
	}
	if s, ok := rules.ParseSeverity(o.failOnText); ok {
		o.failOn = &s
	}
	if o.noColor {
		o.color = "never"
	}
	return oneOf("--color", o.color, []string{"auto", "always", "never"})
}

func oneOf(flag, value string, allowed []string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	hint := ""
	if near := nearest(value, allowed); near != "" {
		hint = fmt.Sprintf("; did you mean `%s`?", near)
	}
	return fmt.Errorf("%s takes one of %s, not `%s`%s", flag, strings.Join(allowed, ", "), value, hint)
}

// flagError adds the near name to an unknown flag.
func flagError(err error, f *pflag.FlagSet) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "unknown flag: --"); ok {
		var names []string
		f.VisitAll(func(g *pflag.Flag) { names = append(names, g.Name) })
		if near := nearest(name, names); near != "" {
			return fmt.Errorf("unknown flag --%s; did you mean --%s?", name, near)
		}
		text = "unknown flag --" + name
	}
	return fmt.Errorf("%s (%w)", text, errUsage)
}

// nearest returns the name that s was most likely meant to be, empty if none
// is close.
func nearest(s string, names []string) string {
	best, distance := "", 4
	for _, n := range names {
		if d := levenshtein.ComputeDistance(s, n); d < distance && d*2 < max(len(s), len(n)) {
			best, distance = n, d
		}
	}
	return best
}

// useColor follows --color, NO_COLOR (https://no-color.org) and the terminal.
func useColor(mode string, w io.Writer) bool {
	if mode != "auto" {
		return mode == "always"
	}
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isatty.IsTerminal(f.Fd())
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") && !strings.HasPrefix(info.Main.Version, "v0.0.0-") {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return release
}

func writeHelp(w io.Writer) error {
	_, err := fmt.Fprintf(w, `aisec-lint audits the network and mesh security of AI workloads on Kubernetes
and Istio from their manifests alone.

Usage:
  aisec-lint [flags] [PATH…]     audit files and directories (default .; - is stdin)
  aisec-lint connectivity PATH…  who may connect to whom, by network policy and mesh
  aisec-lint mtls PATH…          which mutual TLS every port takes, and what decides it
  aisec-lint environments PATH…  what is applied together, why, and what is missing
  aisec-lint rules               list the rules
  aisec-lint explain ID          one rule: why, examples, how to repair
  aisec-lint rules test DIR      run the tests of your own rules
  aisec-lint facts PATH…         the model that rules see, as JSON
  aisec-lint completion SHELL    completion for bash, zsh or fish

Flags:
%s
Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 the audit did not happen as asked.
`, newFlagSet(&options{}).FlagUsagesWrapped(100))
	return err
}
