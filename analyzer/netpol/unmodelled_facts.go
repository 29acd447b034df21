package netpol

import (
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol/cni"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// unmodelledGroup holds the policies of one kind and namespace.
type unmodelledGroup struct {
	first           *unmodelledPolicy
	ingress, egress bool            // the directions that they leave open
	seen            map[string]bool // workloads in refs, by ID
	refs            []fact.WorkloadRef
}

// UnmodelledSubjects lays out the policies of kinds that are not evaluated, one
// subject for each kind and namespace: several policies of one kind ask for the
// same action.
func (n *Network) UnmodelledSubjects() []fact.Subject {
	groups := map[[3]string]*unmodelledGroup{}
	var order []*unmodelledGroup
	for _, p := range n.unmodelled.policies {
		key := [3]string{p.Group(), p.Kind, p.Namespace}
		g := groups[key]
		if g == nil {
			g = &unmodelledGroup{first: p, seen: map[string]bool{}}
			groups[key] = g
			order = append(order, g)
		}
		before := len(g.refs)
		g.ingress = g.add(p.ingress) || g.ingress
		g.egress = g.add(p.egress) || g.egress
		if before == 0 && len(g.refs) > 0 {
			g.first = p // the first that leaves anything open
		}
	}
	out := make([]fact.Subject, 0, len(order))
	for _, g := range order {
		out = append(out, g.subject())
	}
	return out
}

// add adds workloads and reports whether there were any. It leaves out inferred
// ones, about which little is known in any case.
func (g *unmodelledGroup) add(workloads []*inventory.Workload) bool {
	found := false
	for _, w := range workloads {
		if w.Implied {
			continue
		}
		found = true
		if !g.seen[w.ID] {
			g.seen[w.ID] = true
			g.refs = append(g.refs, w.Ref())
		}
	}
	return found
}

func (g *unmodelledGroup) subject() fact.Subject {
	f := &fact.UnmodelledPolicyFacts{Family: cni.Family(g.first.Group()), UnknownDirections: "none"}
	directions := ""
	switch {
	case g.ingress && g.egress:
		f.UnknownDirections, directions = "both", "ingress and egress"
	case g.ingress:
		f.UnknownDirections, directions = "ingress", "ingress"
	case g.egress:
		f.UnknownDirections, directions = "egress", "egress"
	}
	scope := "the cluster"
	if g.first.Namespace != "" {
		scope = "namespace `" + g.first.Namespace + "`"
	}
	count := strconv.Itoa(len(g.refs)) + " workloads"
	if len(g.refs) == 1 {
		count = "1 workload"
	}
	return fact.Subject{Type: "unmodelled_policy", Facts: f, Evidence: fact.Evidence{
		From:      fact.Source{Object: g.first.Object, Path: yaml.Path{"metadata", "name"}},
		Workloads: g.refs,
		Names:     map[string]string{"kind": g.first.Kind, "scope": scope, "directions": directions, "count": count},
	}}
}
