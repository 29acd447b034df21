package netpol

import (
	"net/netip"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// EgressFacts answers how far a workload reaches out of the cluster.
func (s *Network) EgressFacts(w *inventory.Workload) fact.EgressFacts {
	i := s.Isolations[w].Egress
	f := fact.EgressFacts{Evidence: i.Evidence, Isolated: i.Isolated, Admits: i.Admits, Internet: fact.AdmitFacts{Admitted: fact.No}, MetadataAPI: fact.AdmitFacts{Admitted: fact.No}}
	switch {
	case w.HostNetwork(): // its traffic is the node's, which policies do not restrict
	case f.Isolated == fact.No:
		f.MetadataAPI = fact.AdmitFacts{Admitted: fact.Yes, Via: "not-isolated", Evidence: fact.Evidence{From: w.Ns.Anchor}}
	case f.Isolated == fact.Unknown || len(s.PartyOf[w].Out.Tiers.Admin) > 0:
		f.Internet.Admitted, f.MetadataAPI.Admitted = fact.Unknown, fact.Unknown
	default:
		s.outside(w, &f)
		f.Open = f.Open && !s.OtherUnknown(w, fact.Egress)
		s.qualifyAdmissions(w, fact.Egress, &f.Internet, &f.MetadataAPI)
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
func (s *Network) outside(w *inventory.Workload, f *fact.EgressFacts) {
	metadata := netset.PartOf(s.Partition, metadataAddress())
	var covered []netset.AddressSpan
	var widest *Rule
	sure, _ := s.inForce(w, fact.Egress)
	for _, policy := range sure {
		for _, r := range policy.Rules {
			if r.Direction != fact.Egress {
				continue
			}
			f.Open = f.Open || r.anyPeer && r.fixed.Whole()
			s.toMetadata(r, metadata, f)
			switch {
			case onlyDNS(r):
			case r.anyPeer && f.Internet.Admitted != fact.Yes:
				f.Internet = r.leadsOut("no-peers", -1)
				f.Internet.Names["ports"] = policy.everywhere().String()
			case len(r.spans) > 0:
				covered = append(covered, r.spans...)
				widest = s.wider(widest, r)
			}
		}
	}
	if f.Internet.Admitted != fact.Yes && widest != nil && s.public.Most(covered) {
		f.Internet = widest.leadsOut("ip-block", -1)
		f.Internet.From.Path = widest.blockPath()
	}
}

func (s *Network) toMetadata(r *Rule, metadata int32, f *fact.EgressFacts) {
	if f.MetadataAPI.Admitted != fact.Yes && r.fixed[netset.TCP].Contains(80) && (r.anyPeer || r.admitsAddress(metadata) == fact.Yes) {
		f.MetadataAPI = r.leadsOut(r.admitsAddressAt(s, metadata))
	}
}

// everywhere are the ports on which a policy's egress rules name no peer, DNS
// aside: to repair the first of them alone repairs nothing.
func (p *Policy) everywhere() netset.Ports {
	var out netset.Ports
	for _, r := range p.Rules {
		if r.Direction == fact.Egress && r.anyPeer && !onlyDNS(r) {
			out = out.Union(r.fixed)
		}
	}
	return out
}

// wider is the rule to point at: the first, unless only the second holds most
// of the Internet.
func (s *Network) wider(first, second *Rule) *Rule {
	if first == nil || s.public.Most(second.spans) && !s.public.Most(first.spans) {
		return second
	}
	return first
}

// onlyDNS recognises the rule that lets names be resolved anywhere. A named
// port does not count: an address has none.
func onlyDNS(r *Rule) bool {
	return !slices.ContainsFunc(r.fixed[:], func(ports netset.Intervals) bool {
		return len(ports.Minus(netset.Intervals{{First: 53, Last: 53}, {First: 853, Last: 853}, {First: 5353, Last: 5353}})) > 0
	})
}

// admitsAddressAt tells by which peer an address is admitted.
func (r *Rule) admitsAddressAt(s *Network, id int32) (via string, peer int) {
	if r.anyPeer {
		return "no-peers", -1
	}
	for i := range r.Peers {
		one := Matcher{Ranges: UnionOfBlocks(r.Peers[i : i+1])}
		one.Locate(s.Partition)
		if one.admitsAddress(id) == fact.Yes {
			return "ip-block", i
		}
	}
	return "ip-block", -1
}

func (r *Rule) leadsOut(via string, peer int) fact.AdmitFacts {
	f := fact.AdmitFacts{Admitted: fact.Yes, Via: via, Evidence: fact.Evidence{
		From:  fact.Source{Object: r.Policy.Object, Path: r.Path},
		Names: map[string]string{"policy": fact.RefPlain(r.Policy.Object), "ports": r.fixed.String()},
	}}
	if peer >= 0 {
		f.From.Path = r.PeersPath.Join(peer, "ipBlock", "cidr")
	}
	return f
}
