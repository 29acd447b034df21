package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/report"
	"github.com/aisec-lint/aisec-lint/rules"
)

// mtlsOptions are the flags of mtls, checked.
type mtlsOptions struct {
	options // those that the audit has too
	query   analyzer.MTLSOptions

	format, output string
}

func newMTLSFlags(o *mtlsOptions) *pflag.FlagSet {
	f := pflag.NewFlagSet("mtls", pflag.ContinueOnError)
	f.SortFlags = false
	f.SetOutput(io.Discard) // errors are printed once, by run
	f.BoolVar(&o.query.AssumeMesh, "assume-mesh", false, "answer as if every workload without an opt-out had a sidecar")
	f.StringVarP(&o.format, "format", "f", "text", "`FORMAT`: "+strings.Join(report.MTLSFormats(), ", "))
	f.StringVarP(&o.output, "output", "o", "", "write to `FILE`")
	f.StringVarP(&o.namespace, "namespace", "n", "", "namespace of the objects that name none, as kubectl -n would give them")
	f.StringArrayVar(&o.exclude, "exclude", nil, "skip files that match this `GLOB` (repeatable)")
	f.BoolVar(&o.noGitignore, "no-gitignore", false, "also read what .gitignore names")
	f.StringVar(&o.color, "color", "auto", "colour the text: auto, always, never")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no notes")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "also what stayed unknown")
	f.BoolVarP(&o.help, "help", "h", false, "print this help")
	return f
}

func parseMTLS(args []string) (*mtlsOptions, error) {
	o := &mtlsOptions{}
	f := newMTLSFlags(o)
	if err := f.Parse(args); err != nil {
		return nil, flagError(err, f)
	}
	o.paths = f.Args()
	if len(o.paths) == 0 {
		o.paths = []string{"."}
	}
	return o, errors.Join(
		oneOf("--format", o.format, report.MTLSFormats()),
		oneOf("--color", o.color, []string{"auto", "always", "never"}),
	)
}

// mtls answers which mutual TLS every port takes and every client sends.
// Whatever the answer, it was given: the exit code is that of success.
func mtls(args []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	o, err := parseMTLS(args)
	if err != nil {
		return exitFailed, err
	}
	if o.help {
		return exitClean, writeMTLSHelp(stdout)
	}
	ctx := context.Background()
	tree, err := loader.Load(ctx, o.loaderOptions(stdin))
	if err != nil {
		return exitFailed, err
	}
	if !o.quiet {
		writeUnread(stderr, tree)
	}
	model := analyzer.Build(ctx, tree)
	if !o.quiet {
		writeNotes(stderr, tree, model, o.verbose)
	}
	if model.Objects == 0 {
		return exitFailed, nothingRead(o.paths, tree)
	}
	m := mtlsOf(model, o.query)
	if o.output != "" {
		return exitClean, toFile(o.output, func(w io.Writer) error {
			return report.WriteMTLS(w, o.format, m, report.Options{Color: o.color == "always"})
		})
	}
	return exitClean, report.WriteMTLS(stdout, o.format, m, report.Options{Color: useColor(o.color, stdout)})
}

func mtlsOf(model *analyzer.Model, query analyzer.MTLSOptions) *report.MTLS {
	ports := model.MTLSPorts(query)
	m := &report.MTLS{Ports: make([]report.MTLSPort, len(ports))}
	for i := range ports {
		p := &ports[i]
		m.Ports[i] = report.MTLSPort{
			Workload: p.Workload.ID, Port: p.Port, Mode: p.Mode, Mesh: p.Mesh, DecidedBy: p.DecidedBy, Location: placeOf(p.From),
		}
	}
	m.Clients = func(yield func(report.MTLSClient) bool) {
		for c := range model.MTLSClients(query) {
			if !yield(report.MTLSClient{
				Client: c.Client.ID, Host: c.Host, Port: c.Port, Subset: c.Subset, Mode: c.Mode, Outcome: c.Outcome,
				DecidedBy: c.DecidedBy, Location: placeOf(c.From),
			}) {
				return
			}
		}
	}
	return m
}

func placeOf(from analyzer.Source) rules.Location {
	if from.Object == nil {
		return rules.Location{}
	}
	return rules.Location{Span: from.Locate(), Path: from.Path}
}

func writeMTLSHelp(w io.Writer) error {
	_, err := fmt.Fprintf(w, `aisec-lint mtls tells which mutual TLS every port of every workload takes, what decides it, and what clients send.

Usage:
  aisec-lint mtls [flags] [PATH…]

  aisec-lint mtls ./k8s
  aisec-lint mtls ./k8s --assume-mesh -f json

Modes of a port: STRICT, PERMISSIVE, DISABLE, NONE (no proxy takes it), UNKNOWN (the manifests cannot tell).
The text names clients only where they do something else than Istio by itself; json and csv name all.

Flags:
%s
Exit codes: 0 answered, whatever the answer; 2 nothing was read.
`, newMTLSFlags(&mtlsOptions{}).FlagUsagesWrapped(100))
	return err
}
