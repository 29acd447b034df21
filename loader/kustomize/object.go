package kustomize

import (
	"strconv"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// object makes an Object of what was built.
func (kz *kustomizer) object(root *kustomization, n *yaml.Node) *source.Object {
	if n == nil || n.Kind != yaml.Map {
		return nil
	}
	meta := n.Get("metadata")
	o := &source.Object{File: root.file, Root: n, Ref: source.Ref{
		APIVersion: n.Get("apiVersion").ScalarText(), Kind: n.Get("kind").ScalarText(),
		Name: source.ObjectName(meta), Namespace: meta.Get("namespace").ScalarText(),
	}}
	at := &placing{root: root, source: kz.sourceOf(o)}
	o.Places = at
	unmark(meta)
	if src := at.source.object; src != nil {
		restoreVolumes(n, src.Root)
		restyle(n, src.Root)
		o.File, o.Path, o.Duplicates = src.File, src.Path, src.Duplicates
		n.Pos = src.Root.Pos
	} else if g := at.source.generator; g != nil {
		o.File, n.Pos = at.source.in.file, g.item.Pos
	}
	switch {
	case source.ClusterScoped(o.Kind):
		o.Namespace = ""
	case o.Namespace == "":
		o.Namespace = kz.namespace
	}
	return o
}

// sourceOf reads the mark of a built object. A patch may have taken the
// annotations away; then the root stands for it.
func (kz *kustomizer) sourceOf(o *source.Object) origin {
	mark := o.Root.Get("metadata").Get("annotations").Get(sourceKey).ScalarText()
	i, err := strconv.Atoi(mark)
	if err != nil || i < 0 || i >= len(kz.sources) {
		return origin{}
	}
	return kz.sources[i]
}

// unmark takes the mark away, and the annotations if there were none.
func unmark(meta *yaml.Node) {
	for i := range meta.Entries() {
		annotations := &meta.Fields[i]
		if annotations.Key.Text != "annotations" {
			continue
		}
		for j := range annotations.Value.Entries() {
			if annotations.Value.Fields[j].Key.Text == sourceKey {
				annotations.Value.Fields = append(annotations.Value.Fields[:j], annotations.Value.Fields[j+1:]...)
				break
			}
		}
		if annotations.Value.Kind == yaml.Map && len(annotations.Value.Fields) == 0 {
			meta.Fields = append(meta.Fields[:i], meta.Fields[i+1:]...)
		}
		return
	}
}

// restyle gives collections the style that they have in the document: all were
// written in braces for the library, and braces may be meant as a placeholder.
func restyle(n, src *yaml.Node) {
	for _, f := range n.Entries() {
		restyle(f.Value, src.Get(f.Key.Text))
	}
	for i, item := range n.List() {
		restyle(item, child(src, i))
	}
	if n.Kind >= yaml.Map {
		n.Style = yaml.Plain
		if src != nil && src.Kind == n.Kind {
			n.Style = src.Style
		}
	}
}
