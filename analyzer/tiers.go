package analyzer

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// tierPolicy is a policy of the Admin or Baseline tier.
type tierPolicy struct {
	*source.Object
	admin    bool
	priority int32
	subject  *peerSelector
	rules    []*tierRule
	pods     *peerSet // its subject, after network.resolve
}

// tierRule is one rule of it.
type tierRule struct {
	matcher
	direction direction
	path      yaml.Path
	action    tierAction
	peers     []*peerSelector
	networks  bool // it names addresses, which pods may have too
	everyIP   bool // it names all of them
	outside   bool // it names nodes or domains: addresses that nobody knows
}

type tierAction uint8

const (
	accept tierAction = iota
	deny
	pass
)

// readTiers reads the policies of policy.networking.k8s.io. One that cannot be
// read as the API has it remains unmodelled; so do all where both of its
// generations are there, between which no order is defined.
func (s *setModel) readTiers() {
	generations := map[bool]bool{}
	for _, o := range s.objects {
		if o.Group() != tierGroup || !strings.Contains(o.Kind, "Policy") {
			continue
		}
		generations[o.Kind == "ClusterNetworkPolicy"] = true
		if t := readTier(o.Object); t != nil {
			s.tiers = append(s.tiers, t)
		} else {
			s.unmodeled.add(o.Object)
		}
	}
	if len(generations) > 1 {
		for _, t := range s.tiers {
			s.unmodeled.add(t.Object)
		}
		s.tiers = nil
	}
	slices.SortStableFunc(s.tiers, func(a, b *tierPolicy) int { return cmp.Compare(a.priority, b.priority) })
}

func readTier(o *source.Object) *tierPolicy {
	var spec tierObject
	d := newDecoder()
	d.into(o.Root, reflect.ValueOf(&spec).Elem())
	api := tierAPIOf(o)
	if api == nil || len(d.problems)+len(o.Duplicates) > 0 || d.templated || !api.allows(&spec) {
		return nil
	}
	t := &tierPolicy{
		Object: o, admin: api.admin || spec.Spec.Tier == "Admin", priority: deref(spec.Spec.Priority), subject: tierSelector(&spec.Spec.Subject),
	}
	for i := range spec.Spec.Ingress {
		if !t.add(ingress, i, &spec.Spec.Ingress[i], spec.Spec.Ingress[i].From) {
			return nil
		}
	}
	for i := range spec.Spec.Egress {
		if !t.add(egress, i, &spec.Spec.Egress[i], spec.Spec.Egress[i].To) {
			return nil
		}
	}
	return t
}

func tierSelector(p *tierPeer) *peerSelector {
	if p.Namespaces != nil {
		return &peerSelector{namespaces: labelSelector(p.Namespaces), pods: every()}
	}
	namespaces := every() // "if empty, it selects all Namespaces"
	if p.Pods.NamespaceSelector != nil {
		namespaces = labelSelector(p.Pods.NamespaceSelector)
	}
	return &peerSelector{namespaces: namespaces, pods: labelSelector(p.Pods.PodSelector)}
}

// add reads one rule, which its API allows; false is one that the API server
// would refuse all the same.
func (t *tierPolicy) add(d direction, i int, spec *tierRuleSpec, peers []tierPeer) bool {
	r := &tierRule{direction: d, path: yaml.Path{"spec", string(d), i}}
	switch spec.Action {
	case "Accept", "Allow":
		r.action = accept
	case "Deny":
		r.action = deny
	case "Pass":
		r.action = pass
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
	r.ranges = unionOfBlocks(blocks)
	r.networks = len(r.ranges) > 0
	r.everyIP = wholeFamilies(r.ranges)
	t.rules = append(t.rules, r)
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
