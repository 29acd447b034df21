package inventory

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// WorkloadIndex finds the workloads of one namespace that a selector may
// select, by its rarest literal label.
type WorkloadIndex struct {
	All     []*Workload
	open    []*Workload // whose labels are not all known
	byLabel map[[2]string][]*Workload
}

// Add indexes a workload by its labels.
func (x *WorkloadIndex) Add(w *Workload) {
	if x.byLabel == nil {
		x.byLabel = map[[2]string][]*Workload{}
	}
	x.All = append(x.All, w)
	if w.LabelSet.Open || len(w.LabelSet.may) > 0 {
		x.open = append(x.open, w)
		return
	}
	for k, v := range w.LabelSet.Known {
		key := [2]string{k, v}
		if decode.IsPlaceholder(v) {
			key[1] = ""
		}
		x.byLabel[key] = append(x.byLabel[key], w)
	}
}

// Candidates returns every workload that the selector may select.
func (x *WorkloadIndex) Candidates(sel Selector) []*Workload {
	var best []*Workload
	found := false
	for k, v := range sel.Equalities() {
		if ControllerSet(k) || decode.IsPlaceholder(v) {
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
		return x.All
	}
	if len(x.open) == 0 {
		return best
	}
	return append(slices.Clone(best), x.open...)
}

// Match splits the workloads into those that the selector selects for certain
// and those that it may select.
func (x *WorkloadIndex) Match(sel Selector) (yes, maybe []*Workload) {
	for _, w := range x.Candidates(sel) {
		switch sel.Matches(w.LabelSet) {
		case fact.Yes:
			yes = append(yes, w)
		case fact.Unknown:
			maybe = append(maybe, w)
		case fact.No:
		}
	}
	return yes, maybe
}

// Suggest finds the label that was most likely meant by a selector that
// selects nothing: of one workload, all but one of the selector's labels agree
// and the remaining one is close.
func (x *WorkloadIndex) Suggest(sel Selector) string {
	want := sel.Equalities()
	var best string
	bestDistance := 0
	for _, w := range x.All {
		if w.Implied {
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
	case ok && want[missing] == "true" && ControllerSet(missing): // the name of an object stands there
		return missing + ": " + v, 1
	case ok && fact.Nearest(want[missing], []string{v}) != "":
		return missing + ": " + v, 0
	}
	for _, k := range slices.SortedFunc(maps.Keys(have), cmp.Compare[string]) {
		if have[k] == want[missing] && k != missing {
			return k + ": " + have[k], 1
		}
	}
	if ok && Contains(v, want[missing]) {
		return missing + ": " + v, 2
	}
	return "", 0
}

// Contains reports that one name is a whole part of the other, as `vllm` is of
// `vllm-server`.
func Contains(a, b string) bool {
	parts := func(s string) string {
		return "-" + strings.ReplaceAll(strings.ReplaceAll(s, ".", "-"), "_", "-") + "-"
	}
	return len(a) > 2 && len(b) > 2 && (strings.Contains(parts(a), parts(b)) || strings.Contains(parts(b), parts(a)))
}
