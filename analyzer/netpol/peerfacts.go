package netpol

import (
	"path"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// whom says of each peer of a rule whether the tree holds anybody like it.
func (s *Network) whom(r *Rule) []fact.PeerFacts {
	out := make([]fact.PeerFacts, 0, len(r.Peers))
	for i, sel := range r.selectors {
		f := fact.PeerFacts{Finds: fact.Yes}
		f.From = fact.Source{Object: r.Policy.Object, Path: r.PeersPath.Join(i)}
		f.Names = map[string]string{"peer": DescribePeer(&r.Peers[i])}
		if set := r.Resolved[i]; set != nil && !set.every && len(set.definite) == 0 {
			f.Finds = fact.Unknown
			if !s.namedByLabel(sel, &f) && len(set.possible) == 0 {
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
func (s *Network) missing(r *Rule, sel *peerSelector, f *fact.PeerFacts) {
	if sel.own != nil {
		if sel.own.CompleteFor(r.Policy.Object) == fact.Yes {
			s.noPods(sel.own, sel, f)
		}
		return
	}
	name, ok := sel.namespaces.Equalities()[inventory.NameLabel]
	ns := s.inventory.Namespaces[name]
	if !ok || ns == nil || ns.CompleteFor(r.Policy.Object) != fact.Yes {
		return
	}
	if ns.Name == r.Policy.Namespace || ns.DeclaredInFull() && !ns.MayHostPlatformTools() || ns.Index.Suggest(sel.pods) != "" {
		s.noPods(ns, sel, f)
	}
}

// noPods: the namespace is closed and has no such pod. Pods of the host network
// would match and are not found by selectors, which is another matter.
func (s *Network) noPods(ns *inventory.Namespace, sel *peerSelector, f *fact.PeerFacts) {
	if yes, maybe := ns.Index.Match(sel.pods); len(yes)+len(maybe) > 0 || sel.pods.Empty() || ns.MadeLater(sel.pods) {
		return
	}
	f.Finds, f.Lacks = fact.No, "pods"
	f.Names["namespace"] = fact.NamespaceName(ns.Name)
	if near := ns.Index.Suggest(sel.pods); near != "" {
		f.Suggestion = true
		f.Names["suggestion"] = "`" + near + "`"
	} else if home := s.elsewhere(ns, sel.pods); home != "" && sel.own != nil {
		f.Lacks = "namespace"
		f.Names["home"] = "`" + home + "`"
	}
}

// elsewhere returns the one other namespace in which such pods live.
func (s *Network) elsewhere(own *inventory.Namespace, pods inventory.Selector) string {
	yes, _ := s.everywhere.Match(pods)
	home := ""
	for _, w := range yes {
		if w.Ns == own || w.Namespace == "" || home != "" && home != w.Namespace {
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
func (s *Network) namedByLabel(sel *peerSelector, f *fact.PeerFacts) bool {
	equal := sel.namespaces.Equalities()
	if len(equal) != 1 || len(sel.namespaces.Reqs) != 1 {
		return false
	}
	for key, value := range equal {
		ns := s.inventory.Namespaces[value]
		if !isNameKey(key) || ns == nil || ns.Declared != fact.Yes {
			return false
		}
		if _, has := ns.Labels.Known[key]; has || key == inventory.NameLabel {
			return false
		}
		f.Lacks, f.Suggestion = "label", true
		f.From.Path = f.From.Path.Join("namespaceSelector")
		f.Names["label"], f.Names["namespace"] = "`"+key+"="+value+"`", fact.NamespaceName(value)
		f.Names["suggestion"] = "`" + inventory.NameLabel + ": " + value + "`"
		f.Namespace = fact.PlaceFacts{Known: true, Evidence: fact.Evidence{From: ns.Anchor}}
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
