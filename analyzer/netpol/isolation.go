package netpol

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Isolation says whether policies isolate the workload in one direction, by
// which policy, and whether a rule of theirs admits anything.
func (n *Network) Isolation(w *inventory.Workload, d fact.Direction) fact.IsolationFacts {
	if d == fact.Ingress {
		return n.isolations[w].ingress
	}
	return n.isolations[w].egress
}

// IsolatedIn answers whether policies isolate the workload in one direction.
func (n *Network) IsolatedIn(w *inventory.Workload, d fact.Direction) fact.Tri {
	return n.Isolation(w, d).Isolated
}

// isolations holds the answers about both directions of a workload.
type isolations struct{ ingress, egress fact.IsolationFacts }

// isolate decides for every workload in both directions, and then for every
// namespace.
func (n *Network) isolate() {
	n.isolations = map[*inventory.Workload]isolations{}
	anchors := map[openKey]fact.Source{}
	for _, w := range n.inventory.Workloads {
		n.isolations[w] = isolations{n.isolation(w, fact.Ingress, anchors), n.isolation(w, fact.Egress, anchors)}
	}
	n.defaultDenies = map[*inventory.Namespace]DefaultDeny{}
	for _, ns := range n.namespaces {
		n.defaultDenies[ns] = n.defaultDeny(ns)
	}
}

// isolation decides for one workload and direction; anchors collects what
// openAnchor found.
func (n *Network) isolation(w *inventory.Workload, d fact.Direction, anchors map[openKey]fact.Source) fact.IsolationFacts {
	f := fact.IsolationFacts{Isolated: fact.No, Admits: "somebody"}
	if w.HostNetwork() {
		return f
	}
	f.Isolated, f.From = n.isolated(w, d)
	if f.From.Object != nil {
		f.Names = map[string]string{"policy": fact.RefPlain(f.From.Object)}
	}
	if f.Isolated == fact.No {
		f.From = n.openAnchor(w, d, anchors)
	}
	f.Admits = n.admits(w, d, f.Isolated)
	return f
}

// isolated answers whether policies isolate the workload, and by which policy.
func (n *Network) isolated(w *inventory.Workload, d fact.Direction) (fact.Tri, fact.Source) {
	self := n.EndpointOf[w]
	v := self.View(d)
	switch {
	case len(v.Definite) > 0:
		return fact.Yes, isolatingSource(v.Definite)
	case len(v.Possible) > 0 || w.Implied || n.policyUnknown(w, d):
		return fact.Unknown, fact.Source{}
	case len(v.Tiers.Admin)+len(v.Tiers.Baseline) > 0:
		t := slices.Concat(v.Tiers.Admin, v.Tiers.Baseline)[0]
		return n.restricted(self, d), fact.Source{Object: t.Object, Path: yaml.Path{"spec", "subject"}}
	}
	return fact.No, fact.Source{}
}

// openAnchor returns the place at which it is reported that nothing isolates
// the workloads of a namespace: the Namespace object or, without one, the first
// workload that is not isolated.
func (n *Network) openAnchor(w *inventory.Workload, d fact.Direction, anchors map[openKey]fact.Source) fact.Source {
	if w.Ns.Declared == fact.Yes {
		return w.Ns.Anchor
	}
	key := openKey{w.Ns, d, w.RunsAI()}
	if found, ok := anchors[key]; ok {
		return found
	}
	anchor := w.Anchor()
	for _, other := range w.Ns.Index.All {
		if other.Implied || other.HostNetwork() || other.RunsAI() != w.RunsAI() {
			continue
		}
		if isolated, _ := n.isolated(other, d); isolated == fact.No {
			anchor = other.Anchor()
			break
		}
	}
	anchors[key] = anchor
	return anchor
}

// openKey groups the workloads whose "not isolated" finding is reported at one
// place: same namespace, same direction, and all of them AI workloads or none.
type openKey struct {
	ns *inventory.Namespace
	d  fact.Direction
	ai bool
}

// isolatingSource names one of several policies that isolate: a policy for every
// pod of the namespace if there is one, because it isolates the others too.
func isolatingSource(policies []*Policy) fact.Source {
	best := policies[0]
	for _, p := range policies {
		if p.Selector.Empty() {
			best = p
			break
		}
	}
	return fact.Source{Object: best.Object, Path: yaml.Path{"spec", "podSelector"}}
}

// restricted answers for an endpoint that only tier policies select: no if they
// leave all ports open to every pod and address, yes if they leave none open.
func (n *Network) restricted(self *Endpoint, d fact.Direction) fact.Tri {
	open, closed := true, true
	for _, peer := range slices.Concat([]*Endpoint{n.AnyPod}, n.Addresses) {
		dst := peer
		if d == fact.Ingress {
			dst = self
		}
		found := PermitOn(d, self, peer, dst)
		open, closed = open && found.Definite.Whole(), closed && found.Possible.Empty()
	}
	switch {
	case open:
		return fact.No
	case closed:
		return fact.Yes
	default:
		return fact.Unknown
	}
}

// admits answers with "somebody", "nobody" or "unknown" whether a rule in force
// admits anything. A rule whose peers are not in the tree counts: it is written
// for pods that exist elsewhere.
func (n *Network) admits(w *inventory.Workload, d fact.Direction, isolated fact.Tri) string {
	v := n.EndpointOf[w].View(d)
	switch {
	case isolated == fact.No:
		return "somebody"
	case isolated == fact.Unknown || len(v.Possible) > 0 || v.unread || n.policyUnknown(w, d):
		return "unknown"
	case len(v.Tiers.Admin) > 0:
		return "unknown"
	}
	for _, p := range v.Definite {
		if slices.ContainsFunc(p.Rules, func(r *Rule) bool { return r.Direction == d }) {
			return "somebody"
		}
	}
	return "nobody"
}

// HostFacts says whether NetworkPolicies select a pod on the host network, on
// which they are not enforced. It names a policy that was written for the pod
// rather than one for every pod of the namespace.
func (n *Network) HostFacts(w *inventory.Workload) fact.HostFacts {
	f := fact.HostFacts{Selected: "none"}
	if !w.HostNetwork() {
		return f
	}
	f.From = w.PodSource("spec", "hostNetwork")
	f.NodeAgent = w.Kind == "DaemonSet" || w.Owner == "DaemonSet" || w.Platform
	for _, p := range n.selection(w).definite {
		if f.Selected == "none" || !p.Selector.Empty() {
			f.Selected = "all"
			f.Policy = fact.PlaceFacts{Present: true, Evidence: fact.Evidence{
				From:  fact.Source{Object: p.Object, Path: yaml.Path{"spec", "podSelector"}},
				Names: map[string]string{"policy": fact.RefPlain(p.Object)},
			}}
		}
		if !p.Selector.Empty() {
			f.Selected = "some"
			break
		}
	}
	if f.Policy.Present {
		f.Names = f.Policy.Names
	}
	return f
}

// DefaultDeny says whether the ingress of a namespace is denied by default.
type DefaultDeny struct {
	Answer      fact.Tri // a policy selects every pod of the namespace, so that it holds for future pods
	AllIsolated bool     // policies isolate every workload that the namespace has now
}

// DefaultDeny answers for a namespace of the inventory.
func (n *Network) DefaultDeny(ns *inventory.Namespace) DefaultDeny { return n.defaultDenies[ns] }

func (n *Network) defaultDeny(ns *inventory.Namespace) DefaultDeny {
	answer, all := fact.No, true
	for _, p := range n.PoliciesIn[ns] {
		if p.ingress && p.Selector.Empty() {
			answer = fact.Yes
		}
	}
	for _, w := range ns.Index.All {
		if w.HostNetwork() {
			continue
		}
		isolated := n.IsolatedIn(w, fact.Ingress)
		all = all && isolated == fact.Yes
		if answer == fact.No && (isolated == fact.Unknown || len(n.EndpointOf[w].Ingress.Tiers.Baseline) > 0) {
			answer = fact.Unknown
		}
	}
	// Objects that name no namespace may end up in different ones.
	if answer == fact.No && (ns.Name == "" || n.MayHaveUnread(ns)) {
		answer = fact.Unknown
	}
	return DefaultDeny{answer, all}
}
