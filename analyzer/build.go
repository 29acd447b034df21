package analyzer

import (
	"context"
	"maps"
	"slices"

	"github.com/aisec-lint/aisec-lint/loader"
)

// Model is what the manifests mean: the facts that rules judge.
type Model struct {
	Workloads   []*Workload
	Subjects    []Subject // in an order that depends on the content alone
	Assumptions []string  // sorted
	Unknowns    []string  // sorted; one sentence per question that the manifests leave open
	Objects     int

	// Sets answer questions about connections, set by set, in the order of the tree.
	Sets Sets
}

// Build derives the model, set by set. It never fails: what cannot be known is
// unknown.
func Build(ctx context.Context, tree *loader.Tree) *Model {
	m := &Model{}
	assumed, tables := map[string]bool{}, NewTables()
	for i := range tree.Problems {
		m.Subjects = append(m.Subjects, problemSubject(&tree.Problems[i]))
	}
	siblings := newSiblings(tree.Sets)
	several := severalSets(tree)
	for i, set := range tree.Sets {
		if ctx.Err() != nil {
			break
		}
		m.Objects += len(set.Objects)
		unapplied, rest := splitUnapplied(set)
		m.Subjects = append(m.Subjects, unapplied...)
		s := newSetModel(rest, siblings, i, tables)
		m.Sets = append(m.Sets, s.layers)
		m.Workloads = append(m.Workloads, s.inventory.workloads...)
		m.Subjects = append(m.Subjects, inSet(s.subjects(), set, several)...)
		m.Unknowns = append(m.Unknowns, s.unknowns()...)
		maps.Copy(assumed, s.assumptions())
	}
	for a := range assumed {
		m.Assumptions = append(m.Assumptions, a)
	}
	slices.Sort(m.Assumptions)
	slices.Sort(m.Unknowns)
	return m
}

// severalSets reports that more than one set has something to be judged.
func severalSets(tree *loader.Tree) bool {
	n := 0
	for _, set := range tree.Sets {
		if len(set.Objects) > 0 && set.Kind != loader.BesideSet {
			n++
		}
	}
	return n > 1
}

// inSet names the set of subjects, where one is not enough to know it.
func inSet(subjects []Subject, set *loader.Set, several bool) []Subject {
	if several && (set.Kind == loader.KustomizeSet || set.Kind == loader.ChartSet) {
		for i := range subjects {
			subjects[i].Set = set.Root
		}
	}
	return subjects
}

// setModel is one set of objects that are applied together, with what each
// part of the analysis found out about it.
type setModel struct {
	inventory *Inventory
	network   *network
	mesh      *Mesh
	authz     *Policies
	calls     *Calls
	layers    *Layers
	needs     *Needs

	plaintext    map[*port][]OutsiderFacts
	conflicts    map[*port]ProtocolConflictFacts
	policySwitch PlaceFacts
}

// newSetModel runs the parts in their order: each is made from those it rests
// on, and none changes after it was made.
func newSetModel(set *loader.Set, sets *siblings, place int, tables Tables) *setModel {
	objects := decodeAll(set.Objects)
	config := readMeshConfig(objects)
	inventory := NewInventory(set, objects, sets, place, config.root(), tables)
	network := newNetwork(inventory)
	mesh := NewMesh(inventory, config)
	policies := NewPolicies(mesh)
	calls := NewCalls(inventory)
	layers := NewLayers(network, mesh, policies)
	needs := NewNeeds(layers, calls)
	return &setModel{
		inventory: inventory, network: network, mesh: mesh, authz: policies, calls: calls, layers: layers, needs: needs,
		plaintext: needs.plaintextCallers(), conflicts: mesh.protocolConflicts(), policySwitch: policySwitch(set),
	}
}

// assumptions are what was taken for granted of the cluster and the mesh.
func (s *setModel) assumptions() map[string]bool {
	out := map[string]bool{}
	s.network.assume(out)
	s.mesh.assume(out)
	maps.Copy(out, s.authz.assumed)
	return out
}

func problemSubject(p *loader.Problem) Subject {
	return Subject{
		Type:  "document",
		Facts: &DocumentFacts{Cause: p.Cause},
		Evidence: Evidence{
			From:  Source{Span: p.Span},
			Names: map[string]string{"message": p.Message, "help": p.Help},
		},
	}
}
