package netpol

import (
	"cmp"
	"slices"
	"strings"

	"go4.org/netipx"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// TierPolicy is a policy of the Admin or Baseline tier.
type TierPolicy struct {
	*source.Object
	Rules   []*TierRule
	Subject *PeerSet // the pods that it is for

	admin    bool
	priority int32
	subject  *Peer
}

// TierRule is one rule of a tier policy.
type TierRule struct {
	Direction fact.Direction
	Path      yaml.Path // of the rule in its policy
	Action    TierAction
	Matcher

	selectsPods bool // it has peers that are pods
	outside     bool // it has peers that are nodes or domains, whose addresses are not known
	everyIP     bool // its networks are all addresses of both families
}

// TierAction is what a rule does with the traffic that it matches.
type TierAction uint8

// The actions.
const (
	Accept TierAction = iota
	Deny
	Pass // to the next tier
)

// readTiers reads the policies of policy.networking.k8s.io. A policy that its
// API refuses is unmodelled. So are all of them where the set has policies of
// both generations of the API, between which no order is defined.
func (n *Network) readTiers() {
	generations := map[bool]bool{}
	for _, o := range n.inventory.Objects {
		if o.Group() != decode.TierGroup || !strings.Contains(o.Kind, "Policy") {
			continue
		}
		generations[o.Kind == "ClusterNetworkPolicy"] = true
		if p := decode.Tier(o.Object); p != nil {
			n.tiers = append(n.tiers, newTierPolicy(o.Object, p))
		} else {
			n.unmodelled.addEverything(o.Object)
		}
	}
	if len(generations) > 1 {
		for _, t := range n.tiers {
			n.unmodelled.addEverything(t.Object)
		}
		n.tiers = nil
	}
	slices.SortStableFunc(n.tiers, func(a, b *TierPolicy) int { return cmp.Compare(a.priority, b.priority) })
}

func newTierPolicy(o *source.Object, p *decode.TierPolicy) *TierPolicy {
	t := &TierPolicy{Object: o, admin: p.Admin(), priority: decode.Deref(p.Spec.Priority), subject: parseTierPods(&p.Spec.Subject)}
	for i := range p.Spec.Ingress {
		r := &p.Spec.Ingress[i]
		t.addRule(fact.Ingress, "from", i, r, r.From)
	}
	for i := range p.Spec.Egress {
		r := &p.Spec.Egress[i]
		t.addRule(fact.Egress, "to", i, r, r.To)
	}
	return t
}

// addRule parses one rule. Each network becomes a peer of its own.
func (t *TierPolicy) addRule(d fact.Direction, list string, i int, spec *decode.TierRule, peers []decode.TierPeer) {
	r := &TierRule{Direction: d, Path: yaml.Path{"spec", string(d), i}}
	switch spec.Action {
	case "Accept", "Allow":
		r.Action = Accept
	case "Deny":
		r.Action = Deny
	case "Pass":
		r.Action = Pass
	}
	var parsed []*Peer
	for j := range peers {
		p := &peers[j]
		path := r.Path.Join(list, j)
		for k, cidr := range p.Networks {
			parsed = append(parsed, &Peer{Path: path.Join("networks", k), block: parseBlock(cidr, nil)})
		}
		r.outside = r.outside || p.Nodes != nil || len(p.DomainNames) > 0
		if p.Namespaces != nil || p.Pods != nil {
			pods := parseTierPods(p)
			pods.Path = path
			parsed = append(parsed, pods)
			r.selectsPods = true
		}
	}
	r.setPeers(parsed)
	r.everyIP = wholeFamilies(r.ranges)
	r.setTierPorts(spec)
	t.Rules = append(t.Rules, r)
}

// setTierPorts merges the protocols of v1alpha2 or the ports of v1alpha1. A
// rule without either matches all traffic.
func (r *TierRule) setTierPorts(spec *decode.TierRule) {
	if len(spec.Protocols)+len(spec.Ports) == 0 {
		r.fixed = netset.WholePorts()
	}
	for i := range spec.Protocols {
		p := &spec.Protocols[i]
		for protocol, to := range []*decode.TierDestination{p.TCP, p.UDP, p.SCTP} { // the order of netset.Protocols
			switch {
			case to == nil:
			case to.Port.Range != nil:
				r.addRange(protocol, fact.PortRange{First: int(to.Port.Range.Start), Last: int(to.Port.Range.End)})
			default:
				r.addRange(protocol, fact.PortRange{First: int(to.Port.Number), Last: int(to.Port.Number)})
			}
		}
		r.addName(p.NamedPort)
	}
	for i := range spec.Ports {
		switch p := &spec.Ports[i]; {
		case p.Number != nil:
			r.addRange(netset.ProtocolIndex(decode.OrTCP(p.Number.Protocol)), fact.PortRange{First: int(p.Number.Port), Last: int(p.Number.Port)})
		case p.Range != nil:
			r.addRange(netset.ProtocolIndex(decode.OrTCP(p.Range.Protocol)), fact.PortRange{First: int(p.Range.Start), Last: int(p.Range.End)})
		default:
			r.addName(decode.Deref(p.NamedPort))
		}
	}
}

// addName adds a named port. The name alone selects the port, with whatever
// protocol the container gives it.
func (r *TierRule) addName(name string) {
	if name == "" {
		return
	}
	for protocol := range r.fixed {
		r.named = append(r.named, namedPort{name, protocol})
	}
}

// wholeFamilies reports that ranges are all of IPv4 and all of IPv6.
func wholeFamilies(ranges []netipx.IPRange) bool {
	whole := 0
	for _, r := range ranges {
		if p, ok := r.Prefix(); ok && p.Bits() == 0 {
			whole++
		}
	}
	return whole == 2
}

func (t *TierPolicy) hasRules(d fact.Direction) bool {
	return slices.ContainsFunc(t.Rules, func(r *TierRule) bool { return r.Direction == d })
}
