package rules

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
