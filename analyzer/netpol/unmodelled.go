package netpol

import (
	"maps"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol/cni"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// unmodelled are policies of other kinds that may change what NetworkPolicies
// decide. What they admit is not computed; whom they select is, so that only
// the verdicts about those workloads become unknown.
type unmodelled struct {
	Unread   bool // a document of such a kind could not be read
	policies []*OtherPolicy
}

// OtherPolicy is a policy of another kind, as far as it is understood.
type OtherPolicy struct {
	*source.Object
	scopes []cni.Scope
	// What it leaves open, after resolveOthers.
	ingress, egress []*inventory.Workload
}

// note remembers a policy of Cilium, Calico, Antrea or OVN.
func (u *unmodelled) note(o *source.Object) {
	if scopes := cni.Scopes(o); len(scopes) > 0 {
		u.policies = append(u.policies, &OtherPolicy{Object: o, scopes: scopes})
	}
}

// add remembers a policy of which nothing is understood.
func (u *unmodelled) add(o *source.Object) {
	u.policies = append(u.policies, &OtherPolicy{Object: o, scopes: []cni.Scope{cni.Everything(o)}})
}

// OtherUnknown reports that a policy of another kind may decide otherwise.
func (s *Network) OtherUnknown(w *inventory.Workload, d fact.Direction) bool {
	return s.Unmodelled.Unread || s.Other(w, d) != nil
}

// Other returns a policy that nothing here understands, nil if none concerns
// the workload in that direction.
func (s *Network) Other(w *inventory.Workload, d fact.Direction) *source.Object {
	p := s.selection(w).others[d]
	if p == nil {
		return nil
	}
	return p.Object
}

// resolveOthers finds the workloads that policies of other kinds may select.
func (s *Network) resolveOthers() {
	for _, gap := range s.inventory.Gaps.List {
		s.Unmodelled.Unread = s.Unmodelled.Unread || cni.IsKind(gap.Kind)
	}
	if len(s.Unmodelled.policies) == 0 {
		return
	}
	x := otherIndex{named: s.inventory.Namespaces}
	for _, name := range slices.Sorted(maps.Keys(s.inventory.Namespaces)) {
		x.all = append(x.all, s.inventory.Namespaces[name])
		if inventory.OpenName(name) {
			x.open = append(x.open, s.inventory.Namespaces[name])
		}
	}
	for _, w := range s.inventory.Workloads {
		x.every.Add(w)
		if w.HostNetwork() {
			x.hosts = append(x.hosts, w)
		}
	}
	for _, p := range s.Unmodelled.policies {
		for i := range p.scopes {
			s.resolveScope(p, &p.scopes[i], &x)
		}
	}
}

// otherIndex is where policies of other kinds look for workloads.
type otherIndex struct {
	named     map[string]*inventory.Namespace
	all, open []*inventory.Namespace // by name; open are those that may be any other
	every     inventory.WorkloadIndex
	hosts     []*inventory.Workload // of the host network
}

// among lists the workloads that a scope may select, by its labels where it
// has some and by its namespaces where not.
func (x *otherIndex) among(p *OtherPolicy, scope *cni.Scope) []*inventory.Workload {
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

func (s *Network) resolveScope(p *OtherPolicy, scope *cni.Scope, x *otherIndex) {
	if scope.Nodes {
		for _, w := range x.hosts {
			s.concern(p, w, scope)
		}
	}
	if scope.NodesOnly {
		return
	}
	for _, w := range x.among(p, scope) {
		if !w.HostNetwork() && scope.Pods(w) != fact.No { // traffic of the host network is the node's
			s.concern(p, w, scope)
		}
	}
}

// concern notes that a policy leaves the verdicts about a workload open. The
// first such policy of each direction stands for all.
func (s *Network) concern(p *OtherPolicy, w *inventory.Workload, scope *cni.Scope) {
	note := func(d fact.Direction, list *[]*inventory.Workload) {
		by := s.selection(w)
		if by.others == nil {
			by.others = map[fact.Direction]*OtherPolicy{}
		}
		if by.others[d] == nil {
			by.others[d] = p
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
