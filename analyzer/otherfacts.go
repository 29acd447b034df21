package analyzer

import (
	"strconv"

	"github.com/aisec-lint/aisec-lint/loader"
)

// UnmodelledPolicyFacts is input.unmodelled_policy: the policies of one kind
// and namespace that are not evaluated.
type UnmodelledPolicyFacts struct {
	Family string `json:"family" enum:"cilium,calico,antrea,ovn,tiers" doc:"whose policies they are; cilium: cilium.io; calico: Calico's two groups; antrea: crd.antrea.io; ovn: k8s.ovn.org and OpenShift's network.openshift.io; tiers: policy.networking.k8s.io, in a form that is not known"`
	Leaves string `json:"leaves" enum:"none,ingress,egress,both" doc:"in which directions of workloads of the tree they leave open who may connect; none: in none; ingress: who connects to them; egress: where they connect to; both: both"`
}

// otherGroup are the policies of one kind and namespace.
type otherGroup struct {
	first           *otherPolicy
	ingress, egress bool
	concerns        map[string]bool // workloads by their ID
	refs            []WorkloadRef
}

// unmodelledSubjects lays out the policies of other kinds, once for each kind
// and namespace: one more of them leaves nothing else to do.
func (s *setModel) unmodelledSubjects() []Subject {
	groups := map[[3]string]*otherGroup{}
	var order []*otherGroup
	for _, p := range s.unmodeled.policies {
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
	out := make([]Subject, 0, len(order))
	for _, g := range order {
		out = append(out, g.subject())
	}
	return out
}

// unite adds the workloads, if there are any. Of implied ones nobody knows
// enough to be left in the dark.
func (g *otherGroup) unite(workloads []*Workload) bool {
	found := false
	for _, w := range workloads {
		if w.implied {
			continue
		}
		found = true
		if !g.concerns[w.ID] {
			g.concerns[w.ID] = true
			g.refs = append(g.refs, w.ref())
		}
	}
	return found
}

func (g *otherGroup) subject() Subject {
	f := &UnmodelledPolicyFacts{Family: family(g.first.Group()), Leaves: "none"}
	directions := ""
	switch {
	case g.ingress && g.egress:
		f.Leaves, directions = "both", "ingress and egress"
	case g.ingress:
		f.Leaves, directions = "ingress", "ingress"
	case g.egress:
		f.Leaves, directions = "egress", "egress"
	}
	scope := "the cluster"
	if g.first.Namespace != "" {
		scope = "namespace `" + g.first.Namespace + "`"
	}
	count := strconv.Itoa(len(g.refs)) + " workloads"
	if len(g.refs) == 1 {
		count = "1 workload"
	}
	return Subject{Type: "unmodelled_policy", Facts: f, Evidence: Evidence{
		From:      Source{Object: g.first.Object, Path: loader.Path{"metadata", "name"}},
		Workloads: g.refs,
		Names:     map[string]string{"kind": g.first.Kind, "scope": scope, "directions": directions, "count": count},
	}}
}

func family(group string) string {
	switch group {
	case "cilium.io":
		return "cilium"
	case "crd.antrea.io":
		return "antrea"
	case "k8s.ovn.org", "network.openshift.io":
		return "ovn"
	case tierGroup:
		return "tiers"
	}
	return "calico"
}

// otherReasons names a policy of another kind that may decide otherwise.
func (a *account) otherReasons() []Reason {
	if a.self.Workload == nil {
		return nil
	}
	o := a.self.Workload.other(a.d)
	if o == nil {
		return nil
	}
	return []Reason{{o, nil, "is a policy of a kind that is not modelled and may decide otherwise"}}
}
