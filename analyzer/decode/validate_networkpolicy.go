package decode

import (
	"fmt"
	"strconv"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// networkPolicy follows kubernetes pkg/apis/networking/validation/validation.go
// (ValidateNetworkPolicySpec) in its order. What it refuses never takes effect.
// https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/networking/validation/validation.go
func (d *Decoder) networkPolicy(p *networkingv1.NetworkPolicy) {
	d.labelSelector(&p.Spec.PodSelector, yaml.Path{"spec", "podSelector"})
	for i, r := range p.Spec.Ingress {
		d.ports(r.Ports, yaml.Path{"spec", "ingress", i, "ports"})
		d.peers(r.From, yaml.Path{"spec", "ingress", i, "from"})
	}
	for i, r := range p.Spec.Egress {
		d.ports(r.Ports, yaml.Path{"spec", "egress", i, "ports"})
		d.peers(r.To, yaml.Path{"spec", "egress", i, "to"})
	}
	if len(p.Spec.PolicyTypes) > 2 {
		d.refuse("not-allowed", yaml.Path{"spec", "policyTypes"}, "policyTypes has more than two entries: the API server refuses the whole object", "write Ingress and Egress at most once each")
	}
}

// peers is ValidateNetworkPolicyPeer: a peer has an ipBlock or selectors, and not
// both.
func (d *Decoder) peers(peers []networkingv1.NetworkPolicyPeer, at yaml.Path) {
	for i, p := range peers {
		path := at.Join(i)
		d.labelSelector(p.PodSelector, path.Join("podSelector"))
		d.labelSelector(p.NamespaceSelector, path.Join("namespaceSelector"))
		if p.IPBlock != nil {
			d.ipBlock(p.IPBlock, path.Join("ipBlock"))
		}
		switch selectors := p.PodSelector != nil || p.NamespaceSelector != nil; {
		case !selectors && p.IPBlock == nil:
			d.refuse("missing-field", path, "the peer is empty: it has neither podSelector, namespaceSelector nor ipBlock",
				"the API server refuses an empty peer; leave out the whole list to mean everybody, or write `podSelector: {}` for every pod of the namespace")
		case selectors && p.IPBlock != nil:
			d.refuse("not-allowed", path.Join("ipBlock"), "ipBlock stands beside a selector in one peer", "make it a peer of its own: `- ipBlock:`")
		}
	}
}

// ipBlock is ValidateIPBlock.
func (d *Decoder) ipBlock(b *networkingv1.IPBlock, path yaml.Path) {
	if IsPlaceholder(b.CIDR) {
		d.templated = true
		return
	}
	outer, ok := netset.ParsePrefix(b.CIDR)
	if !ok {
		d.refuse("wrong-type", path.Join("cidr"), Quote(b.CIDR)+" is not a CIDR block", "write an address and a prefix length, such as 10.0.0.0/8")
		return
	}
	for i, e := range b.Except {
		inner, ok := netset.ParsePrefix(e)
		switch {
		case IsPlaceholder(e):
			d.templated = true
		case !ok:
			d.refuse("wrong-type", path.Join("except", i), Quote(e)+" is not a CIDR block", "write an address and a prefix length")
		case !outer.Contains(inner.Addr()) || inner.Bits() <= outer.Bits():
			d.refuse("not-allowed", path.Join("except", i), fmt.Sprintf("%s is not strictly inside %s", Quote(e), Quote(b.CIDR)), "except may only carve a smaller block out of its own cidr")
		}
	}
}

// ports is ValidateNetworkPolicyPort.
func (d *Decoder) ports(ports []networkingv1.NetworkPolicyPort, at yaml.Path) {
	for i := range ports {
		p, path := &ports[i], at.Join(i)
		end := path.Join("endPort")
		if p.EndPort != nil && (p.Port == nil || p.Port.Type == intstr.String) {
			d.refuse("not-allowed", end, "endPort needs a numeric port beside it", "write port as a number, or drop endPort")
		}
		switch {
		case p.Port == nil:
		case p.Port.Type == intstr.String:
			d.portName(p.Port.StrVal, path.Join("port"))
		default:
			d.portNumber(p.Port.IntVal, path.Join("port"))
			if p.EndPort == nil {
				continue
			}
			if *p.EndPort < p.Port.IntVal {
				d.refuse("not-allowed", end, fmt.Sprintf("endPort %d is below port %d", *p.EndPort, p.Port.IntVal), "write the higher number as endPort")
			}
			d.portNumber(*p.EndPort, end)
		}
	}
}

func (d *Decoder) portNumber(number int32, at yaml.Path) {
	if len(validation.IsValidPortNum(int(number))) > 0 {
		d.refuse("not-allowed", at, fmt.Sprintf("%d is not a port number: the API server refuses the whole object", number), "write a pod port from 1 to 65535")
	}
}

func (d *Decoder) portName(name string, at yaml.Path) {
	if IsPlaceholder(name) || len(validation.IsValidPortName(name)) == 0 {
		return
	}
	help := "write at most 15 lower-case letters, digits and single `-`, of which one is a letter"
	if _, err := strconv.Atoi(name); err == nil {
		help = "write the number without quotes"
	}
	d.refuse("not-allowed", at, Quote(name)+" is not a port name: the API server refuses the whole object", help)
}
