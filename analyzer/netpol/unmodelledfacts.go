package netpol

import (
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol/cni"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// otherGroup are the policies of one kind and namespace.
type otherGroup struct {
	first           *OtherPolicy
	ingress, egress bool
	concerns        map[string]bool // workloads by their ID
	refs            []fact.WorkloadRef
}

// UnmodelledSubjects lays out the policies of other kinds, once for each kind
// and namespace: one more of them leaves nothing else to do.
func (s *Network) UnmodelledSubjects() []fact.Subject {
	groups := map[[3]string]*otherGroup{}
	var order []*otherGroup
	for _, p := range s.Unmodelled.policies {
		key := [3]string{p.Group(), p.Kind, p.Namespace}
		g := groups[key]
		if g == nil {
			g = &otherGroup{first: p, concerns: map[string]bool{}}
			groups[key] = g
			order = append(order, g)
		}
		before := len(g.refs)
		g.ingress = g.unite(p.ingress) || g.ingress
		g.egress = g.unite(p.egress) || g.egress
		if before == 0 && len(g.refs) > 0 {
			g.first = p // that leaves anything open
		}
	}
	out := make([]fact.Subject, 0, len(order))
	for _, g := range order {
		out = append(out, g.subject())
	}
	return out
}

// unite adds the workloads, if there are any. Of implied ones nobody knows
// enough to be left in the dark.
func (g *otherGroup) unite(workloads []*inventory.Workload) bool {
	found := false
	for _, w := range workloads {
		if w.Implied {
			continue
		}
		found = true
		if !g.concerns[w.ID] {
			g.concerns[w.ID] = true
			g.refs = append(g.refs, w.Ref())
		}
	}
	return found
}

func (g *otherGroup) subject() fact.Subject {
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
