package kustomize

import (
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/resmap"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// entry is a field of a kustomization, or an item of one that is a list, with
// what stands for it in the build.
type entry struct {
	field         string
	from, written *yaml.Node
	item          bool
}

// writeEntries writes a kustomization of entries. Those of one list stand
// together.
func (kz *kustomizer) writeEntries(k *kustomization, entries []entry) {
	out := &yaml.Node{Kind: yaml.Map}
	for i := 0; i < len(entries); {
		e := entries[i]
		value := e.written
		n := 1
		if e.item {
			var items []*yaml.Node
			for n = 0; i+n < len(entries) && entries[i+n].field == e.field; n++ {
				items = append(items, entries[i+n].written)
			}
			value = yaml.NewList(items)
		}
		out.Fields = append(out.Fields, yaml.Field{Key: yaml.NewText(e.field), Value: value})
		i += n
	}
	kz.put(k.id+"/kustomization.yaml", yaml.AppendFlow(nil, out))
}

// Bounds of a search for what a build fails of.
const (
	mostTrials = 300
	trialCost  = 50_000 // objects × trials
)

// salvage builds what the library refuses without the entries for which it does.
// The bases come first: what fails there fails in all that include it.
func (kz *kustomizer) salvage(root *kustomization) (resmap.ResMap, error) {
	for _, k := range slices.Backward(root.closure()) {
		if k.component || kz.sound[k] {
			continue
		}
		if _, err := kz.run(k.id); err != nil {
			if err := kz.withoutFaults(k); err != nil {
				return nil, err
			}
		}
		kz.sound[k] = true
	}
	return kz.run(root.id)
}

// withoutFaults adds the entries of a kustomization one after the other, first
// those that bring objects, and leaves those out with which it does not build.
func (kz *kustomizer) withoutFaults(k *kustomization) error {
	order := slices.Clone(k.entries)
	slices.SortStableFunc(order, func(a, b entry) int { return stage(a.field) - stage(b.field) })
	if len(order) > mostTrials || len(order)*k.size.objects > trialCost {
		_, err := kz.run(k.id)
		return err
	}
	kz.current = k
	defer func() { kz.current = nil }()
	var kept []entry
	for i := 0; i < len(order); {
		n := 1
		for i+n < len(order) && order[i+n].field == order[i].field {
			n++
		}
		group := order[i : i+n]
		i += n
		if kz.builds(k, kept, group) == nil {
			kept = append(kept, group...)
			continue
		}
		kept = kz.oneByOne(k, kept, group)
	}
	k.entries = kept
	return kz.builds(k, kept, nil)
}

// oneByOne adds the entries that build to those that are kept.
func (kz *kustomizer) oneByOne(k *kustomization, kept, group []entry) []entry {
	for _, e := range group {
		if refusal := kz.builds(k, kept, []entry{e}); refusal != nil {
			k.refused(e, cleanError(refusal, kz))
			continue
		}
		kept = append(kept, e)
	}
	return kept
}

// builds tries whether a kustomization builds with more entries. Nothing to
// build is no fault of theirs.
func (kz *kustomizer) builds(k *kustomization, kept, more []entry) error {
	kz.writeEntries(k, slices.Concat(kept, more))
	_, err := kz.run(k.id)
	if err != nil && strings.Contains(err.Error(), "kustomization.yaml is empty") {
		return nil
	}
	return err
}

// stage orders fields as kustomize applies them, as far as it matters: objects
// before what changes them.
// https://kubectl.docs.kubernetes.io/guides/config_management/components/ and the
// order of runTransformers in kustomize's internal/target/kusttarget.go.
func stage(field string) int {
	switch field {
	case "apiVersion", "kind", "metadata":
		return 0
	case "resources", "bases", "crds", "configurations", "openapi", "generatorOptions":
		return 1
	case "configMapGenerator", "secretGenerator", "generators":
		return 2
	case "components":
		return 4
	case "replacements", "vars":
		return 5
	}
	return 3
}

// refused notes an entry that the library does not accept.
func (k *kustomization) refused(e entry, why string) {
	what, name := wordFor(e.field), nameOf(e)
	l := k.miss(e.from, what, name, "cannot be built: kustomize: "+why)
	l.cause, l.foreign = source.Broken, false
	l.kinds = k.changedBy(e)
	switch e.field {
	case "patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "vars", "configMapGenerator", "secretGenerator", "replicas":
		l.follows = k.lacksObjects()
	}
	if strings.HasPrefix(e.field, "patches") {
		for i, p := range k.patches {
			if p.item == e.from {
				k.patches = slices.Delete(k.patches, i, i+1)
				break
			}
		}
	}
}

// wordFor is what an item of a field is called.
func wordFor(field string) string {
	switch field {
	case "patches", "patchesStrategicMerge", "patchesJson6902":
		return "patch"
	case "bases":
		return "base"
	case "configMapGenerator", "secretGenerator":
		return "generator"
	case "resources", "components", "generators", "transformers", "replacements", "vars", "images", "configurations", "crds":
		return strings.TrimSuffix(field, "s")
	}
	return "field"
}

func nameOf(e entry) string {
	if text, ok := e.from.Str(); ok && !strings.Contains(text, "\n") {
		return text
	}
	for _, key := range []string{"path", "name"} {
		if text := e.from.Get(key).ScalarText(); text != "" {
			return text
		}
	}
	if e.item && wordFor(e.field) != "field" {
		return "inline"
	}
	return e.field
}

// lacksObjects reports that objects are missing which other entries may need.
func (k *kustomization) lacksObjects() bool {
	return slices.ContainsFunc(k.closure(), func(k *kustomization) bool {
		return slices.ContainsFunc(k.missing, func(l *lack) bool {
			switch l.what {
			case "resource", "remote resource", "base", "helm chart", "component":
				return true
			}
			return strings.HasPrefix(l.what, "file of ")
		})
	})
}

// changedBy are the kinds of the objects that an entry brings or changes; nil for
// any.
func (k *kustomization) changedBy(e entry) []string {
	target := func(n *yaml.Node) []string {
		if kind := n.Get("kind").ScalarText(); kind != "" {
			return []string{kind}
		}
		return k.kinds()
	}
	switch e.field {
	case "images", "replicas", "crds", "openapi", "commonAnnotations", "generatorOptions", "metadata":
		return []string{}
	case "configMapGenerator":
		return []string{"ConfigMap"}
	case "secretGenerator":
		return []string{"Secret"}
	case "patches", "patchesJson6902", "patchesStrategicMerge":
		return target(e.from.Get("target"))
	case "replacements":
		var kinds []string
		for _, t := range e.from.Get("targets").List() {
			kinds = append(kinds, target(t.Get("select"))...)
		}
		return kinds
	case "resources", "bases":
		if r := k.held[e.written.ScalarText()]; r != nil {
			return kindsOf(r)
		}
		for _, b := range k.bases {
			if e.written.ScalarText() == ".."+b.id && !k.adrift && !b.incomplete() {
				return b.kinds()
			}
		}
	}
	return nil
}

// fillIn gives generators that lack a file what others take from them: the value
// is a placeholder, and what is made of it is built.
func (kz *kustomizer) fillIn() {
	asked := make(map[string]bool)
	for _, k := range kz.order {
		for _, r := range k.replacements {
			asked[r.node.Get("source").Get("fieldPath").ScalarText()] = true
		}
		for _, v := range k.root.Get("vars").List() {
			asked[firstOf(v.Get("fieldref"), "fieldpath", "fieldPath").ScalarText()] = true
		}
	}
	for _, k := range kz.order {
		for _, g := range k.generators {
			if g.incomplete {
				k.fill(g, asked)
			}
		}
		if len(asked) > 0 && slices.ContainsFunc(k.generators, func(g *generated) bool { return g.incomplete }) {
			kz.writeEntries(k, k.entries)
		}
	}
}

func sortedPaths(asked map[string]bool) []string { return slices.Sorted(maps.Keys(asked)) }

func (k *kustomization) fill(g *generated, asked map[string]bool) {
	for i := range k.entries {
		e := &k.entries[i]
		if e.from != g.item {
			continue
		}
		have := e.written.Get("literals").List()
		literals := slices.Clone(have)
		for _, path := range sortedPaths(asked) {
			key, ok := strings.CutPrefix(path, "data.")
			if ok && !slices.ContainsFunc(have, func(n *yaml.Node) bool { return strings.HasPrefix(n.ScalarText(), key+"=") }) {
				literals = append(literals, yaml.NewText(key+"=${"+key+"}"))
			}
		}
		e.written = e.written.With("literals", yaml.NewList(literals))
	}
}
