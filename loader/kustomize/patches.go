package kustomize

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// patch is one entry that changes objects: of patches, patchesStrategicMerge or
// patchesJson6902.
type patch struct {
	in     *kustomization
	item   *yaml.Node // the entry
	entry  *yaml.Node // where the kustomization names or holds it
	file   *yaml.File
	docs   []*yaml.Node
	exact  bool       // the places of docs are places of the file
	target *yaml.Node // the selector, nil if the documents name their objects
}

// patchItem takes in a patch with a path or a text, and perhaps a target.
func (kz *kustomizer) patchItem(k *kustomization, item *yaml.Node) *yaml.Node {
	p := &patch{in: k, item: item, entry: item, target: item.Get("target")}
	switch {
	case item.Kind == yaml.String: // as old versions had it
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
func (kz *kustomizer) patchText(k *kustomization, item *yaml.Node) *yaml.Node {
	text, ok := item.Str()
	if !ok {
		return item
	}
	p := &patch{in: k, item: item, entry: item}
	if strings.Contains(text, "\n") || strings.Contains(text, ": ") {
		return kz.patchInline(k, p, item).Get("path")
	}
	return kz.patchFile(k, p, nil, item).Get("path")
}

func (kz *kustomizer) patchFile(k *kustomization, p *patch, item, ref *yaml.Node) *yaml.Node {
	file, docs, lack := kz.yamlFile(k, ref.ScalarText())
	kind := p.target.Get("kind").ScalarText()
	switch {
	case lack != "" && kind != "":
		k.miss(ref, "patch", ref.ScalarText(), lack, kind)
		k.withheld = append(k.withheld, p)
		return nil
	case lack != "":
		// A patch changes what is there, and adds no object.
		k.miss(ref, "patch", ref.ScalarText(), lack).kinds = k.kinds()
		k.adrift = true
		return nil
	}
	p.file, p.docs, p.exact = file, docs, true
	return kz.addPatch(k, p, item)
}

func (kz *kustomizer) patchInline(k *kustomization, p *patch, item *yaml.Node) *yaml.Node {
	p.file = k.file
	var ok bool
	if p.docs, p.exact, ok = inlineDocs(k.file, p.entry); !ok {
		k.miss(p.entry, "patch", "inline", lackBroken).kinds = k.kinds()
		k.adrift = true
		return nil
	}
	return kz.addPatch(k, p, item)
}

// addPatch writes the patch to a file of its own.
func (kz *kustomizer) addPatch(k *kustomization, p *patch, item *yaml.Node) *yaml.Node {
	if p.target == nil && !k.component && k.incomplete() && !p.meets(k) {
		k.miss(p.entry, "patch", patchName(p), lackTarget, docKinds(p.docs)...)
		return nil
	}
	k.patches = append(k.patches, p)
	var text []byte
	for _, doc := range p.docs {
		text = append(yaml.AppendFlow(append(text, "---\n"...), doc), '\n')
	}
	k.size.bytes += len(text)
	k.size.copies += copyOperations(p.docs)
	if item.Get("path") == nil && item.Get("patch") == nil {
		item = nil
	}
	return item.With("patch", nil).With("path", yaml.NewText(kz.write(k, patchName(p), text)))
}

func docKinds(docs []*yaml.Node) []string {
	var out []string
	for _, doc := range docs {
		if kind := doc.Get("kind").ScalarText(); kind != "" && !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	return out
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
	finds := func(doc *yaml.Node) bool {
		kind, name := doc.Get("kind").ScalarText(), doc.Get("metadata").Get("name").ScalarText()
		return slices.ContainsFunc(k.closure(), func(k *kustomization) bool {
			for _, g := range k.generators {
				if strings.Contains(name, g.item.Get("name").ScalarText()) {
					return true
				}
			}
			return slices.ContainsFunc(k.resources, func(r *source.Reading) bool {
				return slices.ContainsFunc(r.Objects, func(o *source.Object) bool {
					return o.Kind == kind && strings.Contains(name, o.Name)
				})
			})
		})
	}
	return !slices.ContainsFunc(p.docs, func(doc *yaml.Node) bool { return !finds(doc) })
}

// inlineDocs parses a patch that stands in the kustomization itself. Of a
// literal block the places are those of the file.
func inlineDocs(file *yaml.File, n *yaml.Node) (docs []*yaml.Node, exact, ok bool) {
	text, _ := n.Str()
	if raw, at := literalBlock(file, n, text); raw != nil {
		if docs, ok = parseAll(raw, at); ok {
			return docs, true, true
		}
	}
	docs, ok = parseAll([]byte(text), yaml.Pos{Line: 1, Col: 1})
	return docs, false, ok
}

// literalBlock returns the lines of a literal block scalar as they stand in the
// file, nil if it is none.
func literalBlock(file *yaml.File, n *yaml.Node, text string) ([]byte, yaml.Pos) {
	if n.Style != yaml.Block || !bytes.HasPrefix(file.Data[file.Offset(n.Pos):], []byte{'|'}) {
		return nil, yaml.Pos{}
	}
	at := yaml.Pos{Line: n.Pos.Line + 1, Col: 1}
	end := yaml.Pos{Line: at.Line + strings.Count(strings.TrimRight(text, "\n"), "\n") + 1, Col: 1}
	return file.Data[file.Offset(at):file.Offset(end)], at
}

// parseAll parses a stream whole.
func parseAll(data []byte, at yaml.Pos) (docs []*yaml.Node, ok bool) {
	for _, p := range yaml.Split(data) {
		if p.Blank {
			continue
		}
		if p.At.Line == 1 {
			p.At.Col = at.Col + p.At.Col - 1
		}
		p.At.Line += at.Line - 1
		root, found, fault := yaml.Parse(p.Data, p.At)
		if fault != nil || found.ComplexKey != (yaml.Pos{}) {
			return nil, false
		}
		if root != nil {
			docs = append(docs, root)
		}
	}
	return docs, true
}

// yamlFile reads a file that holds no objects: a patch, a configuration.
func (kz *kustomizer) yamlFile(k *kustomization, ref string) (*yaml.File, []*yaml.Node, string) {
	name, isDir, lack := kz.locate(k, ref)
	switch {
	case lack != "":
		return nil, nil, lack
	case isDir:
		return nil, nil, "is a directory"
	}
	k.uses[name] = true
	r := kz.files.manifest(name)
	if r.Unread {
		return nil, nil, "cannot be read"
	}
	docs, ok := parseAll(r.File.Data, yaml.Pos{Line: 1, Col: 1})
	if !ok {
		return nil, nil, lackBroken
	}
	return r.File, docs, ""
}

func (kz *kustomizer) writeYAML(k *kustomization, ref, what *yaml.Node, kind string) *yaml.Node {
	_, docs, lack := kz.yamlFile(k, ref.ScalarText())
	if lack != "" {
		k.miss(what, kind, ref.ScalarText(), lack)
		return nil
	}
	var text []byte
	for _, doc := range docs {
		text = append(yaml.AppendFlow(append(text, "---\n"...), doc), '\n')
	}
	k.size.bytes += len(text)
	return yaml.NewText(kz.write(k, ref.ScalarText(), text))
}

func (kz *kustomizer) configuration(k *kustomization, item *yaml.Node) *yaml.Node {
	return kz.writeYAML(k, item, item, "configuration")
}

func (kz *kustomizer) replacement(k *kustomization, item *yaml.Node) *yaml.Node {
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
	return item.With("path", file)
}

func (kz *kustomizer) openAPI(k *kustomization, value *yaml.Node) *yaml.Node {
	ref := value.Get("path")
	if ref == nil {
		return value
	}
	file := kz.writeYAML(k, ref, ref, "schema")
	if file == nil {
		return nil
	}
	kz.ownSchema = true
	return value.With("path", file)
}
