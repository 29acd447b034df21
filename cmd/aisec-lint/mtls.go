package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/report"
	"github.com/aisec-lint/aisec-lint/rules"
)

// mtlsOptions are the flags of mtls, checked.
type mtlsOptions struct {
	askFlags

	query mesh.MTLSOptions
}

func newMTLSFlags(o *mtlsOptions) *pflag.FlagSet {
	return newAskFlags("mtls", &o.askFlags, func(f *pflag.FlagSet) {
		f.BoolVar(&o.query.AssumeMesh, "assume-mesh", false, "answer as if every workload without an opt-out had a sidecar")
		f.StringVarP(&o.format, "format", "f", "text", "`FORMAT`: "+strings.Join(report.MTLSFormats(), ", "))
	})
}

// mtls answers which mutual TLS every port takes and every client sends.
func mtls(args []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	o := &mtlsOptions{}
	if err := o.parse(newMTLSFlags(o), args, report.MTLSFormats()); err != nil {
		return exitFailed, err
	}
	if o.help {
		return exitClean, writeMTLSHelp(stdout)
	}
	model, err := o.model(stdin, stderr)
	if err != nil {
		return exitFailed, err
	}
	m := mtlsOf(model, o.query)
	return o.reply(stdout, func(w io.Writer, opts report.Options) error { return report.WriteMTLS(w, o.format, m, opts) })
}

func mtlsOf(model *analyzer.Model, query mesh.MTLSOptions) *report.MTLS {
	ports := model.Sets.MTLSPorts(query)
	m := &report.MTLS{Several: len(model.Sets) > 1, Ports: make([]report.MTLSPort, len(ports))}
	for i := range ports {
		p := &ports[i]
		m.Ports[i] = report.MTLSPort{
			Workload: p.Workload.ID, Port: p.Port, Mode: string(p.Mode), Mesh: string(p.Mesh), DecidedBy: p.DecidedBy, Location: placeOf(p.From), Environments: p.Environments,
		}
	}
	m.Clients = func(yield func(report.MTLSClient) bool) {
		for c := range model.Sets.MTLSClients(query) {
			if !yield(report.MTLSClient{
				Client: c.Client.ID, Host: c.Host, Port: c.Port, Subset: c.Subset, Mode: string(c.Mode), Outcome: string(c.Outcome),
				DecidedBy: c.DecidedBy, Location: placeOf(c.From),
			}) {
				return
			}
		}
	}
	return m
}

func placeOf(from fact.Source) rules.Location {
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
