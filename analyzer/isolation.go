package analyzer

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// isolation answers whether policies restrict the workload in one direction,
// and whether they let anybody through at all.
func (s *setModel) isolation(w *Workload, d direction) IsolationFacts {
	f := IsolationFacts{Isolated: No, Admits: "somebody"}
	if w.hostNetwork() {
		return f
	}
	f.Isolated, f.From = s.isolated(w, d)
	if f.From.Object != nil {
		f.Names = map[string]string{"policy": refPlain(f.From.Object)}
	}
	if f.Isolated == No {
		f.From = s.openAnchor(w, d)
	}
	f.Admits = s.admits(s.network().partyOf[w].side(d), d, w, f.Isolated)
	return f
}

// isolated answers the first question, and by which policy.
func (s *setModel) isolated(w *Workload, d direction) (Tri, Source) {
	self := s.network().partyOf[w]
	side := self.side(d)
	switch {
	case len(side.sure) > 0:
		return Yes, isolatingSource(side.sure)
	case len(side.unsure) > 0 || w.implied || s.policyUnknown(w, d):
		return Unknown, Source{}
	case len(side.tiers.admin)+len(side.tiers.baseline) > 0:
		t := slices.Concat(side.tiers.admin, side.tiers.baseline)[0]
		return s.network().restricted(self, d), Source{Object: t.Object, Path: yaml.Path{"spec", "subject"}}
	}
	return No, Source{}
}

// openAnchor is where it is said of a whole namespace that nothing isolates its
// workloads: the Namespace object or, without one, the first workload that it
// is said of.
func (s *setModel) openAnchor(w *Workload, d direction) Source {
	if w.ns.declared == Yes {
		return w.ns.anchor
	}
	key := openKey{d, w.RunsAI()}
	if found, ok := w.ns.open[key]; ok {
		return found
	}
	anchor := w.anchor()
	for _, other := range w.ns.index.all {
		if other.implied || other.hostNetwork() || other.RunsAI() != w.RunsAI() {
			continue
		}
		if isolated, _ := s.isolated(other, d); isolated == No {
			anchor = other.anchor()
			break
		}
	}
	if w.ns.open == nil {
		w.ns.open = map[openKey]Source{}
	}
	w.ns.open[key] = anchor
	return anchor
}

// openKey is what workloads of a namespace share whose openness is said at one
// place.
type openKey struct {
	d  direction
	ai bool
}

// isolatingSource is the policy to name where several isolate: the one that is
// written for the most pods, because it is the one that must be known of.
func isolatingSource(policies []*networkPolicy) Source {
	best := policies[0]
	for _, p := range policies {
		if p.sel.empty() {
			best = p
			break
		}
	}
	return Source{Object: best.Object, Path: yaml.Path{"spec", "podSelector"}}
}

// restricted answers for workloads that only the tiers speak of: no if they
// leave every pod and address all ports, yes if they leave none of them any.
func (n *network) restricted(self *party, d direction) Tri {
	open, closed := true, true
	for _, peer := range slices.Concat([]*party{n.anyPod}, n.addresses) {
		dst := peer
		if d == ingress {
			dst = self
		}
		found := permitOn(d, self, peer, dst)
		open, closed = open && found.yes.whole(), closed && found.may.empty()
	}
	switch {
	case open:
		return No
	case closed:
		return Yes
	default:
		return Unknown
	}
}

// admits answers whether any rule lets somebody through. A rule whose peers are
// not in the tree counts: it is written for somebody.
func (s *setModel) admits(side *side, d direction, w *Workload, isolated Tri) string {
	switch {
	case isolated == No:
		return "somebody"
	case isolated == Unknown || len(side.unsure) > 0 || side.unread || s.policyUnknown(w, d):
		return "unknown"
	case len(side.tiers.admin) > 0:
		return "unknown"
	}
	for _, p := range side.sure {
		if slices.ContainsFunc(p.rules, func(r *policyRule) bool { return r.direction == d }) {
			return "somebody"
		}
	}
	return "nobody"
}

// hostFacts names the policy that was meant for a pod on the host network.
func (s *setModel) hostFacts(w *Workload) HostFacts {
	f := HostFacts{Selected: "none"}
	if !w.hostNetwork() {
		return f
	}
	f.From = w.podSource("spec", "hostNetwork")
	f.Agent = w.Kind == "DaemonSet" || w.owner == "DaemonSet" || s.isPlatform(w)
	for _, p := range w.selection.policies {
		if f.Selected == "none" || !p.sel.empty() {
			f.Selected = "all"
			f.Policy = PlaceFacts{Known: true, Evidence: Evidence{
				From:  Source{Object: p.Object, Path: yaml.Path{"spec", "podSelector"}},
				Names: map[string]string{"policy": refPlain(p.Object)},
			}}
		}
		if !p.sel.empty() {
			f.Selected = "some"
			break
		}
	}
	if f.Policy.Known {
		f.Names = f.Policy.Names
	}
	return f
}
