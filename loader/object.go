package loader

// object makes an Object of a node that has a type.
func (m *member) object(root *Node, ref Ref) {
	if f := flattened(root, ref.Group(), ref.Kind); f != nil {
		m.fail(f, f.kinds)
		return
	}
	duplicates := m.within()
	if f := missingSeparator(root, duplicates); f != nil {
		m.fail(f, f.kinds)
		return
	}
	meta := root.Get("metadata")
	if meta == nil && !builtinGroup(ref.Group()) && root.Get("name") != nil {
		m.skip(SkipToolConfig, root.Pos.Line)
		return
	}
	ref.Name = objectName(meta)
	ref.Namespace = meta.Get("namespace").ScalarText()
	switch {
	case clusterScoped(ref.Kind):
		ref.Namespace = ""
	case ref.Namespace == "":
		ref.Namespace = m.namespace
	}
	m.objects = append(m.objects, &Object{
		Ref: ref, File: m.file, Root: root, Path: m.path, Duplicates: duplicates,
	})
}

func objectName(meta *Node) string {
	if name := meta.Get("name").ScalarText(); name != "" {
		return name
	}
	if prefix := meta.Get("generateName").ScalarText(); prefix != "" {
		return prefix + "*"
	}
	return ""
}

// within returns the duplicates below the member, with paths from its root.
func (m *member) within() []Duplicate {
	if len(m.path) == 0 {
		return m.duplicates
	}
	var out []Duplicate
	for _, d := range m.duplicates {
		if len(d.Path) > len(m.path) && hasPrefix(d.Path, m.path) {
			d.Path = d.Path[len(m.path):]
			out = append(out, d)
		}
	}
	return out
}

func hasPrefix(path, prefix Path) bool {
	for i, step := range prefix {
		if path[i] != step {
			return false
		}
	}
	return true
}
