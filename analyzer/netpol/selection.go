package netpol

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// selectedBy holds the policies that select a workload.
type selectedBy struct {
	definite, possible []*Policy // possible: labels that are not known decide
	unmodelled         map[fact.Direction]*unmodelledPolicy
}

// resolvePolicies finds the workloads that each NetworkPolicy selects.
func (n *Network) resolvePolicies() {
	for _, p := range n.Policies {
		p.selected, p.possiblySelected = p.ns.Index.Match(p.Selector)
		for _, w := range p.selected {
			by := n.addSelection(w)
			by.definite = append(by.definite, p)
		}
		for _, w := range p.possiblySelected {
			by := n.addSelection(w)
			by.possible = append(by.possible, p)
		}
	}
}

func (n *Network) addSelection(w *inventory.Workload) *selectedBy {
	by := n.selections[w]
	if by == nil {
		by = &selectedBy{}
		n.selections[w] = by
	}
	return by
}

// selection returns what selects a workload, empty if nothing does.
func (n *Network) selection(w *inventory.Workload) selectedBy {
	if by := n.selections[w]; by != nil {
		return *by
	}
	return selectedBy{}
}

// inForce returns the policies that isolate the workload in one direction, and
// those that may: it is not known whether they select it.
func (n *Network) inForce(w *inventory.Workload, d fact.Direction) (definite, possible []*Policy) {
	by := n.selection(w)
	for _, p := range by.definite {
		if p.isolates(d) {
			definite = append(definite, p)
		}
	}
	for _, p := range by.possible {
		if p.isolates(d) {
			possible = append(possible, p)
		}
	}
	return definite, possible
}

// policyUnknown reports that policies may apply that were not read or are of a
// kind that is not evaluated.
func (n *Network) policyUnknown(w *inventory.Workload, d fact.Direction) bool {
	return n.policyUnread(w) || n.UnmodelledMayApply(w, d)
}

// policyUnread reports that a NetworkPolicy may select the workload that is not
// among those that do: it was not read, or it is in a namespace that may be the
// workload's.
func (n *Network) policyUnread(w *inventory.Workload) bool {
	const kind = "NetworkPolicy"
	return n.inventory.Gaps.Hides(kind, w.Namespace) || n.inventory.Stray(kind, w) != nil || n.unnamedMaySelect(w) || decode.IsPlaceholder(w.Namespace) || w.OperatorAddsPolicies()
}

// unnamedMaySelect reports a policy that would select the workload if both were
// in one namespace, which only one of them names.
func (n *Network) unnamedMaySelect(w *inventory.Workload) bool {
	unnamed := n.inventory.Namespaces[""]
	if unnamed == nil {
		return false
	}
	policies := n.PoliciesIn[unnamed]
	if w.Namespace == "" {
		policies = n.Policies
	}
	return slices.ContainsFunc(policies, func(p *Policy) bool {
		return (p.Namespace == "") != (w.Namespace == "") && p.Selector.Matches(w.LabelSet) != fact.No
	})
}

// MayHaveUnread reports that NetworkPolicies may select some workload of a
// namespace that are not among those that are known to.
func (n *Network) MayHaveUnread(ns *inventory.Namespace) bool {
	return n.inventory.Gaps.Hides("NetworkPolicy", ns.Name) || slices.ContainsFunc(ns.Index.All, n.policyUnread)
}
