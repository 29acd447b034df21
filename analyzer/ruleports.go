package analyzer

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// portList says of each port of a rule whether those it is for have it.
func (s *setModel) portList(r *policyRule) []RulePortFacts {
	out := make([]RulePortFacts, 0, len(r.ports))
	if len(r.ports) == 0 {
		return out
	}
	pods, complete := s.destinationsOf(r)
	for i := range r.ports {
		q := &r.ports[i]
		f := RulePortFacts{Kind: "number", Declared: "unknown"}
		f.From = Source{Object: r.policy.Object, Path: r.path.Join("ports", i, "port")}
		switch {
		case q.Port == nil:
			f.Kind = "all"
			f.From.Path = r.path.Join("ports", i)
		case q.Port.StrVal != "":
			f.Kind = "name"
			f.Names = map[string]string{"port": "`" + q.Port.StrVal + "`", "protocol": orTCP(deref(q.Protocol))}
			named := namedPort{q.Port.StrVal, protocolIndex(orTCP(deref(q.Protocol)))}
			s.nameDeclared(r, named, pods, complete, &f)
		case q.EndPort == nil:
			f.Names = map[string]string{"port": q.Port.String()}
			s.servicePortWritten(r, int(q.Port.IntVal), orTCP(deref(q.Protocol)), pods, &f)
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
func (s *setModel) destinationsOf(r *policyRule) (pods []*Workload, complete bool) {
	if r.direction == ingress {
		pods = slices.DeleteFunc(slices.Clone(r.policy.selected), func(w *Workload) bool { return w.hostNetwork() || w.implied })
		return pods, len(r.policy.maybe) == 0 && r.policy.ns.closedFor(r.policy.Object) == Yes
	}
	complete = !r.anyPeer
	for i, set := range r.resolved {
		if set == nil { // an address names no port
			continue
		}
		complete = complete && !set.every && len(set.yes) > 0 && len(set.may) == 0 && s.closedPeer(r, r.selectors[i])
		for _, id := range set.yes {
			pods = append(pods, s.network().pods[id].members...)
			if len(pods) > mostDestinations {
				return nil, false
			}
		}
	}
	return pods, complete && !slices.ContainsFunc(pods, func(w *Workload) bool { return w.implied })
}

// closedPeer reports that a peer can find no pod but those of the tree.
func (s *setModel) closedPeer(r *policyRule, sel *peerSelector) bool {
	ns := sel.own
	if ns == nil {
		ns = s.namespaces[sel.namespaces.equalities()[nameLabel]]
	}
	return ns != nil && ns.closedFor(r.policy.Object) == Yes
}

// nameDeclared answers whether the pods give a port that name. Some of them
// only is a slip where the others serve the same number without the name.
func (s *setModel) nameDeclared(r *policyRule, named namedPort, pods []*Workload, complete bool, f *RulePortFacts) {
	if named.protocol < 0 || !complete || isPlaceholder(named.name) {
		return
	}
	protocol := protocols()[named.protocol]
	numbers := map[int]bool{}
	var lacking []*Workload
	for _, w := range pods {
		if q := w.portNamed(named.name, protocol); q != nil {
			numbers[q.number] = true
		} else {
			lacking = append(lacking, w)
		}
	}
	switch {
	case len(pods) == 0 && r.direction == egress && len(r.peers) > 0:
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
		f.Workloads = append(f.Workloads, w.ref())
		for _, q := range w.ports {
			have[q.protocol+" "+q.String()] = true
		}
	}
	f.Names["declared"] = joinSorted(have)
	if len(have) == 0 {
		f.Names["declared"] = "no port"
	}
}

// unnamed keeps those pods that serve the number and do not name it. A policy
// for every pod of a namespace is for those that have the name.
func unnamed(r *policyRule, pods []*Workload, protocol string, numbers map[int]bool) []*Workload {
	if r.policy.sel.empty() {
		return nil
	}
	return slices.DeleteFunc(pods, func(w *Workload) bool {
		return !slices.ContainsFunc(w.ports, func(q *port) bool { return q.declared && q.protocol == protocol && numbers[q.number] })
	})
}

// servicePortWritten recognises the number of a Service in a rule: policies
// apply to pods, behind the translation that the Service does. It is said only
// where no container declares the number and the rule does not admit the real
// port as well.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
func (s *setModel) servicePortWritten(r *policyRule, number int, protocol string, pods []*Workload, f *RulePortFacts) {
	if r.direction == egress && slices.Contains(r.resolved, nil) {
		return // the number may be that of an address
	}
	var meant *service
	to := ""
	for _, w := range pods {
		v, q := w.translated(number, protocol)
		switch {
		case w.portNumbered(number, protocol) != nil || q != nil && r.policyCovers(w, q):
			f.Workloads = nil
			return
		case q != nil:
			meant, to = v, q.String()
			f.Workloads = append(f.Workloads, w.ref())
		}
	}
	if meant == nil {
		return
	}
	f.Names["service"], f.Names["target"] = refPlain(meant.Object), to
	f.Service = PlaceFacts{Known: true, Evidence: Evidence{From: Source{Object: meant.Object, Path: yaml.Path{"spec", "ports"}}}}
}

// translated returns the Service that has a port of the number, and the port
// of the pods that it leads to.
func (w *Workload) translated(number int, protocol string) (*service, *port) {
	for _, v := range w.services {
		for i := range v.spec.Ports {
			p := &v.spec.Ports[i]
			if q := w.servicePortTarget(p); int(p.Port) == number && orTCP(p.Protocol) == protocol && q != nil && q.declared {
				return v, q
			}
		}
	}
	return nil, nil
}

// policyCovers reports that some rule of the same policy and direction covers
// the port.
func (r *policyRule) policyCovers(w *Workload, q *port) bool {
	return slices.ContainsFunc(r.policy.rules, func(other *policyRule) bool {
		return other.direction == r.direction && other.covers(w, q) != No
	})
}
