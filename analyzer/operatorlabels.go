package analyzer

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
)

// mayHold reports whether the pod may bear a label of which nothing is known:
// its labels are not all told, or a controller sets that one.
func (l labelSet) mayHold(key string) bool {
	switch set := controllerSet(key); {
	case slices.Contains(l.may, key):
		return true
	case set && slices.Contains(l.told, labelDomain(key)): // nobody writes another operator's labels
		return false
	default:
		return l.open || set
	}
}

// labelDomain is the part of a key before its slash, or the key itself.
func labelDomain(key string) string {
	domain, _, _ := strings.Cut(key, "/")
	return domain
}

// tellLabels settles what pods that an operator does not make say of that
// operator's labels. Where its objects are in the tree, a pod that bears none
// of its labels is none of its pods; anywhere else the objects may be made at
// run time, and nobody knows.
func (s *Inventory) tellLabels() {
	domains := map[*namespace]map[string]bool{}
	for _, w := range s.workloads {
		w.ns.guarded = w.ns.guarded || w.guarded()
		if w.operated != nil && w.operated.kind.domain != "" {
			if domains[w.ns] == nil {
				domains[w.ns] = map[string]bool{}
			}
			domains[w.ns][w.operated.kind.domain] = true
		}
	}
	if len(domains) == 0 {
		return
	}
	told := map[*namespace][]string{}
	for ns, found := range domains {
		told[ns] = sortedKeys(found)
		ns.operators = told[ns]
	}
	for _, w := range s.workloads {
		w.labels.told = told[w.ns]
		if w.operated != nil && w.operated.kind.domain != "" {
			w.labels.told = without(told[w.ns], w.operated.kind.domain)
		}
	}
}

func without(list []string, drop string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == drop })
}

// madeLater reports whether a selector that finds none of the tree's pods asks
// for labels of an operator. Pods that bear them may well be made at run time:
// such a selector is wrong for certain only when it is seen what was meant.
func (ns *namespace) madeLater(sel selector) bool {
	return slices.ContainsFunc(sel.reqs, func(r labels.Requirement) bool { return slices.Contains(ns.operators, labelDomain(r.Key())) }) &&
		ns.index.suggest(sel) == ""
}
