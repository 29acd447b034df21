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

// Admissions says of the three widest classes of callers whether policies admit
// them to a port: all addresses of a family, every pod of the cluster, every
// pod of some namespaces.
type Admissions struct{ Everyone, Cluster, Namespace fact.AdmitFacts }

// Admissions answers who is admitted to one port of a workload by the union of
// the policies that select it. Of a workload that is not isolated every answer
// is no: nothing needs to admit.
func (n *Network) Admissions(w *inventory.Workload, p *inventory.Port) Admissions {
	f := Admissions{Everyone: fact.AdmitFacts{Admitted: fact.No}, Cluster: fact.AdmitFacts{Admitted: fact.No}, Namespace: fact.AdmitFacts{Admitted: fact.No}}
	switch isolated := n.IsolatedIn(w, fact.Ingress); {
	case w.HostNetwork() || isolated == fact.No:
		return f // nothing admits, and nothing denies
	case isolated == fact.Unknown:
		f.Everyone.Admitted, f.Cluster.Admitted, f.Namespace.Admitted = fact.Unknown, fact.Unknown, fact.Unknown
		return f
	}
	var covered []netset.AddressSpan
	var firstBlock *Rule
	for r := range n.ingressRules(w, p) {
		f.admitPods(r, p)
		if len(r.spans) > 0 {
			covered = append(covered, r.spans...)
			firstBlock = cmp.Or(firstBlock, r)
		}
	}
	if f.Everyone.Admitted != fact.Yes && firstBlock != nil && n.coversFamily(covered) {
		f.Everyone = admitted("ip-block", firstBlock, firstBlock.blockPath(), p)
	}
	n.overrule(w, p, &f.Everyone, &f.Cluster)
	n.qualifyAdmissions(w, fact.Ingress, &f.Everyone, &f.Cluster, &f.Namespace)
	return f
}

// admitPods notes the widest classes that a rule admits. The first rule of each
// class is the evidence.
func (a *Admissions) admitPods(r *Rule, p *inventory.Port) {
	if r.anyPeer && a.Everyone.Admitted != fact.Yes {
		a.Everyone = admitted("no-peers", r, r.Path, p)
	}
	if peer := r.firstPeer((*Peer).everyPod); peer != nil && a.Cluster.Admitted != fact.Yes {
		a.Cluster = admitted("namespace-selector", r, peer.Path.Join("namespaceSelector"), p)
	}
	if peer := r.firstPeer((*Peer).wholeNamespaces); peer != nil && a.Namespace.Admitted != fact.Yes {
		a.Namespace = admitted("namespace-selector", r, peer.Path, p)
		a.Namespace.Names["peer"] = peer.Describe()
	}
}

// firstPeer returns the first peer that is as wanted, nil if the rule has none.
func (m *Matcher) firstPeer(wanted func(*Peer) bool) *Peer {
	if i := slices.IndexFunc(m.Peers, wanted); i >= 0 {
		return m.Peers[i]
	}
	return nil
}

// wholeNamespaces reports a peer that is every pod of some namespaces.
func (p *Peer) wholeNamespaces() bool {
	return p.block == nil && p.pods.Empty() && (p.own != nil || !p.namespaces.Empty())
}

// ingressRules yields the rules in force that cover a port of the workload.
func (n *Network) ingressRules(w *inventory.Workload, p *inventory.Port) iter.Seq[*Rule] {
	return func(yield func(*Rule) bool) {
		definite, _ := n.inForce(w, fact.Ingress)
		for _, policy := range definite {
			for _, r := range policy.Rules {
				if r.Direction == fact.Ingress && r.covers(w, p) == fact.Yes && !yield(r) {
					return
				}
			}
		}
	}
}

// overrule applies the Admin tier, which may deny what NetworkPolicies admit
// and accept what they do not.
func (n *Network) overrule(w *inventory.Workload, p *inventory.Port, everyone, cluster *fact.AdmitFacts) {
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

// qualifyAdmissions makes answers unknown that something unread could change:
// further NetworkPolicies only admit more, policies of other kinds may deny too.
func (n *Network) qualifyAdmissions(w *inventory.Workload, d fact.Direction, answers ...*fact.AdmitFacts) {
	for _, a := range answers {
		switch {
		case n.UnmodelledMayApply(w, d):
			a.Admitted = fact.Unknown
		case a.Admitted == fact.No && (n.policyUnknown(w, d) || len(n.selection(w).possible) > 0 || w.Implied):
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

// OwnNamespace answers whether one rule admits every pod of the workload's own
// namespace to every TCP port of it, the usual "allow same namespace". The
// answer is no where a rule admits everybody or the whole cluster, which other
// facts report.
func (n *Network) OwnNamespace(w *inventory.Workload) fact.AdmitFacts {
	f := fact.AdmitFacts{Admitted: fact.No}
	switch isolated := n.IsolatedIn(w, fact.Ingress); {
	case w.HostNetwork() || isolated == fact.No:
		return f
	case isolated == fact.Unknown || len(n.EndpointOf[w].Ingress.Tiers.Admin) > 0:
		f.Admitted = fact.Unknown
		return f
	}
	for r := range n.unlimitedRules(w) {
		if r.anyPeer || r.firstPeer((*Peer).everyPod) != nil {
			return fact.AdmitFacts{Admitted: fact.No}
		}
		if peer := r.wholeNamespace(w.Ns); peer != nil && f.Admitted == fact.No {
			f = fact.AdmitFacts{Admitted: fact.Yes, Via: "namespace-selector", Evidence: fact.Evidence{
				From:  fact.Source{Object: r.Policy.Object, Path: peer.Path},
				Names: map[string]string{"policy": fact.RefPlain(r.Policy.Object)},
			}}
		}
	}
	n.qualifyAdmissions(w, fact.Ingress, &f)
	return f
}

// unlimitedRules yields the ingress rules in force for every TCP port. Of an
// inferred workload it leaves out policies for all pods of the namespace: they
// were not written for pods that only another policy speaks of.
func (n *Network) unlimitedRules(w *inventory.Workload) iter.Seq[*Rule] {
	return func(yield func(*Rule) bool) {
		definite, _ := n.inForce(w, fact.Ingress)
		for _, policy := range definite {
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

// wholeNamespace returns the first peer that selects every pod of the
// namespace, nil if the rule has none.
func (m *Matcher) wholeNamespace(ns *inventory.Namespace) *Peer {
	return m.firstPeer(func(p *Peer) bool {
		return p.block == nil && p.pods.Empty() && (p.own == ns || p.own == nil && p.namespaces.Matches(ns.Labels) == fact.Yes)
	})
}

// blockPath returns the place of the rule's widest address block.
func (r *Rule) blockPath() yaml.Path {
	best, bits := r.Path, 129
	for _, p := range r.Peers {
		if p.block != nil && p.block.prefix.IsValid() && p.block.prefix.Bits() < bits {
			best, bits = p.Path.Join("ipBlock", "cidr"), p.block.prefix.Bits()
		}
	}
	return best
}

// AdmitsAllOf returns the place at which the rule admits every pod of the
// cluster, or of the namespace, and who is admitted, in words. The place is nil
// if it admits neither.
func (r *Rule) AdmitsAllOf(ns *inventory.Namespace) (place yaml.Path, peer string) {
	if r.anyPeer {
		return r.Path, "everybody"
	}
	if p := r.firstPeer((*Peer).everyPod); p != nil {
		return p.Path.Join("namespaceSelector"), "every pod of every namespace"
	}
	if p := r.wholeNamespace(ns); p != nil {
		return p.Path, p.Describe()
	}
	return nil, ""
}
