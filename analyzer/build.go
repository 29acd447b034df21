package analyzer

import (
	"context"
	"maps"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/authz"
	"github.com/aisec-lint/aisec-lint/analyzer/calls"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/flow"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Model is what the manifests mean: the facts that rules judge.
type Model struct {
	Workloads   []*inventory.Workload
	Subjects    []fact.Subject // in an order that depends on the content alone
	Assumptions []string       // sorted
	Unknowns    []string       // sorted; one sentence per question that the manifests leave open
	Objects     int

	Environments []string // names, in the order of the tree
	// Sets answer questions about connections, scope by scope, in the order of the tree.
	Sets connect.Sets
}

// Build derives the model, scope by scope. It never fails: what cannot be known is
// unknown.
func Build(ctx context.Context, tree *source.Tree) *Model {
	m := &Model{}
	assumed, tables := map[string]bool{}, inventory.NewTables()
	for i := range tree.Problems {
		m.Subjects = append(m.Subjects, problemSubject(&tree.Problems[i]))
	}
	for _, e := range tree.Environments {
		m.Environments = append(m.Environments, e.Name)
	}
	for _, set := range tree.Sets {
		m.Objects += len(set.Objects)
		m.Subjects = append(m.Subjects, inventory.Unapplied(set)...)
	}
	siblings := inventory.NewSiblings(tree.Scopes)
	for i, scope := range tree.Scopes {
		if ctx.Err() != nil {
			break
		}
		s := newAnalysis(scope, siblings, i, tables)
		m.Sets = append(m.Sets, s.layers)
		m.Workloads = append(m.Workloads, s.ownWorkloads()...)
		m.Subjects = append(m.Subjects, inScope(s.subjects(), tree, scope)...)
		m.Unknowns = append(m.Unknowns, s.unknowns()...)
		maps.Copy(assumed, s.assumptions())
	}
	for a := range assumed {
		m.Assumptions = append(m.Assumptions, a)
	}
	slices.Sort(m.Assumptions)
	slices.Sort(m.Unknowns)
	m.Unknowns = slices.Compact(m.Unknowns)
	m.Workloads = workloadsOnce(m.Workloads)
	return m
}

// analysis is one set of objects that are applied together, with what each
// part of the analysis found out about it.
type analysis struct {
	inventory *inventory.Inventory
	network   *netpol.Network
	mesh      *mesh.Mesh
	authz     *authz.Policies
	calls     *calls.Calls
	layers    *connect.Layers
	needs     *flow.Needs

	plaintext map[*inventory.Port][]fact.PlaintextCallerFacts
	conflicts map[*inventory.Port]fact.ProtocolConflictFacts
}

// newAnalysis runs the parts in their order: each is made from those it rests
// on, and none changes after it was made.
func newAnalysis(scope *source.Scope, scopes *inventory.Siblings, place int, tables inventory.Tables) *analysis {
	objects := decode.All(scope.Objects)
	config := mesh.ReadConfig(objects)
	inventory := inventory.New(scope, objects, scopes, place, config.Root(), tables)
	network := netpol.New(inventory)
	mesh := mesh.New(inventory, config)
	policies := authz.New(mesh)
	calls := calls.New(inventory)
	layers := connect.New(network, mesh, policies)
	needs := flow.New(layers, calls)
	return &analysis{
		inventory: inventory, network: network, mesh: mesh, authz: policies, calls: calls, layers: layers, needs: needs,
		plaintext: needs.PlaintextCallers(), conflicts: mesh.ProtocolConflicts(),
	}
}

// assumptions are what was taken for granted of the cluster and the mesh.
func (s *analysis) assumptions() map[string]bool {
	out := map[string]bool{}
	s.network.Assume(out)
	s.mesh.Assume(out)
	s.authz.Assume(out)
	return out
}

func problemSubject(p *source.Problem) fact.Subject {
	return fact.Subject{
		Type:  "document",
		Facts: &fact.DocumentFacts{Cause: p.Cause},
		Evidence: fact.Evidence{
			From:  fact.Source{Span: p.Span},
			Names: map[string]string{"message": p.Message, "help": p.Help},
		},
	}
}
