package source

import (
	"cmp"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// object makes an Object of a node that has a type.
func (m *member) object(root *yaml.Node, ref Ref) {
	if f := diagnose.Flattened(root, ref.Group(), ref.Kind); f != nil {
		m.fail(f, f.Kinds)
		return
	}
	duplicates := m.within()
	if f := diagnose.MissingSeparator(root, duplicates); f != nil {
		m.fail(f, f.Kinds)
		return
	}
	meta := root.Get("metadata")
	if meta == nil && !diagnose.BuiltinGroup(ref.Group()) && root.Get("name") != nil {
		m.Skip(SkipToolConfig, root.Pos.Line)
		return
	}
	ref.Name = ObjectName(meta)
	ref.Namespace = meta.Get("namespace").ScalarText()
	switch {
	case ClusterScoped(ref.Kind):
		ref.Namespace = ""
	case ref.Namespace == "":
		ref.Namespace = m.namespace
	}
	m.Objects = append(m.Objects, &Object{
		Ref: ref, File: m.File, Root: root, Path: m.path, Duplicates: duplicates,
	})
}

// ObjectName returns the name that metadata gives, with a `*` behind it if the
// API server completes it (generateName); "" for none.
func ObjectName(meta *yaml.Node) string {
	if name := meta.Get("name").ScalarText(); name != "" {
		return name
	}
	if prefix := meta.Get("generateName").ScalarText(); prefix != "" {
		return prefix + "*"
	}
	return ""
}

// within returns the duplicates below the member, with paths from its root.
func (m *member) within() []yaml.Duplicate {
	if len(m.path) == 0 {
		return m.duplicates
	}
	var out []yaml.Duplicate
	for _, d := range m.duplicates {
		if len(d.Path) > len(m.path) && hasPrefix(d.Path, m.path) {
			d.Path = d.Path[len(m.path):]
			out = append(out, d)
		}
	}
	return out
}

func hasPrefix(path, prefix yaml.Path) bool {
	for i, step := range prefix {
		if path[i] != step {
			return false
		}
	}
	return true
}

// CompareObjects orders objects by their places.
func CompareObjects(a, b *Object) int {
	return cmp.Or(strings.Compare(a.File.Name, b.File.Name),
		cmp.Compare(a.Root.Pos.Line, b.Root.Pos.Line), cmp.Compare(a.Root.Pos.Col, b.Root.Pos.Col))
}
