package analyzer

import (
	"maps"
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/source"
)

// unmodelled are policies of other kinds that may change what NetworkPolicies
// decide. What they admit is not computed; whom they select is, so that only
// the verdicts about those workloads become unknown.
type unmodelled struct {
	unread   bool // a document of such a kind could not be read
	policies []*otherPolicy
}

// otherPolicy is a policy of another kind, as far as it is understood.
type otherPolicy struct {
	*source.Object
	scopes []otherScope
	// What it leaves open, after resolveOthers.
	ingress, egress []*Workload
}

// otherScope is whom one part of a policy selects, and in which directions it
// can change a verdict. Anything that was not understood selects unknowably.
type otherScope struct {
	ingress, egress bool
	within          func(*namespace) Tri // nil: the policy's own namespace
	pods            func(*Workload) Tri
	hint            selector // labels that the pods must have, for the index
	nodes           bool     // it selects nodes, and with them pods of the host network
	nodesOnly       bool
}

// everything is what a policy may do that could not be read: in its namespace,
// if it names one, and to nodes too, if not.
func everything(o *source.Object) otherScope {
	out := otherScope{ingress: true, egress: true, hint: every(), pods: unknowable}
	if o.Namespace == "" {
		out.within, out.nodes = anyNamespace, true
	}
	return out
}

func anyNamespace(*namespace) Tri { return Yes }

func unknowable(*Workload) Tri { return Unknown }

func everyPodOf(*Workload) Tri { return Yes }

// note remembers a policy of Cilium, Calico, Antrea or OVN.
func (u *unmodelled) note(o *source.Object) {
	if scopes := otherScopes(o); len(scopes) > 0 {
		u.policies = append(u.policies, &otherPolicy{Object: o, scopes: scopes})
	}
}

// add remembers a policy of which nothing is understood.
func (u *unmodelled) add(o *source.Object) {
	u.policies = append(u.policies, &otherPolicy{Object: o, scopes: []otherScope{everything(o)}})
}

// otherUnknown reports that a policy of another kind may decide otherwise.
func (s *setModel) otherUnknown(w *Workload, d direction) bool {
	return s.unmodeled.unread || w.other(d) != nil
}

// other returns a policy that nothing here understands, nil if none concerns
// the workload in that direction.
func (w *Workload) other(d direction) *source.Object {
	p := w.selection.others[d]
	if p == nil {
		return nil
	}
	return p.Object
}

// resolveOthers finds the workloads that policies of other kinds may select.
func (s *setModel) resolveOthers() {
	for kind := range s.gaps.kinds {
		s.unmodeled.unread = s.unmodeled.unread || otherKind(kind)
	}
	if len(s.unmodeled.policies) == 0 {
		return
	}
	x := otherIndex{named: s.namespaces}
	for _, name := range slices.Sorted(maps.Keys(s.namespaces)) {
		x.all = append(x.all, s.namespaces[name])
		if openName(name) {
			x.open = append(x.open, s.namespaces[name])
		}
	}
	for _, w := range s.workloads {
		x.every.add(w)
		if w.hostNetwork() {
			x.hosts = append(x.hosts, w)
		}
	}
	for _, p := range s.unmodeled.policies {
		for i := range p.scopes {
			p.resolve(&p.scopes[i], &x)
		}
	}
}

// otherIndex is where policies of other kinds look for workloads.
type otherIndex struct {
	named     map[string]*namespace
	all, open []*namespace // by name; open are those that may be any other
	every     workloadIndex
	hosts     []*Workload // of the host network
}

// openName reports a namespace that may be any: the object names none, or
// another tool fills it in.
func openName(namespace string) bool { return namespace == "" || isPlaceholder(namespace) }

// among lists the workloads that a scope may select, by its labels where it
// has some and by its namespaces where not.
func (x *otherIndex) among(p *otherPolicy, scope *otherScope) []*Workload {
	namespaces := x.all
	if scope.within == nil && !openName(p.Namespace) {
		namespaces = slices.Clone(x.open)
		if own := x.named[p.Namespace]; own != nil {
			namespaces = append(namespaces, own)
		}
	} else if len(scope.hint.equalities()) > 0 {
		return slices.DeleteFunc(slices.Clone(x.every.candidates(scope.hint)), func(w *Workload) bool { return !scope.covers(w.ns) })
	}
	var out []*Workload
	for _, ns := range namespaces {
		if scope.covers(ns) {
			out = append(out, ns.index.candidates(scope.hint)...)
		}
	}
	return out
}

func (s *otherScope) covers(ns *namespace) bool { return s.within == nil || s.within(ns) != No }

func (p *otherPolicy) resolve(scope *otherScope, x *otherIndex) {
	if scope.nodes {
		for _, w := range x.hosts {
			p.concern(w, scope)
		}
	}
	if scope.nodesOnly {
		return
	}
	for _, w := range x.among(p, scope) {
		if !w.hostNetwork() && scope.pods(w) != No { // traffic of the host network is the node's
			p.concern(w, scope)
		}
	}
}

// concern notes that a policy leaves the verdicts about a workload open. The
// first such policy of each direction stands for all.
func (p *otherPolicy) concern(w *Workload, scope *otherScope) {
	note := func(d direction, list *[]*Workload) {
		if w.selection.others == nil {
			w.selection.others = map[direction]*otherPolicy{}
		}
		if w.selection.others[d] == nil {
			w.selection.others[d] = p
		}
		*list = append(*list, w)
	}
	if scope.ingress {
		note(ingress, &p.ingress)
	}
	if scope.egress {
		note(egress, &p.egress)
	}
}

// otherKind recognises the kinds that otherScopes and the tiers read, by their
// name alone: of a document that could not be read the group may be unknown.
func otherKind(kind string) bool {
	return slices.Contains([]string{
		"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy", "EgressFirewall",
		"ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy",
	}, kind)
}
