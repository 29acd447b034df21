package analyzer

import (
	"cmp"
	"reflect"
	"slices"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/loader"
)

// tierPolicy is a policy of the Admin or Baseline tier.
type tierPolicy struct {
	*loader.Object
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
	path      loader.Path
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
// read as the API has it remains unmodelled.
func (s *setModel) readTiers() {
	for _, o := range s.objects {
		if o.Group() != tierGroup {
			continue
		}
		if t := readTier(o.Object); t != nil {
			s.tiers = append(s.tiers, t)
		} else {
			s.unmodeled.add(o.Object)
		}
	}
	slices.SortStableFunc(s.tiers, func(a, b *tierPolicy) int { return cmp.Compare(a.priority, b.priority) })
}

func readTier(o *loader.Object) *tierPolicy {
	var spec tierObject
	d := newDecoder()
	d.into(o.Root, reflect.ValueOf(&spec).Elem())
	t := &tierPolicy{Object: o, admin: true, subject: subjectOf(&spec.Spec.Subject)}
	switch o.APIVersion + "/" + o.Kind {
	case tierGroup + "/v1alpha2/ClusterNetworkPolicy":
		t.admin = spec.Spec.Tier == "Admin"
		if !t.admin && spec.Spec.Tier != "Baseline" {
			return nil
		}
	case tierGroup + "/v1alpha1/AdminNetworkPolicy":
	case tierGroup + "/v1alpha1/BaselineAdminNetworkPolicy": // the one named default, without priority
		t.admin, spec.Spec.Priority = false, new(int32)
	default:
		return nil
	}
	if len(d.problems) > 0 || d.templated || spec.Spec.Priority == nil || t.subject == nil {
		return nil
	}
	t.priority = *spec.Spec.Priority
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

func subjectOf(p *tierPeer) *peerSelector {
	if len(p.Networks)+len(p.DomainNames) > 0 || p.Nodes != nil || (p.Namespaces == nil) == (p.Pods == nil) {
		return nil
	}
	return tierSelector(p)
}

func tierSelector(p *tierPeer) *peerSelector {
	if p.Namespaces != nil {
		return &peerSelector{namespaces: labelSelector(p.Namespaces), pods: every()}
	}
	return &peerSelector{namespaces: labelSelector(&p.Pods.NamespaceSelector), pods: labelSelector(&p.Pods.PodSelector)}
}

// add reads one rule; false is a rule that the API server would refuse, or
// that a newer API has and this does not know.
func (t *tierPolicy) add(d direction, i int, spec *tierRuleSpec, peers []tierPeer) bool {
	r := &tierRule{direction: d, path: loader.Path{"spec", string(d), i}}
	switch spec.Action {
	case "Accept", "Allow":
		r.action = accept
	case "Deny":
		r.action = deny
	case "Pass":
		r.action = pass
	default:
		return false
	}
	if len(peers) == 0 || !r.readPorts(spec) {
		return false
	}
	var blocks []networkingv1.NetworkPolicyPeer
	for j := range peers {
		p := &peers[j]
		if fields(p) != 1 {
			return false
		}
		for _, cidr := range p.Networks {
			if _, ok := parsePrefix(cidr); !ok {
				return false
			}
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

func fields(p *tierPeer) int {
	n := 0
	for _, set := range []bool{p.Namespaces != nil, p.Pods != nil, p.Nodes != nil, len(p.Networks) > 0, len(p.DomainNames) > 0} {
		if set {
			n++
		}
	}
	return n
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

// readPorts reads the protocols of v1alpha2 or the ports of v1alpha1; a rule
// without either speaks of all traffic.
func (r *tierRule) readPorts(spec *tierRuleSpec) bool {
	if len(spec.Protocols)+len(spec.Ports) == 0 {
		r.fixed = wholePorts()
	}
	for i := range spec.Protocols {
		if !r.readProtocol(&spec.Protocols[i]) {
			return false
		}
	}
	for i := range spec.Ports {
		if !r.readPort(&spec.Ports[i]) {
			return false
		}
	}
	return true
}

func (r *tierRule) readProtocol(p *tierProtocol) bool {
	given := 0
	for i, to := range []*tierDestination{p.TCP, p.UDP, p.SCTP} {
		switch {
		case to == nil:
			continue
		case to.Port == nil:
			r.addPorts(i, PortRange{1, lastPort})
		case to.Port.Range != nil:
			r.addPorts(i, PortRange{int(to.Port.Range.Start), int(to.Port.Range.End)})
		default:
			r.addPorts(i, PortRange{int(to.Port.Number), int(to.Port.Number)})
		}
		given++
	}
	if p.NamedPort != "" {
		r.addName(p.NamedPort)
		given++
	}
	return given == 1
}

func (r *tierRule) readPort(p *tierPort) bool {
	switch {
	case p.Number != nil:
		i := protocolIndex(orTCP(p.Number.Protocol))
		if i < 0 {
			return false
		}
		r.addPorts(i, PortRange{int(p.Number.Port), int(p.Number.Port)})
	case p.Range != nil:
		i := protocolIndex(orTCP(p.Range.Protocol))
		if i < 0 {
			return false
		}
		r.addPorts(i, PortRange{int(p.Range.Start), int(p.Range.End)})
	case p.NamedPort != "":
		r.addName(p.NamedPort)
	default:
		return false
	}
	return true
}

// addName: the name alone selects the port, with whatever protocol the
// container gives it.
func (r *tierRule) addName(name string) {
	for i := range r.fixed {
		r.named = append(r.named, namedPort{name, i})
	}
}
