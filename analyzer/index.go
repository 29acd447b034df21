package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// workloadIndex finds the workloads of one namespace that a selector may
// select, by its rarest literal label.
type workloadIndex struct {
	all     []*Workload
	open    []*Workload // whose labels are not all known
	byLabel map[[2]string][]*Workload
}

func (x *workloadIndex) add(w *Workload) {
	if x.byLabel == nil {
		x.byLabel = map[[2]string][]*Workload{}
	}
	x.all = append(x.all, w)
	if w.labels.open || len(w.labels.may) > 0 {
		x.open = append(x.open, w)
		return
	}
	for k, v := range w.labels.known {
		key := [2]string{k, v}
		if isPlaceholder(v) {
			key[1] = ""
		}
		x.byLabel[key] = append(x.byLabel[key], w)
	}
}

// candidates returns every workload that the selector may select.
func (x *workloadIndex) candidates(sel selector) []*Workload {
	var best []*Workload
	found := false
	for k, v := range sel.equalities() {
		if controllerSet(k) || isPlaceholder(v) {
			continue
		}
		list := x.byLabel[[2]string{k, v}]
		if templated := x.byLabel[[2]string{k, ""}]; len(templated) > 0 {
			list = append(slices.Clone(list), templated...)
		}
		if !found || len(list) < len(best) {
			best, found = list, true
		}
	}
	if !found {
		return x.all
	}
	if len(x.open) == 0 {
		return best
	}
	return append(slices.Clone(best), x.open...)
}

// match splits the workloads into those that the selector selects for certain
// and those that it may select.
func (x *workloadIndex) match(sel selector) (yes, maybe []*Workload) {
	for _, w := range x.candidates(sel) {
		switch sel.matches(w.labels) {
		case Yes:
			yes = append(yes, w)
		case Unknown:
			maybe = append(maybe, w)
		case No:
		}
	}
	return yes, maybe
}

// suggest finds the label that was most likely meant by a selector that
// selects nothing: of one workload, all but one of the selector's labels agree
// and the remaining one is close.
func (x *workloadIndex) suggest(sel selector) string {
	want := sel.equalities()
	var best string
	bestDistance := 0
	for _, w := range x.all {
		if w.implied {
			continue
		}
		s, distance := nearLabel(want, w.Labels)
		if s != "" && (best == "" || distance < bestDistance || distance == bestDistance && s < best) {
			best, bestDistance = s, distance
		}
	}
	return best
}

// nearLabel returns the label of have that one label of want was meant to be,
// and how far it is: a slip of the pen, another key, a part of the name.
func nearLabel(want, have map[string]string) (label string, distance int) {
	missing := ""
	for k, v := range want {
		if have[k] == v {
			continue
		}
		if missing != "" {
			return "", 0
		}
		missing = k
	}
	v, ok := have[missing]
	switch {
	case missing == "":
		return "", 0
	case ok && want[missing] == "true" && controllerSet(missing): // the name of an object stands there
		return missing + ": " + v, 1
	case ok && nearest(want[missing], []string{v}) != "":
		return missing + ": " + v, 0
	}
	for _, k := range slices.SortedFunc(maps.Keys(have), cmp.Compare[string]) {
		if have[k] == want[missing] && k != missing {
			return k + ": " + have[k], 1
		}
	}
	if ok && contains(v, want[missing]) {
		return missing + ": " + v, 2
	}
	return "", 0
}

// contains reports that one name is a whole part of the other, as `vllm` is of
// `vllm-server`.
func contains(a, b string) bool {
	parts := func(s string) string {
		return "-" + strings.ReplaceAll(strings.ReplaceAll(s, ".", "-"), "_", "-") + "-"
	}
	return len(a) > 2 && len(b) > 2 && (strings.Contains(parts(a), parts(b)) || strings.Contains(parts(b), parts(a)))
}
