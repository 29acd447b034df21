package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// reads is the tree of facts that a rule can read. A node without children is
// there or not, its value is never looked at; full is read with all below it.
type reads struct {
	full   bool
	every  *reads            // below every item of an array
	fields map[string]*reads // below the named fields
}

// anyStep stands in a path for an index that is not a constant.
const anyStep = "*"

// maxDepth bounds paths, and so the search for aliases.
const maxDepth = 12

func (r *reads) add(path []string, full bool) {
	for _, step := range path {
		if step == anyStep {
			if r.every == nil {
				r.every = &reads{}
			}
			r = r.every
			continue
		}
		if r.fields == nil {
			r.fields = map[string]*reads{}
		}
		if r.fields[step] == nil {
			r.fields[step] = &reads{}
		}
		r = r.fields[step]
	}
	r.full = r.full || full
}

// widen makes full what is read both by name and by iterating.
func (r *reads) widen() {
	r.full = r.full || r.every != nil && r.fields != nil
	if r.every != nil {
		r.every.widen()
	}
	for _, f := range r.fields {
		f.widen()
	}
}

// readsOf finds what a rule's module and all that it calls can read of its
// input, and the one name below input that it starts from. It errs on the side
// of reading more.
func readsOf(c *ast.Compiler, m *ast.Module) (string, *reads, error) {
	s := &scan{compiler: c, aliases: map[ast.Var][][]string{}, bound: map[ast.Var]int{}, root: &reads{}}
	for _, r := range m.Rules {
		s.reach(r)
	}
	for s.grown = true; s.grown; {
		s.grown = false
		s.pass()
	}
	s.root, s.final = &reads{}, true
	s.pass()
	s.root.widen()
	if s.with {
		return "", nil, errors.New("uses `with`, which belongs into tests")
	}
	if s.root.full || s.root.every != nil {
		return "", nil, errors.New("reads input as a whole; a rule reads one name below it, such as input.workload")
	}
	names := slices.Sorted(maps.Keys(s.root.fields))
	if len(names) != 1 {
		return "", nil, fmt.Errorf("reads %d names below input %v; a rule is judged against one type of subject", len(names), names)
	}
	return names[0], s.root.fields[names[0]], nil
}

