package netpol

import (
	"net/netip"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// EgressFacts says whether policies isolate the egress of a workload and, where
// they do, whether it may still connect to most public addresses and to the
// metadata service of a cloud.
func (n *Network) EgressFacts(w *inventory.Workload) fact.EgressFacts {
	i := n.Isolation(w, fact.Egress)
	f := fact.EgressFacts{Evidence: i.Evidence, Isolated: i.Isolated, Admits: i.Admits, Internet: fact.AdmitFacts{Admitted: fact.No}, MetadataAPI: fact.AdmitFacts{Admitted: fact.No}}
	switch {
	case w.HostNetwork(): // its traffic is the node's, which policies do not restrict
	case f.Isolated == fact.No:
		f.MetadataAPI = fact.AdmitFacts{Admitted: fact.Yes, Via: "not-isolated", Evidence: fact.Evidence{From: w.Ns.Anchor}}
	case f.Isolated == fact.Unknown || len(n.EndpointOf[w].Egress.Tiers.Admin) > 0:
		f.Internet.Admitted, f.MetadataAPI.Admitted = fact.Unknown, fact.Unknown
	default:
		n.reachOutside(w, &f)
		f.Open = f.Open && !n.UnmodelledMayApply(w, fact.Egress)
		n.qualifyAdmissions(w, fact.Egress, &f.Internet, &f.MetadataAPI)
	}
	return f
}

// metadataAddress is the address at which AWS, GCP, Azure and others hand out
// credentials of the node or of the workload's cloud identity.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
// https://cloud.google.com/compute/docs/metadata/querying-metadata
func metadataAddress() netip.Addr { return netip.AddrFrom4([4]byte{169, 254, 169, 254}) }

// reachOutside looks for rules that admit most of the Internet, and the metadata
// service.
func (n *Network) reachOutside(w *inventory.Workload, f *fact.EgressFacts) {
	metadata := netset.PartIndex(n.Partition, metadataAddress())
	var covered []netset.AddressSpan
	var widest *Rule
	definite, _ := n.inForce(w, fact.Egress)
	for _, policy := range definite {
		for _, r := range policy.Rules {
			if r.Direction != fact.Egress {
				continue
			}
			f.Open = f.Open || r.anyPeer && r.fixed.Whole()
			n.toMetadata(r, metadata, f)
			switch {
			case onlyDNS(r):
			case r.anyPeer && f.Internet.Admitted != fact.Yes:
				f.Internet = r.admitsOutside("no-peers", r.Path)
				f.Internet.Names["ports"] = policy.anyPeerPorts().String()
			case len(r.spans) > 0:
				covered = append(covered, r.spans...)
				widest = n.wider(widest, r)
			}
		}
	}
	if f.Internet.Admitted != fact.Yes && widest != nil && n.public.CoversMost(covered) {
		f.Internet = widest.admitsOutside("ip-block", widest.blockPath())
	}
}

// toMetadata notes whether a rule admits the metadata service, which answers
// on port 80; metadata is the part of the partition that holds its address.
func (n *Network) toMetadata(r *Rule, metadata int32, f *fact.EgressFacts) {
	switch {
	case f.MetadataAPI.Admitted == fact.Yes || !r.fixed[netset.TCP].Contains(80):
	case r.anyPeer:
		f.MetadataAPI = r.admitsOutside("no-peers", r.Path)
	case r.admitsAddress(metadata) == fact.Yes:
		peer := r.PeerFor(n.Addresses[metadata])
		f.MetadataAPI = r.admitsOutside("ip-block", peer.Path.Join("ipBlock", "cidr"))
	}
}

// anyPeerPorts returns the ports on which egress rules of the policy admit every
// peer, DNS aside. All rules count: to narrow the first of them alone would
// repair nothing.
func (p *Policy) anyPeerPorts() netset.Ports {
	var out netset.Ports
	for _, r := range p.Rules {
		if r.Direction == fact.Egress && r.anyPeer && !onlyDNS(r) {
			out = out.Union(r.fixed)
		}
	}
	return out
}

// wider chooses the rule to report: the first, unless only the second admits
// most of the Internet.
func (n *Network) wider(first, second *Rule) *Rule {
	if first == nil || n.public.CoversMost(second.spans) && !n.public.CoversMost(first.spans) {
		return second
	}
	return first
}

// onlyDNS reports a rule that opens no other ports than those of DNS, so that it
// lets pods resolve names anywhere. Named ports do not count: addresses have no
// names for ports.
func onlyDNS(r *Rule) bool {
	return !slices.ContainsFunc(r.fixed[:], func(ports netset.Intervals) bool {
		return len(ports.Minus(netset.Intervals{{First: 53, Last: 53}, {First: 853, Last: 853}, {First: 5353, Last: 5353}})) > 0
	})
}

func (r *Rule) admitsOutside(via string, path yaml.Path) fact.AdmitFacts {
	return fact.AdmitFacts{Admitted: fact.Yes, Via: via, Evidence: fact.Evidence{
		From:  fact.Source{Object: r.Policy.Object, Path: path},
		Names: map[string]string{"policy": fact.RefPlain(r.Policy.Object), "ports": r.fixed.String()},
	}}
}
