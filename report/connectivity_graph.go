package report

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// graph is what dot and mermaid draw: the peers of the rows, workloads by
// their namespace, and one edge for each pair and verdict.
type graph struct {
	namespaces []string
	members    map[string][]Peer
	others     []Peer
	edges      []*edge
	number     map[Peer]int // in the order of drawing
}

func newGraph(connections []Connection) *graph {
	g := &graph{members: map[string][]Peer{}, number: map[Peer]int{}, edges: edges(withoutReasons(connections))}
	seen := map[Peer]bool{}
	for i := range connections {
		seen[connections[i].Src], seen[connections[i].Dst] = true, true
	}
	peers := slices.SortedFunc(maps.Keys(seen), func(a, b Peer) int {
		return strings.Compare(a.Name, b.Name)
	})
	for _, p := range peers {
		if p.Kind == WorkloadPeer {
			ns, _, _ := strings.Cut(p.Name, "/")
			g.members[ns] = append(g.members[ns], p)
		} else {
			g.others = append(g.others, p)
		}
	}
	g.namespaces = slices.Sorted(maps.Keys(g.members))
	for _, ns := range g.namespaces {
		g.enumerate(g.members[ns])
	}
	g.enumerate(g.others)
	return g
}

func (g *graph) enumerate(peers []Peer) {
	for _, p := range peers {
		g.number[p] = len(g.number)
	}
}

// withoutReasons is what a picture shows of the rows: reasons and sets find no room.
func withoutReasons(connections []Connection) []Connection {
	out := slices.Clone(connections)
	for i := range out {
		out[i].Because, out[i].Environments = nil, nil
	}
	return out
}

// label is what a workload is called inside its namespace.
func label(p Peer) string {
	if _, name, ok := strings.Cut(p.Name, "/"); ok && p.Kind == WorkloadPeer {
		return name
	}
	return p.Name
}

// writeDot writes the language of Graphviz: https://graphviz.org/doc/info/lang.html
// Without newrank, clusters that reach each other both ways end in "trouble in
// init_rank".
func writeDot(w *bytes.Buffer, g *graph) {
	w.WriteString("digraph connectivity {\n  rankdir=LR;\n  newrank=true;\n")
	for _, ns := range g.namespaces {
		fmt.Fprintf(w, "  subgraph %s {\n    label=%s;\n", dotQuote("cluster_"+ns), dotLabel(ns))
		for _, p := range g.members[ns] {
			fmt.Fprintf(w, "    %s [label=%s, shape=box];\n", dotQuote(p.Name), dotLabel(label(p)))
		}
		w.WriteString("  }\n")
	}
	for _, p := range g.others {
		fmt.Fprintf(w, "  %s [label=%s, %s];\n", dotQuote(p.Name), dotLabel(label(p)), dotShape(p.Kind))
	}
	for _, e := range g.edges {
		style := ""
		if e.verdict != allowed {
			style = ", style=dashed"
		}
		fmt.Fprintf(w, "  %s -> %s [label=%s%s];\n", dotQuote(e.src.Name), dotQuote(e.dst.Name), dotLabel(e.ports()...), style)
	}
	w.WriteString("}\n")
}

func dotShape(k PeerKind) string {
	switch k {
	case ClassPeer:
		return "shape=box, style=dashed"
	case AddressPeer:
		return "shape=ellipse"
	case WorkloadPeer:
	}
	return "shape=box"
}

// dotQuote writes a quoted id. A backslash begins an escape in labels and
// hides a quote everywhere, so it is written twice.
func dotQuote(s string) string {
	return `"` + dotEscape(s) + `"`
}

func dotEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(visible(s))
}

// dotLabel quotes lines of text, in which Graphviz reads entities of HTML.
func dotLabel(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		escaped[i] = strings.ReplaceAll(dotEscape(l), "&", "&amp;")
	}
	return `"` + strings.Join(escaped, `\n`) + `"`
}

// What Mermaid draws where its configuration cannot be changed, as on GitHub:
// https://mermaid.js.org/config/schema-docs/config.html (maxEdges, maxTextSize).
const (
	mermaidEdges = 500
	mermaidText  = 50_000
)

// writeMermaid writes a flowchart. Names stand in labels alone: as ids, some
// of them would be words of the language.
func writeMermaid(w *bytes.Buffer, g *graph) {
	w.WriteString("graph LR\n")
	for i, ns := range g.namespaces {
		fmt.Fprintf(w, "  subgraph s%d[%s]\n", i, mermaidLabel(ns))
		for _, p := range g.members[ns] {
			fmt.Fprintf(w, "    %s[%s]\n", g.id(p), mermaidLabel(label(p)))
		}
		w.WriteString("  end\n")
	}
	for _, p := range g.others {
		text := "([" + mermaidLabel(p.Name) + "])"
		if p.Kind == ClassPeer {
			text = "[[" + mermaidLabel(p.Name) + "]]"
		}
		fmt.Fprintf(w, "  %s%s\n", g.id(p), text)
	}
	for _, e := range g.edges {
		arrow := "-->"
		if e.verdict != allowed {
			arrow = "-.->"
		}
		fmt.Fprintf(w, "  %s %s|%s| %s\n", g.id(e.src), arrow, mermaidLabel(strings.Join(e.ports(), "; ")), g.id(e.dst))
	}
	if len(g.edges) > mermaidEdges || w.Len() > mermaidText {
		fmt.Fprintf(w, "  %%%% %d edges, %d bytes: GitHub draws up to %d and %d; narrow with --focus, --from or --to\n",
			len(g.edges), w.Len(), mermaidEdges, mermaidText)
	}
}

func (g *graph) id(p Peer) string { return "n" + strconv.Itoa(g.number[p]) }

// mermaidLabel quotes a text. Entities are written #name; and what could end
// the text, begin Markdown or a directive is written as one.
func mermaidLabel(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	if s == "" {
		b.WriteByte(' ') // an empty text is an error
	}
	for _, r := range visible(s) {
		if strings.ContainsRune("\"#&<>`%\\*_~|{}$", r) {
			fmt.Fprintf(&b, "#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
