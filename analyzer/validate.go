package analyzer

import (
	"fmt"

	securityistio "istio.io/api/security/v1beta1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// duplicates reports keys that a mapping holds twice: the last one silently
// wins (sigs.k8s.io/yaml), which is never what two entries were written for.
func (d *decoder) duplicates(o *source.Object) {
	for _, dup := range o.Duplicates {
		d.problems = append(d.problems, fieldProblem{
			problem: "duplicate-key", path: dup.Path, key: true,
			message: fmt.Sprintf("%s is written twice, on lines %d and %d; only the last counts", quote(dup.Path.String()), dup.First.Line, dup.Second.Line),
			help:    "keep one of them, or indent it where it belongs",
		})
	}
}

// semantics adds what the API server refuses beyond the types.
func (d *decoder) semantics(o *decoded) {
	switch t := o.typed.(type) {
	case *networkingv1.NetworkPolicy:
		d.networkPolicy(t)
	case *istioObject:
		switch spec := t.Spec.(type) {
		case *securityistio.PeerAuthentication:
			d.peerAuthentication(o.Object, spec)
		case *securityistio.AuthorizationPolicy:
			d.authorizationPolicy(spec)
		case *securityistio.RequestAuthentication:
			d.oneTarget(spec.GetSelector(), targetsOf(spec))
		}
	}
}

func (d *decoder) networkPolicy(p *networkingv1.NetworkPolicy) {
	for i, r := range p.Spec.Ingress {
		d.peers(r.From, yaml.Path{"spec", "ingress", i, "from"})
		d.ports(r.Ports, yaml.Path{"spec", "ingress", i, "ports"})
	}
	for i, r := range p.Spec.Egress {
		d.peers(r.To, yaml.Path{"spec", "egress", i, "to"})
		d.ports(r.Ports, yaml.Path{"spec", "egress", i, "ports"})
	}
}

// peers holds NetworkPolicyPeer to its validation: exactly one of ipBlock and
// the selectors.
// https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/networking/validation/validation.go (ValidateNetworkPolicyPeer)
func (d *decoder) peers(peers []networkingv1.NetworkPolicyPeer, at yaml.Path) {
	for i, p := range peers {
		path := at.Join(i)
		selectors := p.PodSelector != nil || p.NamespaceSelector != nil
		switch {
		case !selectors && p.IPBlock == nil:
			d.semantic("missing-field", path, "the peer names nobody: it has neither podSelector, namespaceSelector nor ipBlock",
				"the API server refuses an empty peer; leave out the whole list to mean everybody, or write `podSelector: {}` for every pod of the namespace")
		case selectors && p.IPBlock != nil:
			d.semantic("not-allowed", path.Join("ipBlock"), "ipBlock stands beside a selector in one peer", "make it a peer of its own: `- ipBlock:`")
		case p.IPBlock != nil:
			d.ipBlock(p.IPBlock, path.Join("ipBlock"))
		}
	}
}

func (d *decoder) ipBlock(b *networkingv1.IPBlock, path yaml.Path) {
	if isPlaceholder(b.CIDR) {
		d.templated = true
		return
	}
	outer, ok := parsePrefix(b.CIDR)
	if !ok {
		d.semantic("wrong-type", path.Join("cidr"), quote(b.CIDR)+" is no CIDR block", "write an address and a prefix length, such as 10.0.0.0/8")
		return
	}
	for i, e := range b.Except {
		inner, ok := parsePrefix(e)
		switch {
		case isPlaceholder(e):
			d.templated = true
		case !ok:
			d.semantic("wrong-type", path.Join("except", i), quote(e)+" is no CIDR block", "write an address and a prefix length")
		case !outer.Contains(inner.Addr()) || inner.Bits() <= outer.Bits():
			d.semantic("not-allowed", path.Join("except", i), fmt.Sprintf("%s is not strictly inside %s", quote(e), quote(b.CIDR)), "except may only carve a smaller block out of its own cidr")
		}
	}
}

func (d *decoder) ports(ports []networkingv1.NetworkPolicyPort, at yaml.Path) {
	for i, p := range ports {
		if p.EndPort == nil {
			continue
		}
		path := at.Join(i, "endPort")
		switch {
		case p.Port == nil || p.Port.Type == intstr.String:
			d.semantic("not-allowed", path, "endPort needs a numeric port beside it", "write port as a number, or drop endPort")
		case *p.EndPort < p.Port.IntVal:
			d.semantic("not-allowed", path, fmt.Sprintf("endPort %d is below port %d", *p.EndPort, p.Port.IntVal), "write the higher number as endPort")
		}
	}
}

func (d *decoder) semantic(problem string, path yaml.Path, message, help string) {
	d.problems = append(d.problems, fieldProblem{problem: problem, path: path, message: message, help: help})
}
