// Package analyzertest builds models of manifests and finds facts in them, for
// tests that ask about whole trees. Tests inside a package of the analyzer
// cannot import it; inventorytest and sample are for them.
package analyzertest

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"go4.org/netipx"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Build reads manifests as one tree and derives their model.
func Build(tb testing.TB, manifests ...string) *analyzer.Model {
	tb.Helper()
	return analyzer.Build(context.Background(), Load(tb, manifests...))
}

// Load reads manifests that must parse, as one tree.
func Load(tb testing.TB, manifests ...string) *source.Tree {
	tb.Helper()
	tree, err := loader.Load(context.Background(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(sample.Join(manifests...))})
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range tree.Problems {
		tb.Fatalf("the test's own manifests do not parse: %s at %d:%d", p.Message, p.Span.Start.Line, p.Span.Start.Col)
	}
	return tree
}

// View is a workload with the facts that rules see of it.
type View struct {
	*inventory.Workload

	Facts *fact.WorkloadFacts
}

// Workload finds one by its id, such as ai/w[Pod].
func Workload(tb testing.TB, m *analyzer.Model, id string) View {
	tb.Helper()
	facts := FactsOf[fact.WorkloadFacts](m) // in the order of the workloads
	var ids []string
	for i, w := range m.Workloads {
		if w.ID == id {
			return View{w, facts[i]}
		}
		ids = append(ids, w.ID)
	}
	tb.Fatalf("no workload %s; there are %s", id, strings.Join(ids, ", "))
	return View{}
}

// Port finds the facts of one port of a workload.
func Port(tb testing.TB, w View, number int) fact.PortFacts {
	tb.Helper()
	i := slices.IndexFunc(w.Facts.Ports, func(p fact.PortFacts) bool { return p.Number == number })
	if i < 0 {
		tb.Fatalf("%s has no port %d", w.ID, number)
	}
	return w.Facts.Ports[i]
}

// FactsOf lists the facts of one type.
func FactsOf[T any](m *analyzer.Model) []*T {
	var out []*T
	for i := range m.Subjects {
		if f, ok := m.Subjects[i].Facts.(*T); ok {
			out = append(out, f)
		}
	}
	return out
}

// PolicyFacts are those of the only NetworkPolicy of a tree.
func PolicyFacts(tb testing.TB, manifests ...string) *fact.NetworkPolicyFacts {
	tb.Helper()
	found := FactsOf[fact.NetworkPolicyFacts](Build(tb, manifests...))
	if len(found) != 1 {
		tb.Fatalf("%d policies", len(found))
	}
	return found[0]
}

// Flows returns the verdict of each flow of a need, and the side that denies it.
func Flows(tb testing.TB, need string, manifests ...string) []string {
	tb.Helper()
	var out []string
	for _, f := range FactsOf[fact.FlowFacts](Build(tb, manifests...)) {
		if f.Need != need {
			continue
		}
		text := string(f.Verdict)
		switch {
		case f.Egress.Verdict == "denied" && f.Ingress.Verdict == "denied":
			text += " by both"
		case f.Egress.Verdict == "denied":
			text += " by egress"
		case f.Ingress.Verdict == "denied":
			text += " by ingress"
		case f.Mesh.Verdict == "denied" || f.Mesh.Verdict == "broken-tls":
			text += ", mesh " + string(f.Mesh.Verdict)
		}
		out = append(out, text)
	}
	return out
}

// CheckVerdict asks about one connection of a tree.
func CheckVerdict(t *testing.T, manifests []string, src, dst, protocol string, port int, want fact.Verdict) {
	t.Helper()
	rows, err := Build(t, manifests...).Sets.Connectivity(connect.ConnectivityOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := NewRows(t, rows).Verdict(src, dst, protocol, port); got != want {
		t.Errorf("%s → %s %s/%d = %s, want %s", src, dst, protocol, port, got, want)
	}
}

// Rows finds rows of connectivity by the ends and the port that they speak of.
type Rows struct {
	rows   map[[2]string][]connect.Connection
	ranges []netipx.IPRange
}

// NewRows takes rows whose ports must be sorted, disjoint and apart.
func NewRows(tb testing.TB, rows []connect.Connection) Rows {
	tb.Helper()
	a := Rows{rows: map[[2]string][]connect.Connection{}}
	for _, row := range rows {
		for i := 1; i < len(row.Ports); i++ {
			if row.Ports[i].First <= row.Ports[i-1].Last+1 {
				tb.Fatalf("ports %v are not sorted, disjoint and apart", row.Ports)
			}
		}
		key := [2]string{row.Src.Name, row.Dst.Name}
		a.rows[key] = append(a.rows[key], row)
		for _, name := range key {
			if r, err := netipx.ParseIPRange(name); err == nil && !slices.Contains(a.ranges, r) {
				a.ranges = append(a.ranges, r)
			}
		}
	}
	return a
}

// Verdict is what the rows say of one connection.
func (a Rows) Verdict(src, dst, protocol string, port int) fact.Verdict {
	return VerdictIn(a.Between(src, dst), protocol, port)
}

// Between lists the rows about two ends.
func (a Rows) Between(src, dst string) []connect.Connection {
	return a.rows[[2]string{a.row(src), a.row(dst)}]
}

// VerdictIn is what rows about two ends say of one port.
func VerdictIn(rows []connect.Connection, protocol string, port int) fact.Verdict {
	for _, row := range rows {
		if row.Protocol == protocol && netset.Intervals(row.Ports).Contains(port) {
			return row.Verdict
		}
	}
	return fact.Denied
}

// row is the name of an end in rows: of an address, the range around it.
func (a Rows) row(name string) string {
	address, err := netip.ParseAddr(name)
	if err != nil {
		return name
	}
	for _, r := range a.ranges {
		if r.Contains(address) {
			return r.String()
		}
	}
	return name
}
