package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/report"
	"github.com/aisec-lint/aisec-lint/rules"
)

// connectivityOptions are the flags of connectivity, checked.
type connectivityOptions struct {
	askFlags

	query       connect.ConnectivityOptions
	port, layer string
}

func newConnectivityFlags(o *connectivityOptions) *pflag.FlagSet {
	return newAskFlags("connectivity", &o.askFlags, func(f *pflag.FlagSet) {
		f.StringVar(&o.query.From, "from", "", "only connections from this `PEER`: a workload (ai/server[Deployment], or server), a Service (the pods behind it), a namespace, an address or block")
		f.StringVar(&o.query.To, "to", "", "only connections to this `PEER`")
		f.StringVar(&o.port, "port", "", "only connections to this port `NUMBER`; where --to names a Service that has the port, to the pod port behind it")
		f.StringVar(&o.query.Focus, "focus", "", "only connections from or to this `PEER`")
		f.BoolVar(&o.query.Exposure, "exposure", false, "also peers that are not in the tree: any pod of any namespace, pods of some labels")
		f.BoolVar(&o.query.Explain, "explain", false, "name every object that decides, and where; of what is denied, what would have to change")
		f.StringVar(&o.layer, "layer", "", "the `LAYER` that decides: network, mesh or all (default: all where the manifests have a mesh, else network)")
		f.StringVarP(&o.format, "format", "f", "text", "`FORMAT`: "+strings.Join(report.ConnectivityFormats(), ", "))
	})
}

func parseConnectivity(args []string) (*connectivityOptions, error) {
	o := &connectivityOptions{}
	f := newConnectivityFlags(o)
	if err := o.parse(f, args, report.ConnectivityFormats()); err != nil {
		return nil, err
	}
	if f.Changed("port") {
		n, err := strconv.Atoi(o.port)
		if err != nil || n < 1 || n > 65535 {
			return nil, fmt.Errorf("--port takes a number from 1 to 65535, not `%s`", printable(o.port))
		}
		o.query.Port = n
	}
	return o, oneOf("--layer", cmp.Or(o.layer, connect.AllLayers), []string{connect.NetworkLayer, connect.MeshLayer, connect.AllLayers})
}

// connectivity answers who may connect to whom.
func connectivity(args []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	o, err := parseConnectivity(args)
	if err != nil {
		return exitFailed, err
	}
	if o.help {
		return exitClean, writeConnectivityHelp(stdout)
	}
	model, err := o.model(stdin, stderr)
	if err != nil {
		return exitFailed, err
	}
	o.query.Layer = layerOf(o.layer, model)
	c, err := answer(model, o.query)
	if err != nil {
		return exitFailed, err
	}
	return o.reply(stdout, func(w io.Writer, opts report.Options) error { return report.WriteConnectivity(w, o.format, c, opts) })
}

// layerOf is the layer that was asked for, or the one that fits the tree.
func layerOf(asked string, model *analyzer.Model) string {
	switch {
	case asked != "":
		return asked
	case model.Sets.MeshPresent():
		return connect.AllLayers
	}
	return connect.NetworkLayer
}

// answer asks the model. Where one pair was asked for and has no row, the
// answer is why.
func answer(model *analyzer.Model, query connect.ConnectivityOptions) (*report.Connectivity, error) {
	rows, err := model.Sets.Connectivity(query)
	if err != nil {
		return nil, err
	}
	c := &report.Connectivity{Connections: make([]report.Connection, len(rows)), Explained: query.Explain, Mesh: query.Layer != connect.NetworkLayer}
	for i := range rows {
		c.Connections[i] = connectionOf(&rows[i])
	}
	if len(rows) > 0 || query.From == "" || query.To == "" {
		return c, nil
	}
	reasons, verdict, err := model.Sets.Why(query.From, query.To, query.Port)
	if err != nil {
		return nil, err
	}
	c.Question = &report.Question{From: query.From, To: query.To, Port: query.Port, Verdict: string(verdict)}
	if query.Explain {
		c.Question.Because = reasonsOf(reasons)
	}
	return c, nil
}

func connectionOf(row *connect.Connection) report.Connection {
	out := report.Connection{
		Src: peerOf(row.Src), Dst: peerOf(row.Dst), Protocol: row.Protocol, Verdict: string(row.Verdict), TLS: row.TLS, When: row.When,
		Ports: make([]report.PortRange, len(row.Ports)), Because: reasonsOf(row.Because),
		Environments: row.Environments,
	}
	for i, p := range row.Ports {
		out.Ports[i] = report.PortRange{p.First, p.Last}
	}
	return out
}

// peerOf tells an address range, `low-high`, from a class of pods,
// `namespaces/pods`.
func peerOf(e connect.Endpoint) report.Peer {
	switch {
	case e.Workload != nil:
		return report.Peer{Name: e.Name, Kind: report.WorkloadPeer, AI: e.Workload.RunsAI()}
	case strings.Contains(e.Name, "/") || e.Name == connect.Anonymous:
		return report.Peer{Name: e.Name, Kind: report.ClassPeer}
	}
	return report.Peer{Name: e.Name, Kind: report.AddressPeer}
}

func reasonsOf(reasons []fact.Reason) []report.Reason {
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
func writeUnread(w io.Writer, tree *source.Tree) {
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
