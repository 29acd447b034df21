package analyzer

import (
	"path"
	"strings"
)

// whom says of each peer of a rule whether the tree holds anybody like it.
func (s *network) whom(r *policyRule) []PeerFacts {
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
// label that was meant to be a namespace's name. Of another namespace than the
// policy's own it is said where the tree declares it, or a near label is seen.
func (s *network) missing(r *policyRule, sel *peerSelector, f *PeerFacts) {
	if sel.own != nil {
		if sel.own.closedFor(r.policy.Object) == Yes {
			s.noPods(sel.own, sel, f)
		}
		return
	}
	name, ok := sel.namespaces.equalities()[nameLabel]
	ns := s.inventory.namespaces[name]
	if !ok || ns == nil || ns.closedFor(r.policy.Object) != Yes {
		return
	}
	if ns.name == r.policy.Namespace || ns.claimed() && !ns.hostsTools() || ns.index.suggest(sel.pods) != "" {
		s.noPods(ns, sel, f)
	}
}

// noPods: the namespace is closed and has no such pod. Pods of the host network
// would match and are not found by selectors, which is another matter.
func (s *network) noPods(ns *namespace, sel *peerSelector, f *PeerFacts) {
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
func (s *network) elsewhere(own *namespace, pods selector) string {
	yes, _ := s.everywhere.match(pods)
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
func (s *network) namedByLabel(sel *peerSelector, f *PeerFacts) bool {
	equal := sel.namespaces.equalities()
	if len(equal) != 1 || len(sel.namespaces.reqs) != 1 {
		return false
	}
	for key, value := range equal {
		ns := s.inventory.namespaces[value]
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
