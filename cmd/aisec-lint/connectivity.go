package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/report"
	"github.com/aisec-lint/aisec-lint/rules"
)

// connectivityOptions are the flags of connectivity, checked.
type connectivityOptions struct {
	options // those that the audit has too
	query   analyzer.ConnectivityOptions

	port, layer, format, output string
}

func newConnectivityFlags(o *connectivityOptions) *pflag.FlagSet {
	f := pflag.NewFlagSet("connectivity", pflag.ContinueOnError)
	f.SortFlags = false
	f.SetOutput(io.Discard) // errors are printed once, by run
	f.StringVar(&o.query.From, "from", "", "only connections from this `PEER`: a workload (ai/server[Deployment], or server), a Service (the pods behind it), a namespace, an address or block")
	f.StringVar(&o.query.To, "to", "", "only connections to this `PEER`")
	f.StringVar(&o.port, "port", "", "only connections to this port `NUMBER`; where --to names a Service that has the port, to the pod port behind it")
	f.StringVar(&o.query.Focus, "focus", "", "only connections from or to this `PEER`")
	f.BoolVar(&o.query.Exposure, "exposure", false, "also peers that are not in the tree: any pod of any namespace, pods of some labels")
	f.BoolVar(&o.query.Explain, "explain", false, "name every object that decides, and where; of what is denied, what would have to change")
	f.StringVarP(&o.format, "format", "f", "text", "`FORMAT`: "+strings.Join(report.ConnectivityFormats(), ", "))
	f.StringVarP(&o.output, "output", "o", "", "write to `FILE`")
	f.StringVar(&o.layer, "layer", "", "the `LAYER` that decides: network, mesh or all (default: all where the manifests have a mesh, else network)")
	f.StringVarP(&o.namespace, "namespace", "n", "", "namespace of the objects that name none, as kubectl -n would give them")
	f.StringArrayVar(&o.exclude, "exclude", nil, "skip files that match this `GLOB` (repeatable)")
	f.BoolVar(&o.noGitignore, "no-gitignore", false, "also read what .gitignore names")
	o.helm.register(f)
	f.StringVar(&o.color, "color", "auto", "colour the text: auto, always, never")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no notes")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "also what stayed unknown")
	f.BoolVarP(&o.help, "help", "h", false, "print this help")
	return f
}

func parseConnectivity(args []string) (*connectivityOptions, error) {
	o := &connectivityOptions{}
	f := newConnectivityFlags(o)
	if err := f.Parse(args); err != nil {
		return nil, flagError(err, f)
	}
	o.paths = f.Args()
	if len(o.paths) == 0 {
		o.paths = []string{"."}
	}
	if f.Changed("port") {
		n, err := strconv.Atoi(o.port)
		if err != nil || n < 1 || n > 65535 {
			return nil, fmt.Errorf("--port takes a number from 1 to 65535, not `%s`", printable(o.port))
		}
		o.query.Port = n
	}
	return o, errors.Join(
		oneOf("--format", o.format, report.ConnectivityFormats()),
		o.helm.check(),
		oneOf("--layer", cmp.Or(o.layer, analyzer.AllLayers), []string{analyzer.NetworkLayer, analyzer.MeshLayer, analyzer.AllLayers}),
		oneOf("--color", o.color, []string{"auto", "always", "never"}),
	)
}

// connectivity answers who may connect to whom. Whatever the answer, it was
// given: the exit code is that of success.
func connectivity(args []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	o, err := parseConnectivity(args)
	if err != nil {
		return exitFailed, err
	}
	if o.help {
		return exitClean, writeConnectivityHelp(stdout)
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
	o.query.Layer = layerOf(o.layer, model)
	c, err := answer(model, o.query)
	if err != nil {
		return exitFailed, err
	}
	if o.output != "" {
		return exitClean, toFile(o.output, func(w io.Writer) error {
			return report.WriteConnectivity(w, o.format, c, report.Options{Color: o.color == "always"})
		})
	}
	return exitClean, report.WriteConnectivity(stdout, o.format, c, report.Options{Color: useColor(o.color, stdout)})
}

// layerOf is the layer that was asked for, or the one that fits the tree.
func layerOf(asked string, model *analyzer.Model) string {
	switch {
	case asked != "":
		return asked
	case model.MeshPresent():
		return analyzer.AllLayers
	}
	return analyzer.NetworkLayer
}

// answer asks the model. Where one pair was asked for and has no row, the
// answer is why.
func answer(model *analyzer.Model, query analyzer.ConnectivityOptions) (*report.Connectivity, error) {
	rows, err := model.Connectivity(query)
	if err != nil {
		return nil, err
	}
	c := &report.Connectivity{Connections: make([]report.Connection, len(rows)), Explained: query.Explain, Mesh: query.Layer != analyzer.NetworkLayer}
	for i := range rows {
		c.Connections[i] = connectionOf(&rows[i])
	}
	if len(rows) > 0 || query.From == "" || query.To == "" {
		return c, nil
	}
	reasons, verdict, err := model.Why(query.From, query.To, query.Port)
	if err != nil {
		return nil, err
	}
	c.Question = &report.Question{From: query.From, To: query.To, Port: query.Port, Verdict: string(verdict)}
	if query.Explain {
		c.Question.Because = reasonsOf(reasons)
	}
	return c, nil
}

func connectionOf(row *analyzer.Connection) report.Connection {
	out := report.Connection{
		Src: peerOf(row.Src), Dst: peerOf(row.Dst), Protocol: row.Protocol, Verdict: string(row.Verdict), TLS: row.TLS, When: row.When,
		Ports: make([]report.PortRange, len(row.Ports)), Because: reasonsOf(row.Because),
	}
	for i, p := range row.Ports {
		out.Ports[i] = report.PortRange{p.First, p.Last}
	}
	return out
}

// peerOf tells an address range, `low-high`, from a class of pods,
// `namespaces/pods`.
func peerOf(e analyzer.Endpoint) report.Peer {
	switch {
	case e.Workload != nil:
		return report.Peer{Name: e.Name, Kind: report.WorkloadPeer, AI: e.Workload.RunsAI()}
	case strings.Contains(e.Name, "/") || e.Name == analyzer.Anonymous:
		return report.Peer{Name: e.Name, Kind: report.ClassPeer}
	}
	return report.Peer{Name: e.Name, Kind: report.AddressPeer}
}

func reasonsOf(reasons []analyzer.Reason) []report.Reason {
	var out []report.Reason
	for _, r := range reasons {
		reason := report.Reason{Effect: r.Effect}
		if r.Object != nil {
			span, _ := r.Object.At(r.Path)
			reason.Object, reason.Location = r.Object.Ref, rules.Location{Span: span, Path: r.Path}
		}
		out = append(out, reason)
	}
	return out
}

// writeUnread names the documents that could not be parsed: the audit reports
// them as findings, an answer without them may be wrong.
func writeUnread(w io.Writer, tree *loader.Tree) {
	for i := range tree.Problems {
		p := &tree.Problems[i]
		place := ""
		if p.Span.File != nil {
			place = fmt.Sprintf("%s:%d:%d: ", printable(p.Span.File.Name), p.Span.Start.Line, p.Span.Start.Col)
		}
		_, _ = fmt.Fprintf(w, "note: %snot read, and so not in this answer: %s\n", place, printable(p.Message))
	}
}

func writeConnectivityHelp(w io.Writer) error {
	_, err := fmt.Fprintf(w, `aisec-lint connectivity tells who may connect to whom, by network policy and by mesh.

Usage:
  aisec-lint connectivity [flags] [PATH…]

  aisec-lint connectivity ./k8s --to ai --explain
  aisec-lint connectivity ./k8s --from shop/frontend[Deployment] --to ai/server[Deployment] --port 8000
  aisec-lint connectivity ./k8s -f dot | dot -Tsvg -o connectivity.svg

Flags:
%s
Exit codes: 0 answered, whatever the answer; 2 the question could not be asked or nothing was read.
`, newConnectivityFlags(&connectivityOptions{}).FlagUsagesWrapped(100))
	return err
}
