package analyzer

import (
	"cmp"
	"iter"
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// admissions answers who is admitted to one port of an isolated workload by
// the union of the policies that select it.
func (s *setModel) admissions(w *Workload, p *port) {
	f := &p.facts
	f.Everyone, f.Cluster, f.Namespace = AdmitFacts{Admitted: No}, AdmitFacts{Admitted: No}, AdmitFacts{Admitted: No}
	switch {
	case w.hostNetwork() || w.Facts.Ingress.Isolated == No:
		return // nothing admits, and nothing keeps anybody out
	case w.Facts.Ingress.Isolated == Unknown:
		f.Everyone.Admitted, f.Cluster.Admitted, f.Namespace.Admitted = Unknown, Unknown, Unknown
		return
	}
	s.network() // resolves the peers
	var covered []addressSpan
	var firstBlock *policyRule
	for r := range w.ingressRules(p) {
		f.admitPods(r, p)
		if len(r.spans) > 0 {
			covered = append(covered, r.spans...)
			firstBlock = cmp.Or(firstBlock, r)
		}
	}
	if f.Everyone.Admitted != Yes && firstBlock != nil && s.coversFamily(covered) {
		f.Everyone = admitted("ip-block", firstBlock, firstBlock.blockPath(), p)
	}
	s.overrule(w, p, &f.Everyone, &f.Cluster)
	s.qualifyAdmissions(w, ingress, &f.Everyone, &f.Cluster, &f.Namespace)
}

// admitPods notes the widest classes that a rule admits; the first rule of each
// is named.
func (f *PortFacts) admitPods(r *policyRule, p *port) {
	if r.anyPeer && f.Everyone.Admitted != Yes {
		f.Everyone = admitted("no-peers", r, r.path, p)
	}
	if path := r.everyNamespace(); path != nil && f.Cluster.Admitted != Yes {
		f.Cluster = admitted("namespace-selector", r, path, p)
	}
	if i := r.someNamespace(); i >= 0 && f.Namespace.Admitted != Yes {
		f.Namespace = admitted("namespace-selector", r, r.peersPath.Join(i), p)
		f.Namespace.Names["peer"] = describePeer(&r.peers[i])
	}
}

// someNamespace returns the peer that is every pod of some namespaces, -1 if
// the rule has none.
func (r *policyRule) someNamespace() int {
	return slices.IndexFunc(r.selectors, func(sel *peerSelector) bool {
		return sel != nil && sel.pods.empty() && (sel.own != nil || !sel.namespaces.empty())
	})
}

// ingressRules yields the rules in force that cover a port of the workload.
func (w *Workload) ingressRules(p *port) iter.Seq[*policyRule] {
	return func(yield func(*policyRule) bool) {
		sure, _ := w.inForce(ingress)
		for _, policy := range sure {
			for _, r := range policy.rules {
				if r.direction == ingress && r.covers(w, p) == Yes && !yield(r) {
					return
				}
			}
		}
	}
}

// overrule lets the Admin tier have the last word: what NetworkPolicies admit
// it may deny, and what they keep out it may accept.
func (s *setModel) overrule(w *Workload, p *port, everyone, cluster *AdmitFacts) {
	n := s.network()
	self := n.partyOf[w]
	if len(self.in.tiers.admin) == 0 || p.number == 0 {
		return
	}
	n.overruleBy(self, p, cluster, []*party{n.anyPod})
	n.overruleBy(self, p, everyone, n.addresses)
}

func (n *network) overruleBy(self *party, p *port, f *AdmitFacts, peers []*party) {
	i := protocolIndex(p.protocol)
	if i < 0 {
		return
	}
	answer := Yes
	for _, peer := range peers {
		found := permitOn(ingress, self, peer, self)
		if tri := found.tri(i, p.number); tri != Yes {
			answer = tri
			break
		}
	}
	if answer == f.Admitted {
		return
	}
	*f = AdmitFacts{Admitted: answer}
	if answer == Yes {
		t := self.in.tiers.admin[0]
		*f = AdmitFacts{Admitted: Yes, Via: "tier", Evidence: Evidence{
			From:  Source{Object: t.Object, Path: yaml.Path{"spec", "ingress"}},
			Names: map[string]string{"policy": refPlain(t.Object), "port": p.String()},
		}}
	}
}

// qualifyAdmissions takes certainty away where something unread could change
// the answer: further policies only admit more, other kinds may deny.
func (s *setModel) qualifyAdmissions(w *Workload, d direction, answers ...*AdmitFacts) {
	for _, a := range answers {
		switch {
		case s.otherUnknown(w, d):
			a.Admitted = Unknown
		case a.Admitted == No && (s.policyUnknown(w, d) || len(w.selection.maybePolicies) > 0 || w.implied):
			a.Admitted = Unknown
		}
	}
}

func admitted(via string, r *policyRule, path yaml.Path, p *port) AdmitFacts {
	return AdmitFacts{Admitted: Yes, Via: via, Evidence: Evidence{
		From:  Source{Object: r.policy.Object, Path: path},
		Names: map[string]string{"policy": refPlain(r.policy.Object), "port": p.String()},
	}}
}

// everyNamespace returns the place of a peer that admits every pod of every
// namespace, nil if the rule has none.
func (r *policyRule) everyNamespace() yaml.Path {
	for i := range r.peers {
		if everyPod(&r.peers[i]) {
			return r.peersPath.Join(i, "namespaceSelector")
		}
	}
	return nil
}

// ownNamespace answers whether every pod of the workload's own namespace is
// admitted to every TCP port of it by one rule, the usual "allow same
// namespace". Where everybody or the whole cluster is, that is what matters.
func (s *setModel) ownNamespace(w *Workload) AdmitFacts {
	f := AdmitFacts{Admitted: No}
	switch {
	case w.hostNetwork() || w.Facts.Ingress.Isolated == No:
		return f
	case w.Facts.Ingress.Isolated == Unknown || len(s.network().partyOf[w].in.tiers.admin) > 0:
		f.Admitted = Unknown
		return f
	}
	for r := range w.unlimitedRules() {
		if r.anyPeer || r.everyNamespace() != nil {
			return AdmitFacts{Admitted: No}
		}
		if i := r.wholeNamespace(w.ns); i >= 0 && f.Admitted == No {
			f = AdmitFacts{Admitted: Yes, Via: "namespace-selector", Evidence: Evidence{
				From:  Source{Object: r.policy.Object, Path: r.peersPath.Join(i)},
				Names: map[string]string{"policy": refPlain(r.policy.Object)},
			}}
		}
	}
	s.qualifyAdmissions(w, ingress, &f)
	return f
}

// unlimitedRules yields the ingress rules for every TCP port. A policy for all
// pods is not written for those of which another policy only tells.
func (w *Workload) unlimitedRules() iter.Seq[*policyRule] {
	return func(yield func(*policyRule) bool) {
		sure, _ := w.inForce(ingress)
		for _, policy := range sure {
			if w.implied && policy.sel.empty() {
				continue
			}
			for _, r := range policy.rules {
				if r.direction == ingress && r.fixed[tcp].whole() && !yield(r) {
					return
				}
			}
		}
	}
}

// wholeNamespace returns the peer that selects every pod of the namespace, -1
// if the rule has none.
func (r *policyRule) wholeNamespace(ns *namespace) int {
	for i, sel := range r.selectors {
		switch {
		case sel == nil || !sel.pods.empty():
		case sel.own == ns, sel.own == nil && sel.namespaces.matches(ns.labels) == Yes:
			return i
		}
	}
	return -1
}

// blockPath is the place of the rule's widest address block.
func (r *policyRule) blockPath() yaml.Path {
	best, bits := r.path, 129
	for i, peer := range r.peers {
		if peer.IPBlock == nil {
			continue
		}
		if prefix, ok := parsePrefix(peer.IPBlock.CIDR); ok && prefix.Bits() < bits {
			best, bits = r.peersPath.Join(i, "ipBlock", "cidr"), prefix.Bits()
		}
	}
	return best
}
