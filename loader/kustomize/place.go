package kustomize

import (
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// placing answers for a built object where its fields are to be edited.
type placing struct {
	root   *kustomization
	source origin
}

// Place looks for the field where it has its value from: in the document, in
// the patch that was applied last, in the kustomization's own field; failing
// all, at the nearest place of the document.
func (p *placing) Place(o *source.Object, path yaml.Path, key bool) (yaml.Span, bool) {
	path, exact := existing(o.Root, path)
	span, _ := p.find(o, path, key)
	return span, exact
}

// find is Place for a path that exists, and reports whether the place is in the
// document. A list that a patch replaced is the patch's; one that it adds to
// remains the document's.
func (p *placing) find(o *source.Object, path yaml.Path, key bool) (span yaml.Span, base bool) {
	for _, whole := range []bool{true, false} {
		if span, ok := p.inBase(o, path, key, whole); ok {
			return span, true
		}
		if span, ok := p.changed(o, path, key, whole); ok {
			return span, false
		}
	}
	return p.nearest(o, path, key), true
}

// existing cuts a path to what the object has of it.
func existing(root *yaml.Node, path yaml.Path) (yaml.Path, bool) {
	n := root
	for i, step := range path {
		if n = child(n, step); n == nil {
			return path[:i], false
		}
	}
	return path, true
}

func child(n *yaml.Node, step any) *yaml.Node {
	switch s := step.(type) {
	case string:
		return n.Get(s)
	case int:
		if items := n.List(); s >= 0 && s < len(items) {
			return items[s]
		}
	}
	return nil
}

// inBase finds the field in the document if it is the same there.
func (p *placing) inBase(o *source.Object, path yaml.Path, key, whole bool) (yaml.Span, bool) {
	if p.source.object == nil {
		return yaml.Span{}, false
	}
	there, rendered, found := aligned(o.Root, p.source.object.Root, path)
	if len(found) != len(path) || !equalValue(rendered, there, whole) {
		return yaml.Span{}, false
	}
	return spanIn(p.source.object, found, key), true
}

// nearest is the field's place in the document, or that of the nearest field
// around it.
func (p *placing) nearest(o *source.Object, path yaml.Path, key bool) yaml.Span {
	if src := p.source.object; src != nil {
		_, _, found := aligned(o.Root, src.Root, path)
		return spanIn(src, found, key && len(found) == len(path))
	}
	if g := p.source.generator; g != nil {
		in := &source.Object{File: p.source.in.file, Root: g.item}
		return spanIn(in, yaml.Path{"name"}, false)
	}
	return p.root.file.Span(p.root.root)
}

func spanIn(o *source.Object, path yaml.Path, key bool) yaml.Span {
	if key {
		span, _ := o.KeyAt(path)
		return span
	}
	span, _ := o.At(path)
	return span
}

// aligned follows a path of the built object in another version of it as far as
// it leads: list items are found by what tells them apart, since patches move
// them. It returns both values and the path in the other version.
func aligned(built, other *yaml.Node, path yaml.Path) (there, here *yaml.Node, found yaml.Path) {
	here, there = built, other
	for _, step := range path {
		next := child(here, step)
		if i, ok := step.(int); ok {
			step = counterpart(here, there, i)
		}
		thereNext := child(there, step)
		if next == nil || thereNext == nil {
			return there, here, found
		}
		here, there, found = next, thereNext, found.Join(step)
	}
	return there, here, found
}

// counterpart returns the index that item i of a list has in another version of
// the list, -1 if it has none.
func counterpart(list, other *yaml.Node, i int) int {
	items, others := list.List(), other.List()
	if i < 0 || i >= len(items) {
		return -1
	}
	id := identityOf(items[i])
	if id == "" { // nothing tells the items apart but their content, or else their place
		for j := range others {
			if yaml.Hash(others[j]) == yaml.Hash(items[i]) {
				return j
			}
		}
		if len(items) == len(others) {
			return i
		}
		return -1
	}
	if i < len(others) && identityOf(others[i]) == id {
		return i
	}
	for j := range others {
		if identityOf(others[j]) == id {
			return j
		}
	}
	return -1
}

// identityOf is what strategic merges tell the items of a list apart by.
func identityOf(n *yaml.Node) string {
	if n.Kind < yaml.Map {
		return "=" + n.Text
	}
	for _, key := range []string{"name", "key", "containerPort", "mountPath", "devicePath", "topologyKey", "port", "ip", "uid"} {
		if v := n.Get(key); v != nil && v.Kind < yaml.Map {
			return key + "=" + v.Text
		}
	}
	return ""
}

// equalValue compares scalars, and collections with all that they hold if that
// is asked. Otherwise a collection is where its key is, whatever others add.
func equalValue(a, b *yaml.Node, whole bool) bool {
	if a == nil || b == nil {
		return false
	}
	if a.Kind >= yaml.Map || b.Kind >= yaml.Map {
		return a.Kind == b.Kind && (!whole || yaml.Hash(a) == yaml.Hash(b))
	}
	if a.Kind == yaml.Bool && b.Kind == yaml.Bool {
		return yaml.BoolText(a.Text) == yaml.BoolText(b.Text)
	}
	return a.Text == b.Text && (a.Kind == yaml.String) == (b.Kind == yaml.String)
}

// Base is nothing for what no document holds.
func (p *placing) Base(o *source.Object, path yaml.Path) (yaml.Span, bool) {
	if p.source.object == nil {
		return yaml.Span{}, false
	}
	path, _ = existing(o.Root, path)
	if _, base := p.find(o, path, false); base {
		return yaml.Span{}, false
	}
	return p.nearest(o, path, false), true
}

// FromValues implements source.Placer.
func (p *placing) FromValues() bool { return false }
