package kustomize

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// kustomizer builds the kustomizations of a tree in process. It walks what each
// refers to first and writes it, with names of its own, to a file system in
// memory; the library sees that and nothing else. So no path of a manifest can
// lead it to the network, to git or out of the tree.
type kustomizer struct {
	files     *files
	namespace string
	memory    filesys.FileSystem
	dirs      map[string]*kustomization // nil where a directory has none
	order     []*kustomization
	sources   []origin // by the number that the built objects are marked with
	nesting   int
	stuck     bool                    // a build did not end, and no other can begin
	ownSchema bool                    // some kustomization brings a schema, which the library keeps
	sound     map[*kustomization]bool // built without what the library refuses
	current   *kustomization          // whose faults are looked for
}

// origin is where a built object comes from: a document or a generator.
type origin struct {
	in        *kustomization
	object    *source.Object
	generator *generated
}

// built is a root with what became of it.
type built struct {
	*kustomization
	objects []*source.Object
	failed  string       // why it was not built; "" if it was
	refusal string       // of the library
	beyond  []source.Gap // what an overlay would add
}

// newKustomizer reads the kustomizations of the manifests and what they refer to.
func newKustomizer(ctx context.Context, rd *source.Reader, lookup *walk.Lookup, manifests, readings []*source.Reading) *kustomizer {
	kz := &kustomizer{
		files: newFiles(rd, lookup, readings), namespace: rd.Namespace,
		memory: filesys.MakeFsInMemory(), dirs: make(map[string]*kustomization),
		sound: make(map[*kustomization]bool),
	}
	for _, r := range manifests {
		if ctx.Err() == nil {
			kz.kustomizationAt(path.Dir(r.File.Name))
		}
	}
	return kz
}

// roots returns the kustomizations that stand for themselves, sorted by their
// directory.
func (kz *kustomizer) roots() []*kustomization {
	var out []*kustomization
	for _, k := range kz.order {
		if !k.included {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b *kustomization) int { return strings.Compare(a.dir, b.dir) })
	return out
}

// sourceKey is the annotation that tells built objects where they come from.
// Kustomize's own origin annotation names the file and not the document.
const sourceKey = "aisec-lint.internal/source"

// mark returns annotations with the number of the source that was added last.
func (kz *kustomizer) mark(annotations *yaml.Node) *yaml.Node {
	return annotations.With(sourceKey, yaml.NewText(strconv.Itoa(len(kz.sources)-1)))
}

// tracked writes the objects of a file, each marked with its source. Members of
// a List stand alone, as kustomize would have them.
func (kz *kustomizer) tracked(k *kustomization, r *source.Reading) []byte {
	var text []byte
	for _, o := range r.Objects {
		kz.sources = append(kz.sources, origin{in: k, object: o})
		meta := o.Root.Get("metadata")
		root := withoutNamedVolumes(o.Root).With("apiVersion", yaml.NewText(o.APIVersion)).With("kind", yaml.NewText(o.Kind)).
			With("metadata", meta.With("annotations", kz.mark(meta.Get("annotations"))))
		text = append(yaml.AppendFlow(append(text, "---\n"...), root), '\n')
	}
	k.weighObjects(len(r.Objects), text)
	return text
}

// namedVolumes returns volumes that are words, as of a PodSecurityPolicy. The
// library's image transformer takes those of any kind for a pod's and fails
// (`spec/volumes[]/image/reference` in its imagetag/defaultimagetagfieldspecs).
func namedVolumes(root *yaml.Node) *yaml.Node {
	volumes := root.Get("spec").Get("volumes")
	if slices.ContainsFunc(volumes.List(), func(n *yaml.Node) bool { return n.Kind < yaml.Map }) {
		return volumes
	}
	return nil
}

func withoutNamedVolumes(root *yaml.Node) *yaml.Node {
	if namedVolumes(root) == nil {
		return root
	}
	return root.With("spec", root.Get("spec").With("volumes", nil))
}

// restoreVolumes gives a built object back what was kept from the library.
func restoreVolumes(n, src *yaml.Node) {
	volumes := namedVolumes(src)
	for i := range n.Fields {
		if f := &n.Fields[i]; volumes != nil && f.Key.Text == "spec" {
			f.Value = f.Value.With("volumes", volumes)
		}
	}
}

// write puts a file beside the kustomization and returns its name there. ref is
// what the kustomization calls it.
func (kz *kustomizer) write(k *kustomization, ref string, data []byte) string {
	name := "f" + strconv.Itoa(k.wrote) + ".yaml"
	k.wrote++
	k.files[name] = ref
	kz.put(k.id+"/"+name, data)
	return name
}

func (kz *kustomizer) put(name string, data []byte) {
	_ = kz.memory.WriteFile(name, data) // memory has no reason to refuse
}

// closure returns the kustomizations that a build of k takes in, each once,
// the one that is applied last first.
func (k *kustomization) closure() []*kustomization {
	var out []*kustomization
	seen := make(map[*kustomization]bool)
	var add func(*kustomization)
	add = func(k *kustomization) {
		if seen[k] {
			return
		}
		seen[k] = true
		out = append(out, k)
		for _, b := range slices.Backward(k.bases) {
			add(b)
		}
	}
	add(k)
	return out
}
