package kustomize

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// kustomization is one directory that kustomize builds, and all that it refers
// to. It is read once, however many roots include it.
type kustomization struct {
	dir  string
	id   string // its directory in the build's own file system
	file *yaml.File
	root *yaml.Node

	bases        []*kustomization // of resources, bases and components
	resources    []*source.Reading
	patches      []*patch
	replacements []replacement
	withheld     []*patch          // that are not there; policies that they are for are left out
	entries      []entry           // what the written kustomization holds, field by field
	files        map[string]string // the names of the tree's files by those in memory
	generators   []*generated
	uses         map[string]bool
	held         map[string]*source.Reading // resources by their names in memory
	gaps         []source.Gap
	// missing is what was left out because it is not there or must not be
	// fetched; broken is the first thing without which nothing can be built.
	missing []*lack
	broken  *lack

	included, reading bool
	component, empty  bool
	adrift            bool // a patch is missing of which nobody knows what it is for
	size              buildSize
	wrote             int // files, for their names
}

// kustomizationAt reads the kustomization of a directory, nil if it has none.
func (kz *kustomizer) kustomizationAt(dir string) *kustomization {
	if k, ok := kz.dirs[dir]; ok {
		return k
	}
	for _, base := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		name := path.Join(dir, base)
		if isDir, lack := kz.files.Find(name, dir); isDir || lack != "" {
			continue
		}
		r := kz.files.manifest(name)
		k := &kustomization{
			dir: dir, id: fmt.Sprintf("/k%d", len(kz.dirs)), file: r.File, root: r.Kustomization,
			uses: map[string]bool{name: true}, files: map[string]string{}, held: map[string]*source.Reading{}, reading: true,
		}
		kz.dirs[dir] = k
		kz.order = append(kz.order, k)
		if k.root == nil || k.root.Kind != yaml.Map {
			k.fail(&yaml.Node{Pos: yaml.Pos{Line: 1, Col: 1}}, "file", base, lackBroken)
		} else {
			kind, _ := k.root.Get("kind").Str()
			k.component = kind == "Component"
			kz.nesting++
			kz.read(k)
			kz.nesting--
		}
		k.reading = false
		return k
	}
	kz.dirs[dir] = nil
	return nil
}

// read walks all fields and writes the kustomization that is built: the same,
// but every path leads to a file that was written for it, so that no path of
// the user's ever reaches the library, which would fetch or clone it.
func (kz *kustomizer) read(k *kustomization) {
	k.size.bytes = len(k.file.Data)
	for _, patches := range []bool{false, true} { // a patch is looked at when its targets are known
		for _, key := range distinctKeys(k.root) {
			if isPatchField(key) != patches {
				continue
			}
			value := k.root.Get(key)
			n := len(k.entries)
			kept := kz.field(k, key, value)
			if kept != nil && len(k.entries) == n {
				k.entries = append(k.entries, entry{field: key, from: value, written: kept})
			}
		}
	}
	k.empty = !slices.ContainsFunc(k.entries, func(e entry) bool { return e.field != "apiVersion" && e.field != "kind" })
	kz.writeEntries(k, k.entries)
	k.weigh()
}

func isPatchField(key string) bool { return strings.HasPrefix(key, "patches") }

// distinctKeys returns each key of a mapping once.
func distinctKeys(n *yaml.Node) []string {
	var keys []string
	seen := make(map[string]bool, len(n.Fields))
	for i := range n.Fields {
		if key := n.Fields[i].Key.Text; !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys
}

// field returns what stands for a field in the build, nil for nothing.
func (kz *kustomizer) field(k *kustomization, key string, value *yaml.Node) *yaml.Node {
	switch key {
	case "resources", "bases":
		return kz.each(k, key, value, kz.resource)
	case "components":
		return kz.each(k, key, value, kz.component)
	case "patches", "patchesJson6902":
		return kz.each(k, key, value, kz.patchItem)
	case "patchesStrategicMerge":
		return kz.each(k, key, value, kz.patchText)
	case "replacements":
		return kz.each(k, key, value, kz.replacement)
	case "crds", "configurations":
		return kz.each(k, key, value, kz.configuration)
	case "openapi":
		return kz.openAPI(k, value)
	case "configMapGenerator":
		return kz.each(k, key, value, func(k *kustomization, item *yaml.Node) *yaml.Node { return kz.generator(k, item, "ConfigMap") })
	case "secretGenerator":
		return kz.each(k, key, value, func(k *kustomization, item *yaml.Node) *yaml.Node { return kz.generator(k, item, "Secret") })
	case "generators", "transformers":
		return kz.each(k, key, value, kz.plugin)
	case "images", "replicas", "vars":
		return kz.each(k, key, value, func(_ *kustomization, item *yaml.Node) *yaml.Node { return item })
	case "validators", "helmGlobals":
		return nil // the first only refuse, the second are nothing without charts
	case "helmCharts", "helmChartInflationGenerator":
		for _, item := range value.List() {
			k.miss(item, "helm chart", firstOf(item, "name", "chartName").ScalarText(), lackChart)
		}
		return nil
	}
	return value
}

func firstOf(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if v := n.Get(key); v != nil {
			return v
		}
	}
	return nil
}

// each replaces the items of a list, and leaves out those that became nil.
func (kz *kustomizer) each(k *kustomization, field string, list *yaml.Node, one func(*kustomization, *yaml.Node) *yaml.Node) *yaml.Node {
	if list.Kind != yaml.List {
		return list // kustomize says what is wrong with it
	}
	var items []*yaml.Node
	for _, item := range list.Items {
		if kept := one(k, item); kept != nil {
			items = append(items, kept)
			k.entries = append(k.entries, entry{field: field, from: item, written: kept, item: true})
		}
	}
	if len(items) == 0 {
		return nil
	}
	return yaml.NewList(items)
}
