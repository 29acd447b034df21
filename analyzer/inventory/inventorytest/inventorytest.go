// Package inventorytest makes inventories for the tests of the packages that
// rest on one.
package inventorytest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Scope reads manifests that must parse, as objects that meet each other.
func Scope(tb testing.TB, manifests ...string) *source.Scope {
	tb.Helper()
	tree, err := loader.Load(context.Background(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(sample.Join(manifests...))})
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range tree.Problems {
		tb.Fatalf("the test's own manifests do not parse: %s at %d:%d", p.Message, p.Span.Start.Line, p.Span.Start.Col)
	}
	if len(tree.Scopes) != 1 {
		tb.Fatalf("%d scopes", len(tree.Scopes))
	}
	return tree.Scopes[0]
}

// New makes the inventory of one scope, in a mesh whose root namespace is
// istio-system.
func New(tb testing.TB, manifests ...string) *inventory.Inventory {
	tb.Helper()
	return Of(Scope(tb, manifests...))
}

// Of makes the inventory of a scope that stands alone.
func Of(scope *source.Scope) *inventory.Inventory {
	siblings := inventory.NewSiblings([]*source.Scope{scope})
	return inventory.New(scope, decode.All(scope.Objects), siblings, 0, inventory.Root{Namespace: "istio-system"}, inventory.NewTables())
}

// Workload finds one by its id, such as ai/w[Pod].
func Workload(tb testing.TB, s *inventory.Inventory, id string) *inventory.Workload {
	tb.Helper()
	i := slices.IndexFunc(s.Workloads, func(w *inventory.Workload) bool { return w.ID == id })
	if i < 0 {
		tb.Fatalf("no workload %s among %d", id, len(s.Workloads))
	}
	return s.Workloads[i]
}

// Destinations writes where a Service or route leads: `llm:8000/TCP`.
func Destinations(list []inventory.Destination) string {
	out := make([]string, 0, len(list))
	for _, d := range list {
		out = append(out, fmt.Sprintf("%s:%d/%s", d.W.Name, d.Port.Number, d.Port.Protocol))
	}
	return strings.Join(out, " ")
}
