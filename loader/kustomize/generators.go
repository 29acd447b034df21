package kustomize

import (
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// generated is an item of configMapGenerator or secretGenerator. What it makes is
// left out if one of its files is not there (an .env, most often, which nobody
// commits); what refers to it is built all the same.
type generated struct {
	item       *yaml.Node
	kind       string
	incomplete bool
}

// generator takes in a generator of ConfigMaps or Secrets with its files.
func (kz *kustomizer) generator(k *kustomization, item *yaml.Node, kind string) *yaml.Node {
	if item.Kind != yaml.Map {
		return item
	}
	g := &generated{item: item, kind: kind}
	out := item
	for _, field := range []string{"files", "envs", "env"} {
		list := item.Get(field)
		if list == nil {
			continue
		}
		refs := list.Items
		if list.Kind != yaml.List {
			refs = []*yaml.Node{list}
		}
		var kept []*yaml.Node
		for _, ref := range refs {
			file := kz.generatorFile(k, item, ref, field, kind)
			if file == nil {
				g.incomplete = true
				continue
			}
			kept = append(kept, file)
		}
		switch {
		case len(kept) == 0:
			out = out.With(field, nil)
		case list.Kind != yaml.List:
			out = out.With(field, kept[0])
		default:
			out = out.With(field, yaml.NewList(kept))
		}
	}
	k.generators = append(k.generators, g)
	k.size.objects++
	kz.sources = append(kz.sources, origin{generator: g, in: k})
	options := out.Get("options")
	return out.With("options", options.With("annotations", kz.mark(options.Get("annotations"))))
}

func (kz *kustomizer) generatorFile(k *kustomization, item, ref *yaml.Node, field, kind string) *yaml.Node {
	text := ref.ScalarText()
	key, file, named := strings.Cut(text, "=")
	if field != "files" || !named {
		key, file = path.Base(text), text
	}
	name, isDir, lack := kz.locate(k, file)
	var data []byte
	if lack == "" && !isDir {
		k.uses[name] = true
		data, lack = kz.files.raw(name)
	}
	if lack == "" && isDir {
		lack = "is a directory"
	}
	if lack != "" {
		k.miss(ref, "file of "+kind+" "+item.Get("name").ScalarText(), file, lack, kind)
		return nil
	}
	k.size.bytes += len(data)
	if k.size.bytes > mostBytes {
		k.fail(ref, "file", file, lackTooLarge)
		return nil
	}
	if field == "files" {
		return yaml.NewText(key + "=" + kz.write(k, name, data))
	}
	return yaml.NewText(kz.write(k, name, data))
}

// plugin takes in the configuration of a generator or transformer, if it is one
// of kustomize's own that reads no file. Everything else would be executed.
func (kz *kustomizer) plugin(k *kustomization, item *yaml.Node) *yaml.Node {
	text, ok := item.Str()
	if !ok {
		return item
	}
	docs, name := kz.pluginDocs(k, item, text)
	var out []byte
	for _, doc := range docs {
		if !isHarmlessPlugin(doc) {
			k.miss(item, "plugin "+doc.Get("kind").ScalarText(), name, lackPlugin, pluginKinds(doc)...)
			return nil
		}
		out = append(yaml.AppendFlow(append(out, "---\n"...), doc), '\n')
	}
	if len(out) == 0 {
		return nil
	}
	k.size.bytes += len(out)
	return yaml.NewText(kz.write(k, name, out))
}

// pluginDocs reads the configuration of plugins, inline or from a file.
func (kz *kustomizer) pluginDocs(k *kustomization, item *yaml.Node, text string) (docs []*yaml.Node, name string) {
	if strings.Contains(text, "\n") {
		docs, _, ok := inlineDocs(k.file, item)
		if !ok {
			k.miss(item, "plugin", "inline", lackBroken)
		}
		return docs, "inline"
	}
	_, docs, lack := kz.yamlFile(k, text)
	if lack != "" {
		k.miss(item, "plugin", text, lack)
	}
	return docs, text
}

// pluginKinds are the kinds of objects that a plugin makes or changes, as far as
// that is known: ksops decrypts Secrets (https://github.com/viaduct-ai/kustomize-sops).
func pluginKinds(doc *yaml.Node) []string {
	if doc.Get("kind").ScalarText() == "ksops" {
		return []string{"Secret"}
	}
	return nil
}

func isHarmlessPlugin(doc *yaml.Node) bool {
	if doc.Get("apiVersion").ScalarText() != "builtin" || doc.Get("kind").ScalarText() == "HelmChartInflationGenerator" {
		return false
	}
	for _, f := range doc.Get("metadata").Get("annotations").Entries() {
		if strings.Contains(f.Key.Text, "config.kubernetes.io") || strings.Contains(f.Key.Text, "config.k8s.io") {
			return false
		}
	}
	for _, key := range []string{"path", "paths", "files", "envs", "env"} {
		if doc.Get(key) != nil {
			return false
		}
	}
	return !slices.ContainsFunc(doc.Get("replacements").List(), func(n *yaml.Node) bool { return n.Get("path") != nil })
}
