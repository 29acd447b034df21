package loader

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// patch is one entry that changes objects: of patches, patchesStrategicMerge or
// patchesJson6902.
type patch struct {
	in     *kustomization
	entry  *Node // where the kustomization names or holds it
	file   *File
	docs   []*Node
	exact  bool  // the places of docs are places of the file
	target *Node // the selector, nil if the documents name their objects
}

// patchItem takes in a patch with a path or a text, and perhaps a target.
func (kz *kustomizer) patchItem(k *kustomization, item *Node) *Node {
	p := &patch{in: k, entry: item, target: item.Get("target")}
	switch {
	case item.Kind == String: // as old versions had it
		return kz.patchText(k, item)
	case item.Get("path") != nil:
		return kz.patchFile(k, p, item, item.Get("path"))
	case item.Get("patch") != nil:
		p.entry = item.Get("patch")
		return kz.patchInline(k, p, item)
	}
	return item
}

// patchText takes in a patch that is a path or the patch itself.
func (kz *kustomizer) patchText(k *kustomization, item *Node) *Node {
	text, ok := item.Str()
	if !ok {
		return item
	}
	p := &patch{in: k, entry: item}
	if strings.Contains(text, "\n") || strings.Contains(text, ": ") {
		return kz.patchInline(k, p, item).Get("path")
	}
	return kz.patchFile(k, p, nil, item).Get("path")
}

func (kz *kustomizer) patchFile(k *kustomization, p *patch, item, ref *Node) *Node {
	file, docs, lack := kz.yamlFile(k, ref.ScalarText())
	kind := p.target.Get("kind").ScalarText()
	switch {
	case lack != "" && lack != lackOutside && lack != lackForeign && kind != "" && p.target.Get("name").ScalarText() != "":
		// What it would change is known, and nothing is claimed of that.
		k.miss(ref, "patch", ref.ScalarText(), lack, kind)
		k.withheld = append(k.withheld, p)
		return nil
	case lack != "":
		k.fail(ref, "patch", ref.ScalarText(), lack)
		return nil
	}
	p.file, p.docs, p.exact = file, docs, true
	return kz.addPatch(k, p, item)
}

func (kz *kustomizer) patchInline(k *kustomization, p *patch, item *Node) *Node {
	p.file = k.file
	var ok bool
	if p.docs, p.exact, ok = inlineDocs(k.file, p.entry); !ok {
		k.fail(p.entry, "patch", "inline", lackBroken)
		return nil
	}
	return kz.addPatch(k, p, item)
}

// addPatch writes the patch to a file of its own.
func (kz *kustomizer) addPatch(k *kustomization, p *patch, item *Node) *Node {
	if p.target == nil && !k.component && k.incomplete() && !p.meets(k) {
		k.miss(p.entry, "patch", patchName(p), "is for an object that was not read", "")
		return nil
	}
	k.patches = append(k.patches, p)
	var text []byte
	for _, doc := range p.docs {
		text = append(appendFlow(append(text, "---\n"...), doc), '\n')
	}
	k.size.bytes += len(text)
	k.size.copies += copyOperations(p.docs)
	if item.Get("path") == nil && item.Get("patch") == nil {
		item = nil
	}
	return item.withField("patch", nil).withField("path", textNode(kz.write(k, text)))
}

func patchName(p *patch) string {
	if p.file != p.in.file {
		return path.Base(p.file.Name)
	}
	return "inline"
}

// meets reports whether every document of a patch finds its object among those
// that were read. Names are compared loosely: a prefix may come between.
func (p *patch) meets(k *kustomization) bool {
	finds := func(doc *Node) bool {
		kind, name := doc.Get("kind").ScalarText(), doc.Get("metadata").Get("name").ScalarText()
		return slices.ContainsFunc(k.closure(), func(k *kustomization) bool {
			for _, g := range k.generators {
				if strings.Contains(name, g.Get("name").ScalarText()) {
					return true
				}
			}
			return slices.ContainsFunc(k.resources, func(r *reading) bool {
				return slices.ContainsFunc(r.objects, func(o *Object) bool {
					return o.Kind == kind && strings.Contains(name, o.Name)
				})
			})
		})
	}
	return !slices.ContainsFunc(p.docs, func(doc *Node) bool { return !finds(doc) })
}

// inlineDocs parses a patch that stands in the kustomization itself. Of a
// literal block the places are those of the file.
func inlineDocs(file *File, n *Node) (docs []*Node, exact, ok bool) {
	text, _ := n.Str()
	if raw, at := literalBlock(file, n, text); raw != nil {
		if docs, ok = parseAll(raw, at); ok {
			return docs, true, true
		}
	}
	docs, ok = parseAll([]byte(text), Pos{1, 1})
	return docs, false, ok
}

// literalBlock returns the lines of a literal block scalar as they stand in the
// file, nil if it is none.
func literalBlock(file *File, n *Node, text string) ([]byte, Pos) {
	if n.Style != Block || !bytes.HasPrefix(file.Data[file.offset(n.Pos):], []byte{'|'}) {
		return nil, Pos{}
	}
	at := Pos{n.Pos.Line + 1, 1}
	end := Pos{at.Line + strings.Count(strings.TrimRight(text, "\n"), "\n") + 1, 1}
	return file.Data[file.offset(at):file.offset(end)], at
}

// parseAll parses a stream whole.
func parseAll(data []byte, at Pos) (docs []*Node, ok bool) {
	for _, p := range split(data) {
		if p.blank {
			continue
		}
		if p.at.Line == 1 {
			p.at.Col = at.Col + p.at.Col - 1
		}
		p.at.Line += at.Line - 1
		root, found, fault := parse(p.data, p.at)
		if fault != nil || found.complexKey != (Pos{}) {
			return nil, false
		}
		if root != nil {
			docs = append(docs, root)
		}
	}
	return docs, true
}

// yamlFile reads a file that holds no objects: a patch, a configuration.
func (kz *kustomizer) yamlFile(k *kustomization, ref string) (*File, []*Node, string) {
	name, isDir, lack := kz.locate(k, ref)
	switch {
	case lack != "":
		return nil, nil, lack
	case isDir:
		return nil, nil, "is a directory"
	}
	k.uses[name] = true
	r := kz.files.manifest(name)
	if r.unread {
		return nil, nil, "cannot be read"
	}
	docs, ok := parseAll(r.file.Data, Pos{1, 1})
	if !ok {
		return nil, nil, lackBroken
	}
	return r.file, docs, ""
}

func (kz *kustomizer) writeYAML(k *kustomization, ref, what *Node, kind string) *Node {
	_, docs, lack := kz.yamlFile(k, ref.ScalarText())
	if lack != "" {
		k.fail(what, kind, ref.ScalarText(), lack)
		return nil
	}
	var text []byte
	for _, doc := range docs {
		text = append(appendFlow(append(text, "---\n"...), doc), '\n')
	}
	k.size.bytes += len(text)
	return textNode(kz.write(k, text))
}

func (kz *kustomizer) configuration(k *kustomization, item *Node) *Node {
	return kz.writeYAML(k, item, item, "configuration")
}

func (kz *kustomizer) replacement(k *kustomization, item *Node) *Node {
	ref := item.Get("path")
	if ref == nil {
		k.addReplacements(k.file, item)
		return item
	}
	if file, docs, _ := kz.yamlFile(k, ref.ScalarText()); len(docs) > 0 {
		k.addReplacements(file, docs...)
		k.size.copies += selfReplacements(docs)
		for _, doc := range docs {
			k.size.copies += selfReplacements(doc.List())
		}
	}
	file := kz.writeYAML(k, ref, ref, "replacement")
	if file == nil {
		return nil
	}
	return item.withField("path", file)
}

func (kz *kustomizer) openAPI(k *kustomization, value *Node) *Node {
	ref := value.Get("path")
	if ref == nil {
		return value
	}
	file := kz.writeYAML(k, ref, ref, "schema")
	if file == nil {
		return nil
	}
	kz.ownSchema = true
	return value.withField("path", file)
}
