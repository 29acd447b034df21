package netpol

import (
	"path"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// peerFacts says of each peer of a rule whether it selects a pod of the tree and,
// where it selects none, what is wrong with it.
func (n *Network) peerFacts(r *Rule) []fact.PeerFacts {
	out := make([]fact.PeerFacts, 0, len(r.Peers))
	for _, p := range r.Peers {
		f := fact.PeerFacts{Matches: fact.Yes}
		f.From = fact.Source{Object: r.Policy.Object, Path: p.Path}
		f.Names = map[string]string{"peer": p.Describe()}
		if set := p.resolved; set != nil && !set.every && len(set.definite) == 0 {
			f.Matches = fact.Unknown
			if !n.wrongNameLabel(p, &f) && len(set.possible) == 0 {
				n.explainEmpty(r, p, &f)
			}
		}
		out = append(out, f)
	}
	return out
}

// explainEmpty decides whether a peer that selects no pod of the tree selects
// none at all. That is known for a namespace whose pods are all in the tree.
// For another namespace than the policy's own it is reported only where the
// tree declares that namespace in full, or holds a label close to the selector.
func (n *Network) explainEmpty(r *Rule, p *Peer, f *fact.PeerFacts) {
	if p.own != nil {
		if p.own.CompleteFor(r.Policy.Object) == fact.Yes {
			n.missingPods(p.own, p, f)
		}
		return
	}
	name, ok := p.namespaces.Equalities()[inventory.NameLabel]
	ns := n.inventory.Namespaces[name]
	if !ok || ns == nil || ns.CompleteFor(r.Policy.Object) != fact.Yes {
		return
	}
	if ns.Name == r.Policy.Namespace || ns.DeclaredInFull() && !ns.MayHostPlatformTools() || ns.Index.Suggest(p.pods) != "" {
		n.missingPods(ns, p, f)
	}
}

// missingPods notes that a complete namespace has no such pod, and what was
// probably meant. Pods of the host network do have the labels; it is another
// mistake to select these.
func (n *Network) missingPods(ns *inventory.Namespace, p *Peer, f *fact.PeerFacts) {
	if definite, possible := ns.Index.Match(p.pods); len(definite)+len(possible) > 0 || p.pods.Empty() || ns.MadeLater(p.pods) {
		return
	}
	f.Matches, f.Missing = fact.No, "pods"
	f.Names["namespace"] = fact.NamespaceName(ns.Name)
	if near := ns.Index.Suggest(p.pods); near != "" {
		f.Suggestion = true
		f.Names["suggestion"] = "`" + near + "`"
	} else if home := n.onlyOtherNamespace(ns, p.pods); home != "" && p.own != nil {
		f.Missing = "namespace"
		f.Names["home"] = "`" + home + "`"
	}
}

// onlyOtherNamespace returns the name of the one namespace that has such pods,
// empty if own has some, if several have, or if it has no name.
func (n *Network) onlyOtherNamespace(own *inventory.Namespace, pods inventory.Selector) string {
	definite, _ := n.allPods.Match(pods)
	home := ""
	for _, w := range definite {
		if w.Ns == own || w.Namespace == "" || home != "" && home != w.Namespace {
			return ""
		}
		home = w.Namespace
	}
	return home
}

// wrongNameLabel reports a selector that means a namespace by its name and uses
// a label which that namespace does not have: the control plane sets only
// kubernetes.io/metadata.name. That the namespace lacks the label is a fact; a
// namespace that the tree does not declare may have it all the same.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
func (n *Network) wrongNameLabel(p *Peer, f *fact.PeerFacts) bool {
	equal := p.namespaces.Equalities()
	if len(equal) != 1 || len(p.namespaces.Reqs) != 1 {
		return false
	}
	for key, value := range equal {
		ns := n.inventory.Namespaces[value]
		if !isNameKey(key) || ns == nil || ns.Declared != fact.Yes {
			return false
		}
		if _, has := ns.Labels.Known[key]; has || key == inventory.NameLabel {
			return false
		}
		f.Missing, f.Suggestion = "label", true
		f.From.Path = f.From.Path.Join("namespaceSelector")
		f.Names["label"], f.Names["namespace"] = "`"+key+"="+value+"`", fact.NamespaceName(value)
		f.Names["suggestion"] = "`" + inventory.NameLabel + ": " + value + "`"
		f.Namespace = fact.PlaceFacts{Present: true, Evidence: fact.Evidence{From: ns.Anchor}}
	}
	return f.Missing == "label"
}

// isNameKey reports a label key that is meant to hold a namespace's name.
func isNameKey(key string) bool {
	switch strings.ToLower(path.Base(key)) {
	case "name", "namespace", "ns", "metadata.name", "namespace-name", "namespacename":
		return true
	}
	return false
}
