package netpol

import (
	"maps"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol/cni"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// unmodelledPolicies are policies of kinds that are not evaluated and may change
// what NetworkPolicies decide: those of Cilium, Calico, Antrea and OVN, and tier
// policies that are not understood. What they admit is not computed; the pods
// that they may select are, so that only the verdicts about these are unknown.
type unmodelledPolicies struct {
	unread   bool // a document of such a kind could not be read
	policies []*unmodelledPolicy
}

// unmodelledPolicy is one of them.
type unmodelledPolicy struct {
	*source.Object
	scopes []cni.Scope
	// The workloads whose connections it leaves open, after resolveUnmodelled.
	ingress, egress []*inventory.Workload
}

// note keeps an object that is a policy of Cilium, Calico, Antrea or OVN.
func (u *unmodelledPolicies) note(o *source.Object) {
	if scopes := cni.Scopes(o); len(scopes) > 0 {
		u.policies = append(u.policies, &unmodelledPolicy{Object: o, scopes: scopes})
	}
}

// addEverything keeps a policy that is not understood at all.
func (u *unmodelledPolicies) addEverything(o *source.Object) {
	u.policies = append(u.policies, &unmodelledPolicy{Object: o, scopes: []cni.Scope{cni.Everything(o)}})
}

// UnmodelledMayApply reports that a policy of a kind that is not evaluated, read
// or not, may decide about the workload in that direction.
func (n *Network) UnmodelledMayApply(w *inventory.Workload, d fact.Direction) bool {
	return n.unmodelled.unread || n.UnmodelledPolicy(w, d) != nil
}

// UnmodelledPolicy returns the first policy of a kind that is not evaluated and
// may select the workload in that direction, nil if there is none.
func (n *Network) UnmodelledPolicy(w *inventory.Workload, d fact.Direction) *source.Object {
	p := n.selection(w).unmodelled[d]
	if p == nil {
		return nil
	}
	return p.Object
}

// resolveUnmodelled finds the workloads that such policies may select.
func (n *Network) resolveUnmodelled() {
	for _, gap := range n.inventory.Gaps.List {
		n.unmodelled.unread = n.unmodelled.unread || cni.IsKind(gap.Kind)
	}
	if len(n.unmodelled.policies) == 0 {
		return
	}
	x := scopeIndex{named: n.inventory.Namespaces}
	for _, name := range slices.Sorted(maps.Keys(n.inventory.Namespaces)) {
		x.all = append(x.all, n.inventory.Namespaces[name])
		if inventory.OpenName(name) {
			x.open = append(x.open, n.inventory.Namespaces[name])
		}
	}
	for _, w := range n.inventory.Workloads {
		x.every.Add(w)
		if w.HostNetwork() {
			x.hosts = append(x.hosts, w)
		}
	}
	for _, p := range n.unmodelled.policies {
		for i := range p.scopes {
			n.resolveScope(p, &p.scopes[i], &x)
		}
	}
}

// scopeIndex finds the workloads that a scope may select.
type scopeIndex struct {
	named     map[string]*inventory.Namespace
	all, open []*inventory.Namespace // by name; open are those whose name is not known
	every     inventory.WorkloadIndex
	hosts     []*inventory.Workload // on the host network
}

// candidates lists the workloads that a scope may select: by its labels where it
// has some, else by its namespaces.
func (x *scopeIndex) candidates(p *unmodelledPolicy, scope *cni.Scope) []*inventory.Workload {
	namespaces := x.all
	if scope.Within == nil && !inventory.OpenName(p.Namespace) {
		namespaces = slices.Clone(x.open)
		if own := x.named[p.Namespace]; own != nil {
			namespaces = append(namespaces, own)
		}
	} else if len(scope.Hint.Equalities()) > 0 {
		return slices.DeleteFunc(slices.Clone(x.every.Candidates(scope.Hint)), func(w *inventory.Workload) bool { return !scope.Covers(w.Ns) })
	}
	var out []*inventory.Workload
	for _, ns := range namespaces {
		if scope.Covers(ns) {
			out = append(out, ns.Index.Candidates(scope.Hint)...)
		}
	}
	return out
}

func (n *Network) resolveScope(p *unmodelledPolicy, scope *cni.Scope, x *scopeIndex) {
	if scope.Nodes {
		for _, w := range x.hosts {
			n.leaveOpen(p, w, scope)
		}
	}
	if scope.NodesOnly {
		return
	}
	for _, w := range x.candidates(p, scope) {
		if !w.HostNetwork() && scope.Pods(w) != fact.No { // traffic of the host network is that of the node
			n.leaveOpen(p, w, scope)
		}
	}
}

// leaveOpen notes that a policy leaves the verdicts about a workload open. Only
// the first such policy of each direction is kept for messages.
func (n *Network) leaveOpen(p *unmodelledPolicy, w *inventory.Workload, scope *cni.Scope) {
	note := func(d fact.Direction, list *[]*inventory.Workload) {
		by := n.addSelection(w)
		if by.unmodelled == nil {
			by.unmodelled = map[fact.Direction]*unmodelledPolicy{}
		}
		if by.unmodelled[d] == nil {
			by.unmodelled[d] = p
		}
		*list = append(*list, w)
	}
	if scope.Ingress {
		note(fact.Ingress, &p.ingress)
	}
	if scope.Egress {
		note(fact.Egress, &p.egress)
	}
}
