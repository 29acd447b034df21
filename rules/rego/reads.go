package rego

import (
	"slices"
	"strings"
)

// Reads is the tree of facts that a rule can read. A node without children is
// there or not, its value is never looked at; full is read with all below it.
type Reads struct {
	full   bool
	every  *Reads            // below every item of an array
	fields map[string]*Reads // below the named fields
}

// anyStep stands in a path for an index that is not a constant.
const anyStep = "*"

// maxDepth bounds paths, and so the search for aliases.
const maxDepth = 12

func (r *Reads) add(path []string, full bool) {
	for _, step := range path {
		if step == anyStep {
			if r.every == nil {
				r.every = &Reads{}
			}
			r = r.every
			continue
		}
		if r.fields == nil {
			r.fields = map[string]*Reads{}
		}
		if r.fields[step] == nil {
			r.fields[step] = &Reads{}
		}
		r = r.fields[step]
	}
	r.full = r.full || full
}

// widen makes full what is read both by name and by iterating.
func (r *Reads) widen() {
	r.full = r.full || r.every != nil && r.fields != nil
	if r.every != nil {
		r.every.widen()
	}
	for _, f := range r.fields {
		f.widen()
	}
}

// Below returns what is read of a field or, with no name, of an item; nil is nothing.
func (r *Reads) Below(field string) *Reads {
	switch {
	case r.full:
		return r
	case r.every != nil:
		return r.every
	default:
		return r.fields[field]
	}
}

// Paths lists what is read, sorted: `ports[].mtls.mode*` is the mode of every
// port, with all below it; without the star only that it is there.
func (r *Reads) Paths() []string {
	var paths []string
	var walk func(r *Reads, path string)
	walk = func(r *Reads, path string) {
		switch {
		case r.full:
			paths = append(paths, path+"*")
		case r.every == nil && r.fields == nil:
			paths = append(paths, path)
		}
		if r.every != nil {
			walk(r.every, path+"[]")
		}
		for name, f := range r.fields {
			walk(f, strings.TrimPrefix(path+"."+name, "."))
		}
	}
	walk(r, "")
	slices.Sort(paths)
	return paths
}
