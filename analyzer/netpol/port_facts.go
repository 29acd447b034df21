package netpol

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// portList says of each port of a rule whether the pods that it is about have it.
func (n *Network) portList(r *Rule) []fact.RulePortFacts {
	out := make([]fact.RulePortFacts, 0, len(r.ports))
	if len(r.ports) == 0 {
		return out
	}
	pods, complete := n.destinationsOf(r)
	for i := range r.ports {
		q := &r.ports[i]
		f := fact.RulePortFacts{Kind: "number", Declared: "unknown"}
		f.From = fact.Source{Object: r.Policy.Object, Path: r.Path.Join("ports", i, "port")}
		switch {
		case q.Port == nil:
			f.Kind = "all"
			f.From.Path = r.Path.Join("ports", i)
		case q.Port.StrVal != "":
			f.Kind = "name"
			f.Names = map[string]string{"port": "`" + q.Port.StrVal + "`", "protocol": decode.OrTCP(decode.Deref(q.Protocol))}
			named := namedPort{q.Port.StrVal, protocolOf(q)}
			n.nameDeclared(r, named, pods, complete, &f)
		case q.EndPort == nil:
			f.Names = map[string]string{"port": q.Port.String()}
			n.servicePortWritten(r, int(q.Port.IntVal), decode.OrTCP(decode.Deref(q.Protocol)), pods, &f)
		}
		out = append(out, f)
	}
	return out
}

// mostDestinations bounds how many pods the ports of one rule are compared with.
const mostDestinations = 256

// destinationsOf lists the workloads of the tree that a rule's ports are about,
// and says whether these are all: for ingress the pods that the policy selects,
// for egress those that the peers select. A port's name is looked up on the
// destination.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func (n *Network) destinationsOf(r *Rule) (pods []*inventory.Workload, complete bool) {
	if r.Direction == fact.Ingress {
		pods = slices.DeleteFunc(slices.Clone(r.Policy.selected), func(w *inventory.Workload) bool { return w.HostNetwork() || w.Implied })
		return pods, len(r.Policy.possiblySelected) == 0 && r.Policy.ns.CompleteFor(r.Policy.Object) == fact.Yes
	}
	complete = !r.anyPeer
	for _, p := range r.Peers {
		set := p.resolved
		if set == nil { // addresses have no names for ports
			continue
		}
		complete = complete && !set.every && len(set.definite) > 0 && len(set.possible) == 0 && n.completePeer(r, p)
		for _, id := range set.definite {
			pods = append(pods, n.Pods[id].Members...)
			if len(pods) > mostDestinations {
				return nil, false
			}
		}
	}
	return pods, complete && !slices.ContainsFunc(pods, func(w *inventory.Workload) bool { return w.Implied })
}

// completePeer reports that a peer can select no pods but those of the tree.
func (n *Network) completePeer(r *Rule, p *Peer) bool {
	ns := p.own
	if ns == nil {
		ns = n.inventory.Namespaces[p.namespaces.Equalities()[inventory.NameLabel]]
	}
	return ns != nil && ns.CompleteFor(r.Policy.Object) == fact.Yes
}

// nameDeclared answers whether the pods give a port that name. If only some do,
// it is a mistake where others serve the same number without the name.
func (n *Network) nameDeclared(r *Rule, named namedPort, pods []*inventory.Workload, complete bool, f *fact.RulePortFacts) {
	if named.protocol < 0 || !complete || decode.IsPlaceholder(named.name) {
		return
	}
	protocol := netset.Protocols()[named.protocol]
	numbers := map[int]bool{}
	var without []*inventory.Workload
	for _, w := range pods {
		if q := w.PortNamed(named.name, protocol); q != nil {
			numbers[q.Number] = true
		} else {
			without = append(without, w)
		}
	}
	switch {
	case len(pods) == 0 && r.Direction == fact.Egress && len(r.Peers) > 0:
		f.Declared = "address" // the peers are blocks of addresses only
		return
	case len(pods) == 0:
		return
	case len(numbers) > 0:
		without = unnamed(r, without, protocol, numbers)
	}
	switch {
	case len(numbers) == 0:
		f.Declared = "none"
	case len(without) > 0:
		f.Declared = "some"
	default:
		f.Declared = "all"
		return
	}
	have := map[string]bool{}
	for _, w := range without {
		f.Workloads = append(f.Workloads, w.Ref())
		for _, q := range w.Ports {
			have[q.Protocol+" "+q.String()] = true
		}
	}
	f.Names["declared"] = fact.JoinSorted(have)
	if len(have) == 0 {
		f.Names["declared"] = "no port"
	}
}

// unnamed keeps the pods that serve the number and do not give it the name. It
// keeps none where the policy is for every pod of its namespace: the rule is
// then meant for those pods that have the name.
func unnamed(r *Rule, pods []*inventory.Workload, protocol string, numbers map[int]bool) []*inventory.Workload {
	if r.Policy.Selector.Empty() {
		return nil
	}
	return slices.DeleteFunc(pods, func(w *inventory.Workload) bool {
		return !slices.ContainsFunc(w.Ports, func(q *inventory.Port) bool { return q.Declared && q.Protocol == protocol && numbers[q.Number] })
	})
}

// servicePortWritten reports a rule with the port number of a Service where the
// pods serve another one: policies apply to pods, after the Service's port was
// translated. It is reported only where no container declares the number and no
// rule of the policy covers the port of the pods.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
func (n *Network) servicePortWritten(r *Rule, number int, protocol string, pods []*inventory.Workload, f *fact.RulePortFacts) {
	if r.Direction == fact.Egress && len(r.ranges) > 0 {
		return // the number may be meant for the addresses
	}
	var meant *inventory.Service
	to := ""
	for _, w := range pods {
		v, q := servicePortTarget(w, number, protocol)
		switch {
		case w.PortNumbered(number, protocol) != nil || q != nil && r.policyCovers(w, q):
			f.Workloads = nil
			return
		case q != nil:
			meant, to = v, q.String()
			f.Workloads = append(f.Workloads, w.Ref())
		}
	}
	if meant == nil {
		return
	}
	f.Names["service"], f.Names["target"] = fact.RefPlain(meant.Object), to
	f.Service = fact.PlaceFacts{Present: true, Evidence: fact.Evidence{From: fact.Source{Object: meant.Object, Path: yaml.Path{"spec", "ports"}}}}
}

// servicePortTarget returns a Service of the workload that has a port of that
// number, and the port of the pods that it leads to; nil if there is none.
func servicePortTarget(w *inventory.Workload, number int, protocol string) (*inventory.Service, *inventory.Port) {
	for _, v := range w.Services {
		for i := range v.Spec.Ports {
			p := &v.Spec.Ports[i]
			if q := w.ServicePortTarget(p); int(p.Port) == number && decode.OrTCP(p.Protocol) == protocol && q != nil && q.Declared {
				return v, q
			}
		}
	}
	return nil, nil
}

// policyCovers reports that some rule of the same policy and direction covers
// the port.
func (r *Rule) policyCovers(w *inventory.Workload, q *inventory.Port) bool {
	return slices.ContainsFunc(r.Policy.Rules, func(other *Rule) bool {
		return other.Direction == r.Direction && other.covers(w, q) != fact.No
	})
}
