package analyzer

import (
	"cmp"
	"iter"
	"net/netip"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aisec-lint/aisec-lint/loader"
)

// admissions answers who is admitted to one port of an isolated workload by
// the union of the policies that select it.
func (s *setModel) admissions(w *Workload, p *port) (everyone, cluster AdmitFacts) {
	everyone, cluster = AdmitFacts{Admitted: No}, AdmitFacts{Admitted: No}
	switch {
	case w.hostNetwork() || w.Facts.Ingress.Isolated == No:
		return everyone, cluster // nothing admits, and nothing keeps anybody out
	case w.Facts.Ingress.Isolated == Unknown:
		everyone.Admitted, cluster.Admitted = Unknown, Unknown
		return everyone, cluster
	}
	var blocks netipx.IPSetBuilder
	var firstBlock *policyRule
	for r := range w.ingressRules(p) {
		if r.anyPeer && everyone.Admitted != Yes {
			everyone = admitted("no-peers", r, r.path, p)
		}
		if path := r.everyNamespace(); path != nil && cluster.Admitted != Yes {
			cluster = admitted("namespace-selector", r, path, p)
		}
		if r.blocks != nil {
			blocks.AddSet(r.blocks)
			firstBlock = cmp.Or(firstBlock, r)
		}
	}
	if everyone.Admitted != Yes && firstBlock != nil && coversFamily(&blocks) {
		everyone = admitted("ip-block", firstBlock, firstBlock.blockPath(), p)
	}
	s.qualifyAdmissions(w, &everyone, &cluster)
	return everyone, cluster
}

// ingressRules yields the rules in force that cover a port of the workload.
func (w *Workload) ingressRules(p *port) iter.Seq[*policyRule] {
	return func(yield func(*policyRule) bool) {
		for _, policy := range w.selection.policies {
			if !policy.ingress {
				continue // its rules are written and not in force
			}
			for _, r := range policy.rules {
				if r.direction == "ingress" && r.covers(w, p) == Yes && !yield(r) {
					return
				}
			}
		}
	}
}

// qualifyAdmissions takes certainty away where something unread could change
// the answer: further policies only admit more, other kinds may deny.
func (s *setModel) qualifyAdmissions(w *Workload, answers ...*AdmitFacts) {
	for _, a := range answers {
		switch {
		case s.unmodeled.covers(w.Namespace):
			a.Admitted = Unknown
		case a.Admitted == No && (s.policyUnknown(w) || len(w.selection.maybePolicies) > 0 || w.implied):
			a.Admitted = Unknown
		}
	}
}

func admitted(via string, r *policyRule, path loader.Path, p *port) AdmitFacts {
	return AdmitFacts{Admitted: Yes, Via: via, Evidence: Evidence{
		From:  Source{Object: r.policy.Object, Path: path},
		Names: map[string]string{"policy": refPlain(r.policy.Object), "port": p.String()},
	}}
}

func coversFamily(b *netipx.IPSetBuilder) bool {
	set, err := b.IPSet()
	if err != nil {
		return false
	}
	return set.ContainsPrefix(netip.MustParsePrefix("0.0.0.0/0")) || set.ContainsPrefix(netip.MustParsePrefix("::/0"))
}

func portMatch(q networkingv1.NetworkPolicyPort, p *port, w *Workload) Tri {
	switch {
	case q.Port == nil:
		return Yes
	case q.Port.Type == intstr.String:
		if q.Port.StrVal == p.name {
			return Yes
		}
		if named := w.portNamed(q.Port.StrVal, p.protocol); named != nil && named.number == p.number {
			return Yes
		}
		if w.implied {
			return Unknown
		}
		return No
	case p.number == 0: // an implied workload's port of which only the name is known
		return Unknown
	}
	from, to := int(q.Port.IntVal), int(q.Port.IntVal)
	if q.EndPort != nil {
		to = int(*q.EndPort)
	}
	if p.number >= from && p.number <= to {
		return Yes
	}
	return No
}

// everyNamespace returns the place of a peer that admits every pod of every
// namespace, nil if the rule has none.
func (r *policyRule) everyNamespace() loader.Path {
	for i, peer := range r.peers {
		if peer.NamespaceSelector != nil && isEmpty(peer.NamespaceSelector) && (peer.PodSelector == nil || isEmpty(peer.PodSelector)) {
			return r.peersPath.Join(i, "namespaceSelector")
		}
	}
	return nil
}

// blockPath is the place of the rule's widest address block.
func (r *policyRule) blockPath() loader.Path {
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
