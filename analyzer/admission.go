package analyzer

import (
	"cmp"
	"iter"

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
	var covered []addressSpan
	var firstBlock *policyRule
	for r := range w.ingressRules(p) {
		if r.anyPeer && everyone.Admitted != Yes {
			everyone = admitted("no-peers", r, r.path, p)
		}
		if path := r.everyNamespace(); path != nil && cluster.Admitted != Yes {
			cluster = admitted("namespace-selector", r, path, p)
		}
		if len(r.spans) > 0 {
			covered = append(covered, r.spans...)
			firstBlock = cmp.Or(firstBlock, r)
		}
	}
	if everyone.Admitted != Yes && firstBlock != nil && s.coversFamily(covered) {
		everyone = admitted("ip-block", firstBlock, firstBlock.blockPath(), p)
	}
	s.qualifyAdmissions(w, &everyone, &cluster)
	return everyone, cluster
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

// qualifyAdmissions takes certainty away where something unread could change
// the answer: further policies only admit more, other kinds may deny.
func (s *setModel) qualifyAdmissions(w *Workload, answers ...*AdmitFacts) {
	for _, a := range answers {
		switch {
		case s.otherUnknown(w, ingress):
			a.Admitted = Unknown
		case a.Admitted == No && (s.policyUnknown(w, ingress) || len(w.selection.maybePolicies) > 0 || w.implied):
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

// everyNamespace returns the place of a peer that admits every pod of every
// namespace, nil if the rule has none.
func (r *policyRule) everyNamespace() loader.Path {
	for i := range r.peers {
		if everyPod(&r.peers[i]) {
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
