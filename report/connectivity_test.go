package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/awalterschulze/gographviz"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/rules"
)

// connectivity is one of everything: IPv6, several ports and protocols, an
// unknown verdict, a class of pods, a reason without an object, names that no
// language likes.
func connectivity(explained bool) *Connectivity {
	file := &yaml.File{Name: "k8s/net\x1bpol.yaml"}
	at := func(line, col int, path ...any) rules.Location {
		return rules.Location{Span: yaml.Span{File: file, Start: yaml.Pos{Line: line, Col: col}, End: yaml.Pos{Line: line, Col: col + 4}}, Path: path}
	}
	server, end := workload("ai/server[Deployment]"), workload("end/graph[Pod]")
	odd := workload("o\"d\\/a&amp;<b>|#35;`x`\u202e%%{init}[StatefulSet]\\")
	class := Peer{Name: `namespace{team="a"}/any-pod`, Kind: ClassPeer}
	v4, v6 := Peer{Name: "0.0.0.0-9.255.255.255", Kind: AddressPeer}, Peer{Name: "2001:db8::-2001:db8::ffff", Kind: AddressPeer}
	policy := source.Ref{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Namespace: "ai", Name: "server"}
	admits := []Reason{
		{Object: policy, Location: at(12, 5, "spec", "ingress", 0), Effect: "admits pods `app=frontend` on TCP 8000, 8001"},
		{Effect: "nothing restricts the egress of `shop/frontend[Deployment]`"},
	}
	if !explained {
		admits = nil
	}
	whole := []PortRange{{1, 65535}}
	return &Connectivity{Explained: explained, Connections: []Connection{
		{Src: server, Dst: v6, Protocol: "TCP", Ports: []PortRange{{443, 443}}, Verdict: "allowed"},
		{Src: v4, Dst: server, Protocol: "TCP", Ports: whole, Verdict: "allowed"},
		{Src: v6, Dst: server, Protocol: "TCP", Ports: []PortRange{{80, 80}, {443, 443}, {8000, 8010}}, Verdict: "allowed"},
		{Src: class, Dst: server, Protocol: "TCP", Ports: []PortRange{{8000, 8000}}, Verdict: "allowed"},
		{Src: end, Dst: server, Protocol: "SCTP", Ports: whole, Verdict: "allowed"},
		{Src: end, Dst: server, Protocol: "TCP", Ports: whole, Verdict: "allowed"},
		{Src: end, Dst: server, Protocol: "UDP", Ports: whole, Verdict: "allowed"},
		{Src: workload("shop/frontend[Deployment]"), Dst: server, Protocol: "TCP", Ports: []PortRange{{8000, 8001}}, Verdict: "allowed", Because: admits},
		{Src: workload("shop/frontend[Deployment]"), Dst: server, Protocol: "TCP", Ports: []PortRange{{9000, 9000}}, Verdict: "unknown", Because: admits[len(admits)/2:]},
		{Src: workload("shop/frontend[Deployment]"), Dst: server, Protocol: "UDP", Ports: []PortRange{{53, 53}}, Verdict: "allowed", Because: admits},
		{Src: server, Dst: odd, Protocol: "TCP", Ports: []PortRange{{6333, 6333}}, Verdict: "allowed"},
		{Src: odd, Dst: end, Protocol: "UDP", Ports: []PortRange{{1, 52}, {54, 65535}}, Verdict: "unknown"},
	}}
}

// mermaidLine is every line but the first and comments. What stands in quotes
// holds no quote, and `#` only in front of an entity.
var mermaidLine = regexp.MustCompile(strings.ReplaceAll(
	`^(  subgraph s\d+\[T\]|  end| +n\d+(\[T\]|\(\[T\]\)|\[\[T\]\])|  n\d+ (-->|-\.->)\|T\| n\d+|  %% .*)\n$`,
	"T", `"(?:[^"#]|#\d+;)+"`))

func workload(name string) Peer { return Peer{Name: name, Kind: WorkloadPeer} }

func question() *Question {
	return &Question{From: "frontend", To: "ai/server[Deployment]", Port: 9000, Verdict: denied, Because: []Reason{
		{
			Object: source.Ref{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Namespace: "ai", Name: "server"},
			Effect: "isolates ingress and no rule of it admits TCP 9000",
		},
	}}
}

func renderConnectivity(tb testing.TB, format string, c *Connectivity) string {
	tb.Helper()
	var b bytes.Buffer
	if err := WriteConnectivity(&b, format, c, Options{}); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func TestConnectivityGoldens(t *testing.T) {
	t.Parallel()
	answer := &Connectivity{Question: question(), Explained: true}
	for format, file := range map[string]string{"text": "txt", "json": "json", "csv": "csv", "dot": "dot", "mermaid": "mmd"} {
		golden(t, "testdata/connectivity."+file, renderConnectivity(t, format, connectivity(false)))
	}
	for format, file := range map[string]string{"text": "txt", "json": "json", "csv": "csv"} {
		golden(t, "testdata/connectivity-explain."+file, renderConnectivity(t, format, connectivity(true)))
	}
	for format, file := range map[string]string{"text": "txt", "json": "json"} {
		golden(t, "testdata/connectivity-denied."+file, renderConnectivity(t, format, answer))
	}
}

// What the contract says of JSON: pairs, no null, reasons only when asked for.
func TestConnectivityJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []*Connectivity{{}, {Connections: []Connection{{}}}, {Connections: []Connection{{}}, Explained: true}, {Question: question()}, connectivity(false)} {
		var got struct {
			Version     int
			Connections []map[string]any
			Question    map[string]any
		}
		out := renderConnectivity(t, "json", c)
		if err := json.Unmarshal([]byte(out), &got); err != nil || got.Version != 1 || got.Connections == nil || strings.Contains(out, "null") {
			t.Errorf("%v in\n%s", err, out)
		}
		for _, row := range got.Connections {
			if _, ok := row["because"]; ok != c.Explained {
				t.Errorf("explained %v, and because is %v", c.Explained, row["because"])
			}
		}
	}
}

func TestConnectivityText(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]*Connectivity{
		"no connection is allowed\n":                                                      {},
		"denied: a may not connect to b\n--explain names what decides it\n":               {Question: &Question{From: "a", To: "b", Verdict: denied}},
		"allowed: a may connect to a on port 1\n":                                         {Question: &Question{From: "a", To: "a", Port: 1, Verdict: allowed}},
		"unknown: a may or may not connect to b\n  = because: a chart was not rendered\n": {Explained: true, Question: &Question{From: "a", To: "b", Verdict: "unknown", Because: []Reason{{Effect: "a chart was not rendered"}}}},
		"a/b[Pod] can be reached by\n  ::-::ffff  TCP 80\n\n::1-::1 can be reached by\n  a/b[Pod]  every UDP port\n": {Connections: []Connection{
			{Src: workload("a/b[Pod]"), Dst: Peer{Name: "::1-::1", Kind: AddressPeer}, Protocol: "UDP", Ports: []PortRange{{1, 65535}}, Verdict: allowed},
			{Src: Peer{Name: "::-::ffff", Kind: AddressPeer}, Dst: workload("a/b[Pod]"), Protocol: "TCP", Ports: []PortRange{{80, 80}}, Verdict: allowed},
		}},
		"z/model[Pod] can be reached by\n  a/b[Pod]  TCP 80\n\na/b[Pod] can be reached by\n  z/model[Pod]  TCP 80\n": {Connections: []Connection{
			{Src: Peer{Name: "z/model[Pod]", AI: true}, Dst: workload("a/b[Pod]"), Protocol: "TCP", Ports: []PortRange{{80, 80}}, Verdict: allowed},
			{Src: workload("a/b[Pod]"), Dst: Peer{Name: "z/model[Pod]", AI: true}, Protocol: "TCP", Ports: []PortRange{{80, 80}}, Verdict: allowed},
		}},
	} {
		if got := renderConnectivity(t, "text", c); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
}

// A parser of Graphviz's language finds every peer and edge of the rows.
func TestDot(t *testing.T) {
	t.Parallel()
	for _, c := range []*Connectivity{connectivity(false), {}} {
		out := renderConnectivity(t, "dot", c)
		parsed, err := gographviz.Read([]byte(out))
		if err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		if !parsed.Directed {
			t.Error("the graph is not directed")
		}
		want := newGraph(c.Connections)
		if len(parsed.Nodes.Nodes) != len(want.number) || len(parsed.Edges.Edges) != len(want.edges) || len(parsed.SubGraphs.SubGraphs) != len(want.namespaces) {
			t.Errorf("%d nodes, %d edges, %d clusters; want %d, %d, %d", len(parsed.Nodes.Nodes), len(parsed.Edges.Edges),
				len(parsed.SubGraphs.SubGraphs), len(want.number), len(want.edges), len(want.namespaces))
		}
		for p := range want.number {
			n := parsed.Nodes.Lookup[dotQuote(p.Name)]
			if n == nil || n.Attrs["label"] != dotLabel(label(p)) || (n.Attrs["shape"] == "ellipse") != (p.Kind == AddressPeer) {
				t.Errorf("%s is drawn as %v", p.Name, n)
			}
		}
	}
}

// Every line of a flowchart is one of the few shapes that Mermaid is known to
// read, and says when there is more than GitHub draws.
func TestMermaid(t *testing.T) {
	t.Parallel()
	c := connectivity(false)
	for i := range mermaidEdges {
		c.Connections = append(c.Connections, Connection{
			Src: workload(fmt.Sprintf("many/p%d[Pod]", i)), Dst: workload("ai/server[Deployment]"), Protocol: "TCP", Ports: []PortRange{{1, 2}}, Verdict: allowed,
		})
	}
	out := renderConnectivity(t, "mermaid", c)
	for line := range strings.Lines(strings.TrimPrefix(out, "graph LR\n")) {
		if !mermaidLine.MatchString(line) {
			t.Errorf("no line of a flowchart: %s", line)
		}
	}
	if !strings.Contains(out, "%% 509 edges, ") {
		t.Errorf("nothing says that GitHub will not draw this:\n%s", out[len(out)-200:])
	}
	if small := renderConnectivity(t, "mermaid", connectivity(false)); strings.Contains(small, "%%") {
		t.Errorf("a comment in\n%s", small)
	}
}

func TestConnectivityCSV(t *testing.T) {
	t.Parallel()
	c := connectivity(false)
	c.Connections = append(c.Connections, Connection{Src: workload(`=HYPERLINK("x")/a,b[Pod]`), Dst: workload("a/b[Pod]")})
	rows, err := csv.NewReader(strings.NewReader(renderConnectivity(t, "csv", c))).ReadAll()
	if err != nil || len(rows) != len(c.Connections)+1 {
		t.Fatalf("%d rows for %d connections: %v", len(rows), len(c.Connections), err)
	}
	if got, want := rows[3], []string{"2001:db8::-2001:db8::ffff", "ai/server[Deployment]", "TCP", "80 443 8000-8010", "allowed"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := rows[len(rows)-1][0]; got != `'=HYPERLINK("x")/a,b[Pod]` {
		t.Errorf("a spreadsheet would compute %q", got)
	}
}

func TestConnectivityErrors(t *testing.T) {
	t.Parallel()
	for _, format := range ConnectivityFormats() {
		if err := WriteConnectivity(brokenPipe{}, format, connectivity(false), Options{}); !errors.Is(err, errBroken) {
			t.Errorf("%s: got %v", format, err)
		}
	}
	if err := WriteConnectivity(&bytes.Buffer{}, "svg", &Connectivity{}, Options{}); err == nil || !strings.Contains(err.Error(), "mermaid") {
		t.Errorf("an unknown format gives %v, want an error that lists the formats", err)
	}
}
