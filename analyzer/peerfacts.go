package analyzer

import (
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader"
)

// whom says of each peer of a rule whether the tree holds anybody like it.
func (s *setModel) whom(r *policyRule) []PeerFacts {
	out := make([]PeerFacts, 0, len(r.peers))
	for i, sel := range r.selectors {
		f := PeerFacts{Finds: Yes}
		f.From = Source{Object: r.policy.Object, Path: r.peersPath.Join(i)}
		f.Names = map[string]string{"peer": describePeer(&r.peers[i])}
		if set := r.resolved[i]; set != nil && !set.every && len(set.yes) == 0 {
			f.Finds = Unknown
			if !s.namedByLabel(sel, &f) && len(set.may) == 0 {
				s.missing(r, sel, &f)
			}
		}
		out = append(out, f)
	}
	return out
}

// missing decides whether a peer that finds no pod of the tree finds none at
// all. That is known of a namespace whose pods are all in the tree, and of a
// label that was meant to be a namespace's name.
func (s *setModel) missing(r *policyRule, sel *peerSelector, f *PeerFacts) {
	if sel.own != nil {
		if sel.own.closedFor(r.policy.Object) == Yes {
			s.noPods(sel.own, sel, f)
		}
		return
	}
	name, ok := sel.namespaces.equalities()[nameLabel]
	if ns := s.namespaces[name]; ok && ns != nil && ns.closedFor(r.policy.Object) == Yes {
		s.noPods(ns, sel, f)
	}
}

// noPods: the namespace is closed and has no such pod. Pods of the host network
// would match and are not found by selectors, which is another matter.
func (s *setModel) noPods(ns *namespace, sel *peerSelector, f *PeerFacts) {
	if yes, maybe := ns.index.match(sel.pods); len(yes)+len(maybe) > 0 || sel.pods.empty() || ns.madeLater(sel.pods) {
		return
	}
	f.Finds, f.Lacks = No, "pods"
	f.Names["namespace"] = namespaceName(ns.name)
	if near := ns.index.suggest(sel.pods); near != "" {
		f.Suggestion = true
		f.Names["suggestion"] = "`" + near + "`"
	} else if home := s.elsewhere(ns, sel.pods); home != "" && sel.own != nil {
		f.Lacks = "namespace"
		f.Names["home"] = "`" + home + "`"
	}
}

// elsewhere returns the one other namespace in which such pods live.
func (s *setModel) elsewhere(own *namespace, pods selector) string {
	yes, _ := s.network().everywhere.match(pods)
	home := ""
	for _, w := range yes {
		if w.ns == own || w.Namespace == "" || home != "" && home != w.Namespace {
			return ""
		}
		home = w.Namespace
	}
	return home
}

// namedByLabel recognises a selector for a namespace by its name that uses a
// label which that namespace does not carry: only kubernetes.io/metadata.name
// is set by the control plane. That the namespace lacks the label is a fact,
// though another one, which the tree does not declare, may carry it.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
func (s *setModel) namedByLabel(sel *peerSelector, f *PeerFacts) bool {
	equal := sel.namespaces.equalities()
	if len(equal) != 1 || len(sel.namespaces.reqs) != 1 {
		return false
	}
	for key, value := range equal {
		ns := s.namespaces[value]
		if !isNameKey(key) || ns == nil || ns.declared != Yes {
			return false
		}
		if _, has := ns.labels.known[key]; has || key == nameLabel {
			return false
		}
		f.Lacks, f.Suggestion = "label", true
		f.From.Path = f.From.Path.Join("namespaceSelector")
		f.Names["label"], f.Names["namespace"] = "`"+key+"="+value+"`", namespaceName(value)
		f.Names["suggestion"] = "`" + nameLabel + ": " + value + "`"
		f.Namespace = PlaceFacts{Known: true, Evidence: Evidence{From: ns.anchor}}
	}
	return f.Lacks == "label"
}

// isNameKey recognises a label that is meant to hold a namespace's name.
func isNameKey(key string) bool {
	switch strings.ToLower(path.Base(key)) {
	case "name", "namespace", "ns", "metadata.name", "namespace-name", "namespacename":
		return true
	}
	return false
}

// portList says of each port of a rule whether those it is for have it.
func (s *setModel) portList(r *policyRule) []RulePortFacts {
	out := make([]RulePortFacts, 0, len(r.ports))
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

// destinationsOf lists the workloads of the tree that a rule's ports are
// about, and whether these are all of them: those that the policy selects or,
// of egress, those that the peers select. A named port is the destination's.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func (s *setModel) destinationsOf(r *policyRule) (pods []*Workload, complete bool) {
	if r.direction == ingress {
		for _, w := range r.policy.selected {
			if !w.hostNetwork() && !w.implied {
				pods = append(pods, w)
			}
		}
		return pods, len(r.policy.maybe) == 0 && r.policy.ns.closedFor(r.policy.Object) == Yes
	}
	complete = !r.anyPeer
	n := s.network()
	for i, set := range r.resolved {
		if set == nil { // an address names no port
			continue
		}
		complete = complete && !set.every && len(set.yes) > 0 && len(set.may) == 0 && s.closedPeer(r, r.selectors[i])
		for _, id := range set.yes {
			for _, w := range n.pods[id].members {
				complete = complete && !w.implied
				pods = append(pods, w)
			}
		}
	}
	return pods, complete
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
	f.Declared = "all"
	switch {
	case len(pods) == 0 && r.direction == egress && len(r.peers) > 0:
		f.Declared = "address" // only blocks of addresses
		return
	case len(pods) == 0:
		f.Declared = "unknown"
		return
	case len(numbers) == 0:
		f.Declared = "none"
	case len(lacking) > 0 && !r.policy.sel.empty():
		lacking = slices.DeleteFunc(lacking, func(w *Workload) bool {
			return !slices.ContainsFunc(w.ports, func(q *port) bool { return q.declared && q.protocol == protocol && numbers[q.number] })
		})
		if len(lacking) > 0 {
			f.Declared = "some"
		}
	}
	if f.Declared == "all" {
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
		if w.portNumbered(number, protocol) != nil {
			return
		}
		for _, v := range w.services {
			for i := range v.spec.Ports {
				p := &v.spec.Ports[i]
				q := w.servicePortTarget(p)
				if int(p.Port) != number || orTCP(p.Protocol) != protocol || q == nil || !q.declared {
					continue
				}
				if r.policyCovers(w, q) {
					return
				}
				meant, to = v, q.String()
				f.Workloads = append(f.Workloads, w.ref())
			}
		}
	}
	if meant == nil {
		return
	}
	f.Names["service"], f.Names["target"] = refPlain(meant.Object), to
	f.Service = PlaceFacts{Known: true, Evidence: Evidence{From: Source{Object: meant.Object, Path: loader.Path{"spec", "ports"}}}}
}

// policyCovers reports that some rule of the same policy and direction covers
// the port.
func (r *policyRule) policyCovers(w *Workload, q *port) bool {
	return slices.ContainsFunc(r.policy.rules, func(other *policyRule) bool {
		return other.direction == r.direction && other.covers(w, q) != No
	})
}
