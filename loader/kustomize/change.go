package kustomize

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// changed finds what gave a field its value if the document did not: the patch
// or the field of a kustomization that is applied last.
func (p *placing) changed(o *source.Object, path yaml.Path, key, whole bool) (yaml.Span, bool) {
	value, missing := existingValue(o.Root, path)
	if missing || len(path) == 0 {
		return yaml.Span{}, false
	}
	for _, k := range p.root.closure() {
		if (value.Kind < yaml.Map || !whole) && p.concerns(k) {
			if span, ok := k.transformed(p, o, path, value); ok {
				return span, true
			}
		}
		for _, patch := range slices.Backward(k.patches) {
			if span, ok := patch.sets(p, o, path, key, func(n *yaml.Node) bool { return equalValue(value, n, whole) }); ok {
				return span, true
			}
		}
	}
	return yaml.Span{}, false
}

func existingValue(root *yaml.Node, path yaml.Path) (value *yaml.Node, missing bool) {
	for _, step := range path {
		if root = child(root, step); root == nil {
			return nil, true
		}
	}
	return root, false
}

// concerns reports whether a kustomization's fields act on the object: those
// that include its document, and components, which act on what lies beside.
func (p *placing) concerns(k *kustomization) bool {
	return p.source.in == nil || k.component || slices.Contains(k.closure(), p.source.in)
}

// sets finds a field in the documents of a patch, if it is for the object.
func (p *patch) sets(at *placing, o *source.Object, path yaml.Path, key bool, same func(*yaml.Node) bool) (yaml.Span, bool) {
	for _, doc := range slices.Backward(p.docs) {
		if !p.isFor(at, o, doc) {
			continue
		}
		root := &source.Object{File: p.file, Root: doc}
		var where yaml.Path
		var found bool
		if doc.Kind == yaml.List {
			where, found = operation(doc, path, same)
		} else {
			where, found = merged(o, doc, path, same)
		}
		if !found {
			continue
		}
		if !p.exact {
			return p.in.file.Span(p.entry), true
		}
		return spanIn(root, where, key && doc.Kind != yaml.List), true
	}
	return yaml.Span{}, false
}

// merged finds a field in a strategic merge patch.
func merged(o *source.Object, doc *yaml.Node, path yaml.Path, same func(*yaml.Node) bool) (yaml.Path, bool) {
	there, _, found := aligned(o.Root, doc, path)
	return found, len(found) == len(path) && same(there)
}

// operation finds the JSON patch operation that wrote a field, the last first.
func operation(doc *yaml.Node, path yaml.Path, same func(*yaml.Node) bool) (yaml.Path, bool) {
	for i, op := range slices.Backward(doc.Items) {
		switch op.Get("op").ScalarText() {
		case "add", "replace":
		default:
			continue
		}
		rest, ok := beyond(op.Get("path").ScalarText(), path)
		if !ok {
			continue
		}
		written, missing := existingValue(op.Get("value"), rest)
		if !missing && same(written) {
			return append(yaml.Path{i, "value"}, rest...), true
		}
	}
	return nil, false
}

// beyond returns what a path has below a JSON pointer.
func beyond(pointer string, path yaml.Path) (yaml.Path, bool) {
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if len(steps) > len(path) {
		return nil, false
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for i, step := range steps {
		switch have := path[i].(type) {
		case string:
			if have != unescape.Replace(step) {
				return nil, false
			}
		case int:
			if step != "-" && step != strconv.Itoa(have) {
				return nil, false
			}
		}
	}
	return path[len(steps):], true
}

// transformed finds the field of a kustomization that gave a value.
func (k *kustomization) transformed(p *placing, o *source.Object, path yaml.Path, value *yaml.Node) (yaml.Span, bool) {
	if k.root == nil {
		return yaml.Span{}, false
	}
	if span, ok := k.replaced(p, o, path); ok { // which come last
		return span, true
	}
	text := ""
	if value.Kind < yaml.Map {
		text = value.Text
	}
	for _, one := range []func() *yaml.Node{
		func() *yaml.Node { return k.setsImage(path, text) },
		func() *yaml.Node { return k.setsReplicas(p, o, path, text) },
		func() *yaml.Node { return k.setsLabel(path, value) },
		func() *yaml.Node { return k.setsName(p, path, text) },
		func() *yaml.Node { return k.setsNamespace(path, text) },
	} {
		if n := one(); n != nil {
			return k.file.Span(n), true
		}
	}
	return yaml.Span{}, false
}

func lastStep(path yaml.Path) string {
	s, _ := path[len(path)-1].(string)
	return s
}

func (k *kustomization) setsNamespace(path yaml.Path, text string) *yaml.Node {
	n := k.root.Get("namespace")
	if last := lastStep(path); n != nil && n.Text == text && (last == "namespace" || last == "name") {
		return n
	}
	return nil
}

// setsName finds the prefix or suffix of a name: the object's own, or one that
// refers to another.
func (k *kustomization) setsName(p *placing, path yaml.Path, text string) *yaml.Node {
	last := strings.ToLower(lastStep(path))
	own := len(path) == 2 && path[0] == "metadata" && last == "name"
	if !own && !strings.HasSuffix(last, "name") || text == "" || own && p.source.object == nil {
		return nil
	}
	if n := k.root.Get("namePrefix"); n != nil && n.Text != "" && strings.Contains(text, n.Text) {
		return n
	}
	if n := k.root.Get("nameSuffix"); n != nil && n.Text != "" && strings.Contains(text, n.Text) {
		return n
	}
	return nil
}

// setsLabel finds the label or annotation that a kustomization adds to all, or
// for a mapping that would not be there without it the first of them.
func (k *kustomization) setsLabel(path yaml.Path, value *yaml.Node) *yaml.Node {
	maps := []*yaml.Node{k.root.Get("commonLabels"), k.root.Get("commonAnnotations")}
	for _, item := range k.root.Get("labels").List() {
		maps = append(maps, item.Get("pairs"))
	}
	for _, m := range maps {
		for _, f := range m.Entries() {
			if value.Kind < yaml.Map && f.Key.Text == lastStep(path) && f.Value.Text == value.Text {
				return f.Value
			}
			if have := value.Get(f.Key.Text); have != nil && have.Kind < yaml.Map && have.Text == f.Value.Text {
				return f.Key
			}
		}
	}
	return nil
}

func (k *kustomization) setsImage(path yaml.Path, text string) *yaml.Node {
	if lastStep(path) != "image" {
		return nil
	}
	for _, item := range k.root.Get("images").List() {
		name := firstOf(item, "newName", "name").ScalarText()
		if name == "" || !strings.HasPrefix(text, name) {
			continue
		}
		if n := firstOf(item, "newTag", "digest", "newName"); n != nil && strings.HasSuffix(text, n.Text) || text == name {
			return firstOf(item, "newTag", "digest", "newName", "name")
		}
	}
	return nil
}

func (k *kustomization) setsReplicas(p *placing, o *source.Object, path yaml.Path, text string) *yaml.Node {
	if lastStep(path) != "replicas" {
		return nil
	}
	for _, item := range k.root.Get("replicas").List() {
		count := item.Get("count")
		name := item.Get("name").ScalarText()
		if count != nil && count.Text == text && (name == o.Name || p.source.object != nil && name == p.source.object.Name) {
			return count
		}
	}
	return nil
}
