package analyzer

import (
	"net/netip"
	"slices"
)

// egressFacts answers how far a workload reaches out of the cluster.
func (s *network) egressFacts(w *Workload) EgressFacts {
	i := s.isolations[w].egress
	f := EgressFacts{Evidence: i.Evidence, Isolated: i.Isolated, Admits: i.Admits, Internet: AdmitFacts{Admitted: No}, Metadata: AdmitFacts{Admitted: No}}
	switch {
	case w.hostNetwork(): // its traffic is the node's, which policies do not restrict
	case f.Isolated == No:
		f.Metadata = AdmitFacts{Admitted: Yes, Via: "not-isolated", Evidence: Evidence{From: w.ns.anchor}}
	case f.Isolated == Unknown || len(s.partyOf[w].out.tiers.admin) > 0:
		f.Internet.Admitted, f.Metadata.Admitted = Unknown, Unknown
	default:
		s.outside(w, &f)
		f.Open = f.Open && !s.otherUnknown(w, egress)
		s.qualifyAdmissions(w, egress, &f.Internet, &f.Metadata)
	}
	return f
}

// metadataAddress is where AWS, GCP, Azure and others hand out credentials of
// the node or of the workload's cloud identity.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
// https://cloud.google.com/compute/docs/metadata/querying-metadata
func metadataAddress() netip.Addr { return netip.AddrFrom4([4]byte{169, 254, 169, 254}) }

// outside looks for rules that lead to most of the Internet, and to the
// metadata service.
func (s *network) outside(w *Workload, f *EgressFacts) {
	metadata := partOf(s.partition, metadataAddress())
	var covered []addressSpan
	var widest *policyRule
	sure, _ := s.inForce(w, egress)
	for _, policy := range sure {
		for _, r := range policy.rules {
			if r.direction != egress {
				continue
			}
			f.Open = f.Open || r.anyPeer && r.fixed.whole()
			s.toMetadata(r, metadata, f)
			switch {
			case onlyDNS(r):
			case r.anyPeer && f.Internet.Admitted != Yes:
				f.Internet = r.leadsOut("no-peers", -1)
				f.Internet.Names["ports"] = policy.everywhere().String()
			case len(r.spans) > 0:
				covered = append(covered, r.spans...)
				widest = s.wider(widest, r)
			}
		}
	}
	if f.Internet.Admitted != Yes && widest != nil && s.public.most(covered) {
		f.Internet = widest.leadsOut("ip-block", -1)
		f.Internet.From.Path = widest.blockPath()
	}
}

func (s *network) toMetadata(r *policyRule, metadata int32, f *EgressFacts) {
	if f.Metadata.Admitted != Yes && r.fixed[tcp].contains(80) && (r.anyPeer || r.admitsAddress(metadata) == Yes) {
		f.Metadata = r.leadsOut(r.admitsAddressAt(s, metadata))
	}
}

// everywhere are the ports on which a policy's egress rules name no peer, DNS
// aside: to repair the first of them alone repairs nothing.
func (p *networkPolicy) everywhere() portSet {
	var out portSet
	for _, r := range p.rules {
		if r.direction == egress && r.anyPeer && !onlyDNS(r) {
			out = out.union(r.fixed)
		}
	}
	return out
}

// wider is the rule to point at: the first, unless only the second holds most
// of the Internet.
func (s *network) wider(first, second *policyRule) *policyRule {
	if first == nil || s.public.most(second.spans) && !s.public.most(first.spans) {
		return second
	}
	return first
}

// onlyDNS recognises the rule that lets names be resolved anywhere. A named
// port does not count: an address has none.
func onlyDNS(r *policyRule) bool {
	return !slices.ContainsFunc(r.fixed[:], func(ports intervals) bool {
		return len(ports.minus(intervals{{53, 53}, {853, 853}, {5353, 5353}})) > 0
	})
}

// admitsAddressAt tells by which peer an address is admitted.
func (r *policyRule) admitsAddressAt(s *network, id int32) (via string, peer int) {
	if r.anyPeer {
		return "no-peers", -1
	}
	for i := range r.peers {
		one := matcher{ranges: unionOfBlocks(r.peers[i : i+1])}
		one.locate(s.partition)
		if one.admitsAddress(id) == Yes {
			return "ip-block", i
		}
	}
	return "ip-block", -1
}

func (r *policyRule) leadsOut(via string, peer int) AdmitFacts {
	f := AdmitFacts{Admitted: Yes, Via: via, Evidence: Evidence{
		From:  Source{Object: r.policy.Object, Path: r.path},
		Names: map[string]string{"policy": refPlain(r.policy.Object), "ports": r.fixed.String()},
	}}
	if peer >= 0 {
		f.From.Path = r.peersPath.Join(peer, "ipBlock", "cidr")
	}
	return f
}
