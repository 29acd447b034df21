package netpol

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// isolation answers whether policies restrict the workload in one direction,
// and whether they let anybody through at all.
func (s *Network) isolation(w *inventory.Workload, d fact.Direction) fact.IsolationFacts {
	f := fact.IsolationFacts{Isolated: fact.No, Admits: "somebody"}
	if w.HostNetwork() {
		return f
	}
	f.Isolated, f.From = s.isolated(w, d)
	if f.From.Object != nil {
		f.Names = map[string]string{"policy": fact.RefPlain(f.From.Object)}
	}
	if f.Isolated == fact.No {
		f.From = s.openAnchor(w, d)
	}
	f.Admits = s.admits(s.PartyOf[w].View(d), d, w, f.Isolated)
	return f
}

// isolations are what policies make of both directions of a workload.
type isolations struct{ Ingress, Egress fact.IsolationFacts }

// IsolatedIn reports whether policies isolate the workload in one direction.
func (s *Network) IsolatedIn(w *inventory.Workload, d fact.Direction) fact.Tri {
	if d == fact.Ingress {
		return s.Isolations[w].Ingress.Isolated
	}
	return s.Isolations[w].Egress.Isolated
}

// isolate answers for every workload, in both directions.
func (s *Network) isolate() {
	for _, w := range s.inventory.Workloads {
		s.Isolations[w] = isolations{s.isolation(w, fact.Ingress), s.isolation(w, fact.Egress)}
	}
	for _, ns := range s.namespaces {
		s.DefaultDenies[ns] = s.defaultDeny(ns)
	}
}

// isolated answers the first question, and by which policy.
func (s *Network) isolated(w *inventory.Workload, d fact.Direction) (fact.Tri, fact.Source) {
	self := s.PartyOf[w]
	side := self.View(d)
	switch {
	case len(side.Definite) > 0:
		return fact.Yes, isolatingSource(side.Definite)
	case len(side.Possible) > 0 || w.Implied || s.policyUnknown(w, d):
		return fact.Unknown, fact.Source{}
	case len(side.Tiers.Admin)+len(side.Tiers.Baseline) > 0:
		t := slices.Concat(side.Tiers.Admin, side.Tiers.Baseline)[0]
		return s.restricted(self, d), fact.Source{Object: t.Object, Path: yaml.Path{"spec", "subject"}}
	}
	return fact.No, fact.Source{}
}

// openAnchor is where it is said of a whole namespace that nothing isolates its
// workloads: the Namespace object or, without one, the first workload that it
// is said of.
func (s *Network) openAnchor(w *inventory.Workload, d fact.Direction) fact.Source {
	if w.Ns.Declared == fact.Yes {
		return w.Ns.Anchor
	}
	key := openKey{w.Ns, d, w.RunsAI()}
	if found, ok := s.openAnchors[key]; ok {
		return found
	}
	anchor := w.Anchor()
	for _, other := range w.Ns.Index.All {
		if other.Implied || other.HostNetwork() || other.RunsAI() != w.RunsAI() {
			continue
		}
		if isolated, _ := s.isolated(other, d); isolated == fact.No {
			anchor = other.Anchor()
			break
		}
	}
	s.openAnchors[key] = anchor
	return anchor
}

// openKey groups workloads whose "not isolated" finding is reported once: same
// namespace, same direction, same AI weight.
type openKey struct {
	ns *inventory.Namespace
	d  fact.Direction
	ai bool
}

// isolatingSource is the policy to name where several isolate: the one that is
// written for the most pods, because it is the one that must be known of.
func isolatingSource(policies []*Policy) fact.Source {
	best := policies[0]
	for _, p := range policies {
		if p.Sel.Empty() {
			best = p
			break
		}
	}
	return fact.Source{Object: best.Object, Path: yaml.Path{"spec", "podSelector"}}
}

// restricted answers for workloads that only the tiers speak of: no if they
// leave every pod and address all ports, yes if they leave none of them any.
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

// admits answers whether any rule lets somebody through. A rule whose peers are
// not in the tree counts: it is written for somebody.
func (s *Network) admits(side *PolicyView, d fact.Direction, w *inventory.Workload, isolated fact.Tri) string {
	switch {
	case isolated == fact.No:
		return "somebody"
	case isolated == fact.Unknown || len(side.Possible) > 0 || side.Unread || s.policyUnknown(w, d):
		return "unknown"
	case len(side.Tiers.Admin) > 0:
		return "unknown"
	}
	for _, p := range side.Definite {
		if slices.ContainsFunc(p.Rules, func(r *Rule) bool { return r.Direction == d }) {
			return "somebody"
		}
	}
	return "nobody"
}

// HostFacts names the policy that was meant for a pod on the host network.
func (s *Network) HostFacts(w *inventory.Workload) fact.HostFacts {
	f := fact.HostFacts{Selected: "none"}
	if !w.HostNetwork() {
		return f
	}
	f.From = w.PodSource("spec", "hostNetwork")
	f.NodeAgent = w.Kind == "DaemonSet" || w.Owner == "DaemonSet" || w.Platform
	for _, p := range s.selection(w).policies {
		if f.Selected == "none" || !p.Sel.Empty() {
			f.Selected = "all"
			f.Policy = fact.PlaceFacts{Present: true, Evidence: fact.Evidence{
				From:  fact.Source{Object: p.Object, Path: yaml.Path{"spec", "podSelector"}},
				Names: map[string]string{"policy": fact.RefPlain(p.Object)},
			}}
		}
		if !p.Sel.Empty() {
			f.Selected = "some"
			break
		}
	}
	if f.Policy.Present {
		f.Names = f.Policy.Names
	}
	return f
}

// defaultDeny answers whether a policy of a namespace holds for pods yet to
// come, and whether policies isolate all workloads of today without it.
type defaultDeny struct {
	Answer fact.Tri
	All    bool
}

func (s *Network) defaultDeny(ns *inventory.Namespace) defaultDeny {
	answer, all := fact.No, true
	for _, p := range s.PoliciesIn[ns] {
		if p.ingress && p.Sel.Empty() {
			answer = fact.Yes
		}
	}
	for _, w := range ns.Index.All {
		if w.HostNetwork() {
			continue
		}
		isolated := s.IsolatedIn(w, fact.Ingress)
		all = all && isolated == fact.Yes
		if answer == fact.No && (isolated == fact.Unknown || len(s.PartyOf[w].In.Tiers.Baseline) > 0) {
			answer = fact.Unknown
		}
	}
	// Objects without a namespace need never meet.
	if answer == fact.No && (ns.Name == "" || s.MayHaveUnread(ns)) {
		answer = fact.Unknown
	}
	return defaultDeny{answer, all}
}

// Section is the place at which the policy would be changed to admit more.
func (p *Policy) Section(d fact.Direction) fact.Source {
	for _, field := range []string{string(d), "policyTypes"} {
		if path := (yaml.Path{"spec", field}); p.Node(path) != nil {
			return fact.Source{Object: p.Object, Path: path, Key: true}
		}
	}
	return fact.Source{Object: p.Object, Path: yaml.Path{"spec", "podSelector"}, Key: true}
}
