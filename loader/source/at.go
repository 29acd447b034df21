package source

import (
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// At returns the place of the field that path leads to and whether it exists.
// A scalar's place is its value, a collection's place is its key (or, in a
// list, the item's first token); a value that was left empty has the place of
// its key. For a field that does not exist it is the nearest existing
// ancestor's place. Of a duplicate key it is the last.
func (o *Object) At(path yaml.Path) (yaml.Span, bool) {
	if o.Places != nil {
		return o.Places.Place(o, path, false)
	}
	key, value, exact := o.Find(path)
	if key != nil && (value.Kind >= yaml.Map || value.IsEmpty()) {
		return o.File.Span(key), exact
	}
	return o.File.Span(value), exact
}

// KeyAt is At, but always points at the key of a mapping entry.
func (o *Object) KeyAt(path yaml.Path) (yaml.Span, bool) {
	if o.Places != nil {
		return o.Places.Place(o, path, true)
	}
	key, value, exact := o.Find(path)
	if key != nil {
		return o.File.Span(key), exact
	}
	return o.File.Span(value), exact
}

// Placer answers where the fields of an object stand that was not read but
// rendered: in the template, base, patch or values that a person would edit.
type Placer interface {
	// Place is At, or KeyAt where the key of a mapping entry is wanted.
	Place(o *Object, path yaml.Path, key bool) (yaml.Span, bool)
	// Base is Object.Base.
	Base(o *Object, path yaml.Path) (yaml.Span, bool)
	// FromValues reports whether Base leads into a values file.
	FromValues() bool
}

// Find walks path as far as it leads. key is nil for the root and for items.
func (o *Object) Find(path yaml.Path) (key, value *yaml.Node, exact bool) {
	value = o.Root
	for _, step := range path {
		switch s := step.(type) {
		case string:
			f := value.Field(s)
			if f == nil {
				return key, value, false
			}
			key, value = f.Key, f.Value
		case int:
			if s < 0 || s >= len(value.Items) {
				return key, value, false
			}
			key, value = nil, value.Items[s]
		default:
			return key, value, false
		}
	}
	return key, value, true
}

// Node returns the value that path leads to, nil if there is none.
func (o *Object) Node(path yaml.Path) *yaml.Node {
	_, value, exact := o.Find(path)
	if !exact {
		return nil
	}
	return value
}

// Base returns the place of a field in the document that an object was built
// from, or of the nearest field around it, and whether the object was built
// and the field has its value from somewhere else; of a field whose value a
// chart's template takes from a values file, the value there, where that can be
// told.
func (o *Object) Base(path yaml.Path) (yaml.Span, bool) {
	if o.Places == nil {
		return yaml.Span{}, false
	}
	return o.Places.Base(o, path)
}

// FromValues reports whether Base leads into a values file.
func (o *Object) FromValues() bool { return o.Places != nil && o.Places.FromValues() }
