package netpol

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// TierPolicy is a policy of the Admin or Baseline tier.
type TierPolicy struct {
	*source.Object
	admin    bool
	priority int32
	selector *peerSelector
	Rules    []*TierRule
	Subject  *PeerSet // its subject, after network.resolve
}

// tierRule is one rule of it.
type TierRule struct {
	Matcher
	Direction fact.Direction
	Path      yaml.Path
	Action    TierAction
	peers     []*peerSelector
	networks  bool // it names addresses, which pods may have too
	everyIP   bool // it names all of them
	outside   bool // it names nodes or domains: addresses that nobody knows
}

type TierAction uint8

const (
	Accept TierAction = iota
	Deny
	Pass
)

// readTiers reads the policies of policy.networking.k8s.io. One that cannot be
// read as the API has it remains unmodelled; so do all where both of its
// generations are there, between which no order is defined.
func (s *Network) readTiers() {
	generations := map[bool]bool{}
	for _, o := range s.inventory.Objects {
		if o.Group() != decode.TierGroup || !strings.Contains(o.Kind, "Policy") {
			continue
		}
		generations[o.Kind == "ClusterNetworkPolicy"] = true
		if t := readTier(o.Object); t != nil {
			s.tiers = append(s.tiers, t)
		} else {
			s.Unmodelled.add(o.Object)
		}
	}
	if len(generations) > 1 {
		for _, t := range s.tiers {
			s.Unmodelled.add(t.Object)
		}
		s.tiers = nil
	}
	slices.SortStableFunc(s.tiers, func(a, b *TierPolicy) int { return cmp.Compare(a.priority, b.priority) })
}

func readTier(o *source.Object) *TierPolicy {
	var spec decode.TierObject
	d := decode.NewDecoder()
	d.Into(o.Root, reflect.ValueOf(&spec).Elem())
	api := decode.TierAPIOf(o)
	if api == nil || len(d.Problems)+len(o.Duplicates) > 0 || d.Templated || !api.Allows(&spec) {
		return nil
	}
	t := &TierPolicy{
		Object: o, admin: api.Admin || spec.Spec.Tier == "Admin", priority: decode.Deref(spec.Spec.Priority), selector: tierSelector(&spec.Spec.Subject),
	}
	for i := range spec.Spec.Ingress {
		if !t.add(fact.Ingress, i, &spec.Spec.Ingress[i], spec.Spec.Ingress[i].From) {
			return nil
		}
	}
	for i := range spec.Spec.Egress {
		if !t.add(fact.Egress, i, &spec.Spec.Egress[i], spec.Spec.Egress[i].To) {
			return nil
		}
	}
	return t
}

func tierSelector(p *decode.TierPeer) *peerSelector {
	if p.Namespaces != nil {
		return &peerSelector{namespaces: inventory.LabelSelector(p.Namespaces), pods: inventory.EveryPod()}
	}
	namespaces := inventory.EveryPod() // "if empty, it selects all Namespaces"
	if p.Pods.NamespaceSelector != nil {
		namespaces = inventory.LabelSelector(p.Pods.NamespaceSelector)
	}
	return &peerSelector{namespaces: namespaces, pods: inventory.LabelSelector(p.Pods.PodSelector)}
}

// add reads one rule, which its API allows; false is one that the API server
// would refuse all the same.
func (t *TierPolicy) add(d fact.Direction, i int, spec *decode.TierRuleSpec, peers []decode.TierPeer) bool {
	r := &TierRule{Direction: d, Path: yaml.Path{"spec", string(d), i}}
	switch spec.Action {
	case "Accept", "Allow":
		r.Action = Accept
	case "Deny":
		r.Action = Deny
	case "Pass":
		r.Action = Pass
	}
	if !r.readPorts(spec) {
		return false
	}
	var blocks []networkingv1.NetworkPolicyPeer
	for j := range peers {
		p := &peers[j]
		for _, cidr := range p.Networks {
			blocks = append(blocks, networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: cidr}})
		}
		r.outside = r.outside || p.Nodes != nil || len(p.DomainNames) > 0
		if p.Namespaces != nil || p.Pods != nil {
			r.peers = append(r.peers, tierSelector(p))
		}
	}
	r.selectors = r.peers
	r.Ranges = UnionOfBlocks(blocks)
	r.networks = len(r.Ranges) > 0
	r.everyIP = wholeFamilies(r.Ranges)
	t.Rules = append(t.Rules, r)
	return true
}

func wholeFamilies(ranges []netipx.IPRange) bool {
	whole := 0
	for _, r := range ranges {
		if p, ok := r.Prefix(); ok && p.Bits() == 0 {
			whole++
		}
	}
	return whole == 2
}
