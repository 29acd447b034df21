package netpol

import (
	"cmp"
	"iter"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// admissions are the widest classes of callers that are admitted to a port.
type Admissions struct{ Everyone, Cluster, Namespace fact.AdmitFacts }

// Admissions answers who is admitted to one port of an isolated workload by
// the union of the policies that select it.
func (s *Network) Admissions(w *inventory.Workload, p *inventory.Port) Admissions {
	f := Admissions{Everyone: fact.AdmitFacts{Admitted: fact.No}, Cluster: fact.AdmitFacts{Admitted: fact.No}, Namespace: fact.AdmitFacts{Admitted: fact.No}}
	switch isolated := s.IsolatedIn(w, fact.Ingress); {
	case w.HostNetwork() || isolated == fact.No:
		return f // nothing admits, and nothing keeps anybody out
	case isolated == fact.Unknown:
		f.Everyone.Admitted, f.Cluster.Admitted, f.Namespace.Admitted = fact.Unknown, fact.Unknown, fact.Unknown
		return f
	}
	var covered []netset.AddressSpan
	var firstBlock *Rule
	for r := range s.ingressRules(w, p) {
		f.admitPods(r, p)
		if len(r.spans) > 0 {
			covered = append(covered, r.spans...)
			firstBlock = cmp.Or(firstBlock, r)
		}
	}
	if f.Everyone.Admitted != fact.Yes && firstBlock != nil && s.coversFamily(covered) {
		f.Everyone = admitted("ip-block", firstBlock, firstBlock.blockPath(), p)
	}
	s.overrule(w, p, &f.Everyone, &f.Cluster)
	s.qualifyAdmissions(w, fact.Ingress, &f.Everyone, &f.Cluster, &f.Namespace)
	return f
}

// admitPods notes the widest classes that a rule admits; the first rule of each
// is named.
func (f *Admissions) admitPods(r *Rule, p *inventory.Port) {
	if r.anyPeer && f.Everyone.Admitted != fact.Yes {
		f.Everyone = admitted("no-peers", r, r.Path, p)
	}
	if path := r.everyNamespace(); path != nil && f.Cluster.Admitted != fact.Yes {
		f.Cluster = admitted("namespace-selector", r, path, p)
	}
	if i := r.someNamespace(); i >= 0 && f.Namespace.Admitted != fact.Yes {
		f.Namespace = admitted("namespace-selector", r, r.PeersPath.Join(i), p)
		f.Namespace.Names["peer"] = DescribePeer(&r.Peers[i])
	}
}

// someNamespace returns the peer that is every pod of some namespaces, -1 if
// the rule has none.
func (r *Rule) someNamespace() int {
	return slices.IndexFunc(r.selectors, func(sel *peerSelector) bool {
		return sel != nil && sel.pods.Empty() && (sel.own != nil || !sel.namespaces.Empty())
	})
}

// ingressRules yields the rules in force that cover a port of the workload.
func (s *Network) ingressRules(w *inventory.Workload, p *inventory.Port) iter.Seq[*Rule] {
	return func(yield func(*Rule) bool) {
		sure, _ := s.inForce(w, fact.Ingress)
		for _, policy := range sure {
			for _, r := range policy.Rules {
				if r.Direction == fact.Ingress && r.covers(w, p) == fact.Yes && !yield(r) {
					return
				}
			}
		}
	}
}

// overrule lets the Admin tier have the last word: what NetworkPolicies admit
// it may deny, and what they keep out it may accept.
func (s *Network) overrule(w *inventory.Workload, p *inventory.Port, everyone, cluster *fact.AdmitFacts) {
	n := s
	self := n.EndpointOf[w]
	if len(self.Ingress.Tiers.Admin) == 0 || p.Number == 0 {
		return
	}
	n.overruleBy(self, p, cluster, []*Endpoint{n.AnyPod})
	n.overruleBy(self, p, everyone, n.Addresses)
}

func (n *Network) overruleBy(self *Endpoint, p *inventory.Port, f *fact.AdmitFacts, peers []*Endpoint) {
	i := netset.ProtocolIndex(p.Protocol)
	if i < 0 {
		return
	}
	answer := fact.Yes
	for _, peer := range peers {
		found := PermitOn(fact.Ingress, self, peer, self)
		if tri := found.Allows(i, p.Number); tri != fact.Yes {
			answer = tri
			break
		}
	}
	if answer == f.Admitted {
		return
	}
	*f = fact.AdmitFacts{Admitted: answer}
	if answer == fact.Yes {
		t := self.Ingress.Tiers.Admin[0]
		*f = fact.AdmitFacts{Admitted: fact.Yes, Via: "tier", Evidence: fact.Evidence{
			From:  fact.Source{Object: t.Object, Path: yaml.Path{"spec", "ingress"}},
			Names: map[string]string{"policy": fact.RefPlain(t.Object), "port": p.String()},
		}}
	}
}

// qualifyAdmissions takes certainty away where something unread could change
// the answer: further policies only admit more, other kinds may deny.
func (s *Network) qualifyAdmissions(w *inventory.Workload, d fact.Direction, answers ...*fact.AdmitFacts) {
	for _, a := range answers {
		switch {
		case s.UnmodelledMayApply(w, d):
			a.Admitted = fact.Unknown
		case a.Admitted == fact.No && (s.policyUnknown(w, d) || len(s.selection(w).possible) > 0 || w.Implied):
			a.Admitted = fact.Unknown
		}
	}
}

func admitted(via string, r *Rule, path yaml.Path, p *inventory.Port) fact.AdmitFacts {
	return fact.AdmitFacts{Admitted: fact.Yes, Via: via, Evidence: fact.Evidence{
		From:  fact.Source{Object: r.Policy.Object, Path: path},
		Names: map[string]string{"policy": fact.RefPlain(r.Policy.Object), "port": p.String()},
	}}
}

// everyNamespace returns the place of a peer that admits every pod of every
// namespace, nil if the rule has none.
func (r *Rule) everyNamespace() yaml.Path {
	for i := range r.Peers {
		if everyPod(&r.Peers[i]) {
			return r.PeersPath.Join(i, "namespaceSelector")
		}
	}
	return nil
}

// OwnNamespace answers whether every pod of the workload's own namespace is
// admitted to every TCP port of it by one rule, the usual "allow same
// namespace". Where everybody or the whole cluster is, that is what matters.
func (s *Network) OwnNamespace(w *inventory.Workload) fact.AdmitFacts {
	f := fact.AdmitFacts{Admitted: fact.No}
	switch isolated := s.IsolatedIn(w, fact.Ingress); {
	case w.HostNetwork() || isolated == fact.No:
		return f
	case isolated == fact.Unknown || len(s.EndpointOf[w].Ingress.Tiers.Admin) > 0:
		f.Admitted = fact.Unknown
		return f
	}
	for r := range s.unlimitedRules(w) {
		if r.anyPeer || r.everyNamespace() != nil {
			return fact.AdmitFacts{Admitted: fact.No}
		}
		if i := r.wholeNamespace(w.Ns); i >= 0 && f.Admitted == fact.No {
			f = fact.AdmitFacts{Admitted: fact.Yes, Via: "namespace-selector", Evidence: fact.Evidence{
				From:  fact.Source{Object: r.Policy.Object, Path: r.PeersPath.Join(i)},
				Names: map[string]string{"policy": fact.RefPlain(r.Policy.Object)},
			}}
		}
	}
	s.qualifyAdmissions(w, fact.Ingress, &f)
	return f
}

// unlimitedRules yields the ingress rules for every TCP port. A policy for all
// pods is not written for those of which another policy only tells.
func (s *Network) unlimitedRules(w *inventory.Workload) iter.Seq[*Rule] {
	return func(yield func(*Rule) bool) {
		sure, _ := s.inForce(w, fact.Ingress)
		for _, policy := range sure {
			if w.Implied && policy.Selector.Empty() {
				continue
			}
			for _, r := range policy.Rules {
				if r.Direction == fact.Ingress && r.fixed[netset.TCP].Whole() && !yield(r) {
					return
				}
			}
		}
	}
}

// wholeNamespace returns the peer that selects every pod of the namespace, -1
// if the rule has none.
func (r *Rule) wholeNamespace(ns *inventory.Namespace) int {
	for i, sel := range r.selectors {
		switch {
		case sel == nil || !sel.pods.Empty():
		case sel.own == ns, sel.own == nil && sel.namespaces.Matches(ns.Labels) == fact.Yes:
			return i
		}
	}
	return -1
}

// blockPath is the place of the rule's widest address block.
func (r *Rule) blockPath() yaml.Path {
	best, bits := r.Path, 129
	for i, peer := range r.Peers {
		if peer.IPBlock == nil {
			continue
		}
		if prefix, ok := netset.ParsePrefix(peer.IPBlock.CIDR); ok && prefix.Bits() < bits {
			best, bits = r.PeersPath.Join(i, "ipBlock", "cidr"), prefix.Bits()
		}
	}
	return best
}

// Rules yields the rules of the policies that certainly isolate the side.
func (s *PolicyView) Rules(d fact.Direction) iter.Seq[*Rule] {
	return func(yield func(*Rule) bool) {
		for _, p := range s.Definite {
			for _, r := range p.Rules {
				if r.Direction == d && !yield(r) {
					return
				}
			}
		}
	}
}

// Opens returns the place at which a rule admits every pod of the cluster or of
// the namespace, nil if it does not.
func (r *Rule) AdmitsAllOf(ns *inventory.Namespace) (place []any, whom string) {
	if r.anyPeer {
		return r.Path, "everybody"
	}
	if path := r.everyNamespace(); path != nil {
		return path, "every pod of every namespace"
	}
	if i := r.wholeNamespace(ns); i >= 0 {
		return r.PeersPath.Join(i), DescribePeer(&r.Peers[i])
	}
	return nil, ""
}
