package netpol

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// portList says of each port of a rule whether those it is for have it.
func (s *Network) portList(r *Rule) []fact.RulePortFacts {
	out := make([]fact.RulePortFacts, 0, len(r.ports))
	if len(r.ports) == 0 {
		return out
	}
	pods, complete := s.destinationsOf(r)
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
			named := namedPort{q.Port.StrVal, netset.ProtocolIndex(decode.OrTCP(decode.Deref(q.Protocol)))}
			s.nameDeclared(r, named, pods, complete, &f)
		case q.EndPort == nil:
			f.Names = map[string]string{"port": q.Port.String()}
			s.servicePortWritten(r, int(q.Port.IntVal), decode.OrTCP(decode.Deref(q.Protocol)), pods, &f)
		}
		out = append(out, f)
	}
	return out
}

// mostDestinations bounds how many pods the ports of one rule are compared with.
const mostDestinations = 256

// destinationsOf lists the workloads of the tree that a rule's ports are
// about, and whether these are all of them: those that the policy selects or,
// of egress, those that the peers select. A named port is the destination's.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func (s *Network) destinationsOf(r *Rule) (pods []*inventory.Workload, complete bool) {
	if r.Direction == fact.Ingress {
		pods = slices.DeleteFunc(slices.Clone(r.Policy.selected), func(w *inventory.Workload) bool { return w.HostNetwork() || w.Implied })
		return pods, len(r.Policy.possiblySelected) == 0 && r.Policy.ns.CompleteFor(r.Policy.Object) == fact.Yes
	}
	complete = !r.anyPeer
	for i, set := range r.Resolved {
		if set == nil { // an address names no port
			continue
		}
		complete = complete && !set.every && len(set.definite) > 0 && len(set.possible) == 0 && s.closedPeer(r, r.selectors[i])
		for _, id := range set.definite {
			pods = append(pods, s.Pods[id].Members...)
			if len(pods) > mostDestinations {
				return nil, false
			}
		}
	}
	return pods, complete && !slices.ContainsFunc(pods, func(w *inventory.Workload) bool { return w.Implied })
}

// closedPeer reports that a peer can find no pod but those of the tree.
func (s *Network) closedPeer(r *Rule, sel *peerSelector) bool {
	ns := sel.own
	if ns == nil {
		ns = s.inventory.Namespaces[sel.namespaces.Equalities()[inventory.NameLabel]]
	}
	return ns != nil && ns.CompleteFor(r.Policy.Object) == fact.Yes
}

// nameDeclared answers whether the pods give a port that name. Some of them
// only is a slip where the others serve the same number without the name.
func (s *Network) nameDeclared(r *Rule, named namedPort, pods []*inventory.Workload, complete bool, f *fact.RulePortFacts) {
	if named.protocol < 0 || !complete || decode.IsPlaceholder(named.name) {
		return
	}
	protocol := netset.Protocols()[named.protocol]
	numbers := map[int]bool{}
	var lacking []*inventory.Workload
	for _, w := range pods {
		if q := w.PortNamed(named.name, protocol); q != nil {
			numbers[q.Number] = true
		} else {
			lacking = append(lacking, w)
		}
	}
	switch {
	case len(pods) == 0 && r.Direction == fact.Egress && len(r.Peers) > 0:
		f.Declared = "address" // only blocks of addresses
		return
	case len(pods) == 0:
		return
	case len(numbers) > 0:
		lacking = unnamed(r, lacking, protocol, numbers)
	}
	switch {
	case len(numbers) == 0:
		f.Declared = "none"
	case len(lacking) > 0:
		f.Declared = "some"
	default:
		f.Declared = "all"
		return
	}
	have := map[string]bool{}
	for _, w := range lacking {
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

// unnamed keeps those pods that serve the number and do not name it. A policy
// for every pod of a namespace is for those that have the name.
func unnamed(r *Rule, pods []*inventory.Workload, protocol string, numbers map[int]bool) []*inventory.Workload {
	if r.Policy.Sel.Empty() {
		return nil
	}
	return slices.DeleteFunc(pods, func(w *inventory.Workload) bool {
		return !slices.ContainsFunc(w.Ports, func(q *inventory.Port) bool { return q.Declared && q.Protocol == protocol && numbers[q.Number] })
	})
}

// servicePortWritten recognises the number of a Service in a rule: policies
// apply to pods, behind the translation that the Service does. It is said only
// where no container declares the number and the rule does not admit the real
// port as well.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
func (s *Network) servicePortWritten(r *Rule, number int, protocol string, pods []*inventory.Workload, f *fact.RulePortFacts) {
	if r.Direction == fact.Egress && slices.Contains(r.Resolved, nil) {
		return // the number may be that of an address
	}
	var meant *inventory.Service
	to := ""
	for _, w := range pods {
		v, q := translated(w, number, protocol)
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
	f.Service = fact.PlaceFacts{Known: true, Evidence: fact.Evidence{From: fact.Source{Object: meant.Object, Path: yaml.Path{"spec", "ports"}}}}
}

// translated returns the Service that has a port of the number, and the port
// of the pods that it leads to.
func translated(w *inventory.Workload, number int, protocol string) (*inventory.Service, *inventory.Port) {
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
