package loader

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// kustomization is one directory that kustomize builds, and all that it refers
// to. It is read once, however many roots include it.
type kustomization struct {
	dir  string
	id   string // its directory in the build's own file system
	file *File
	root *Node

	bases      []*kustomization // of resources, bases and components
	resources  []*reading
	patches    []*patch
	withheld   []*patch // that are not there; what they are for is left out
	generators []*Node  // items of configMapGenerator and secretGenerator
	uses       map[string]bool
	gaps       []Gap
	// missing is what was left out because it is not there or must not be
	// fetched; broken is the first thing without which nothing can be built.
	missing []lack
	broken  *lack

	included, reading bool
	component, empty  bool
	size              buildSize
	wrote             int // files, for their names
}

// lack is something that a kustomization refers to and that was not read.
type lack struct {
	at     Span
	what   string // `remote resource`, `patch`, `helm chart`, …
	name   string
	reason string // lackMissing, …
	kind   string // of the objects that are missing with it; "" for any
}

func (l *lack) String() string {
	return fmt.Sprintf("%s `%s` (line %d) %s", l.what, printable(l.name), l.at.Start.Line, l.reason)
}

// buildSize is what a build costs, every inclusion counted.
type buildSize struct{ objects, bytes, work int }

// Limits of a build. A kustomization may include another twice, which may
// include a third twice: what is small to write is then large to build.
const (
	mostObjects = 20_000
	mostBytes   = 128 << 20
	mostWork    = 1 << 30 // objects × bytes of the patches that may apply to them
	mostNesting = 64
)

func (k *kustomization) lack(n *Node, what, name, reason string) *lack {
	return &lack{at: k.file.span(n), what: what, name: name, reason: reason}
}

// miss leaves something out that only adds objects.
func (k *kustomization) miss(n *Node, what, name, reason, kind string) {
	l := k.lack(n, what, name, reason)
	l.kind = kind
	k.missing = append(k.missing, *l)
}

// fail gives the build up: without that, what would be applied is not known.
func (k *kustomization) fail(n *Node, what, name, reason string) {
	if k.broken == nil {
		k.broken = k.lack(n, what, name, reason)
	}
}

// kustomizationAt reads the kustomization of a directory, nil if it has none.
func (kz *kustomizer) kustomizationAt(dir string) *kustomization {
	if k, ok := kz.dirs[dir]; ok {
		return k
	}
	for _, base := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		name := path.Join(dir, base)
		if isDir, lack := kz.shelf.find(name, dir); isDir || lack != "" {
			continue
		}
		r := kz.shelf.manifest(name)
		k := &kustomization{
			dir: dir, id: fmt.Sprintf("/k%d", len(kz.dirs)), file: r.file, root: r.kustomization,
			uses: map[string]bool{name: true}, reading: true,
		}
		kz.dirs[dir] = k
		kz.order = append(kz.order, k)
		if k.root == nil || k.root.Kind != Map {
			k.fail(&Node{Pos: Pos{1, 1}}, "file", base, lackBroken)
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
	out := &Node{Kind: Map}
	for _, patches := range []bool{false, true} { // a patch is looked at when its targets are known
		for _, key := range distinctKeys(k.root) {
			if isPatchField(key) != patches {
				continue
			}
			if kept := kz.field(k, key, k.root.Get(key)); kept != nil {
				out.Fields = append(out.Fields, Field{Key: textNode(key), Value: kept})
			}
		}
	}
	k.empty = !slices.ContainsFunc(out.Fields, func(f Field) bool {
		return f.Key.Text != "apiVersion" && f.Key.Text != "kind"
	})
	kz.put(k.id+"/kustomization.yaml", appendFlow(nil, out))
	k.weigh()
}

func isPatchField(key string) bool { return strings.HasPrefix(key, "patches") }

// distinctKeys returns each key of a mapping once.
func distinctKeys(n *Node) []string {
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

// weigh adds up what the build costs and refuses what costs too much.
func (k *kustomization) weigh() {
	own := k.size.bytes
	for _, b := range k.bases {
		k.size.objects += b.size.objects
		k.size.bytes += b.size.bytes
		k.size.work += b.size.work
	}
	k.size.work += k.size.objects * own
	if k.size.objects > mostObjects || k.size.bytes > mostBytes || k.size.work > mostWork {
		k.fail(k.root, "kustomization", k.dir, fmt.Sprintf("is too large to build: %d objects", k.size.objects))
		k.size = buildSize{}
	}
}

// field returns what stands for a field in the build, nil for nothing.
func (kz *kustomizer) field(k *kustomization, key string, value *Node) *Node {
	switch key {
	case "resources", "bases":
		return kz.each(k, value, kz.resource)
	case "components":
		return kz.each(k, value, kz.component)
	case "patches", "patchesJson6902":
		return kz.each(k, value, kz.patchItem)
	case "patchesStrategicMerge":
		return kz.each(k, value, kz.patchText)
	case "replacements":
		return kz.each(k, value, kz.replacement)
	case "crds", "configurations":
		return kz.each(k, value, kz.configuration)
	case "openapi":
		return kz.openAPI(k, value)
	case "configMapGenerator":
		return kz.each(k, value, func(k *kustomization, item *Node) *Node { return kz.generator(k, item, "ConfigMap") })
	case "secretGenerator":
		return kz.each(k, value, func(k *kustomization, item *Node) *Node { return kz.generator(k, item, "Secret") })
	case "generators":
		return kz.each(k, value, kz.plugin)
	case "transformers":
		return kz.each(k, value, kz.plugin)
	case "validators", "helmGlobals":
		return nil // the first only refuse, the second are nothing without charts
	case "helmCharts", "helmChartInflationGenerator":
		for _, item := range value.List() {
			k.miss(item, "helm chart", scalarText(firstOf(item, "name", "chartName")), "is not inflated", "")
		}
		return nil
	}
	return value
}

func firstOf(n *Node, keys ...string) *Node {
	for _, key := range keys {
		if v := n.Get(key); v != nil {
			return v
		}
	}
	return nil
}

// each replaces the items of a list, and leaves out those that became nil.
func (kz *kustomizer) each(k *kustomization, list *Node, one func(*kustomization, *Node) *Node) *Node {
	if list.Kind != List {
		return list // kustomize says what is wrong with it
	}
	var items []*Node
	for _, item := range list.Items {
		if kept := one(k, item); kept != nil {
			items = append(items, kept)
		}
	}
	if len(items) == 0 {
		return nil
	}
	return listNode(items)
}

// resource takes in a file or a base.
func (kz *kustomizer) resource(k *kustomization, item *Node) *Node {
	ref, ok := item.Str()
	if !ok {
		return item
	}
	name, isDir, lack := kz.locate(k, ref)
	switch {
	case lack == lackOutside, lack == lackForeign:
		k.fail(item, "resource", ref, lack)
		return nil
	case lack != "":
		what := "resource"
		if lack == lackRemote {
			what = "remote resource"
		}
		k.miss(item, what, ref, lack, "")
		return nil
	case isDir:
		return kz.base(k, item, name, false)
	}
	k.uses[name] = true
	r := kz.shelf.manifest(name)
	if r.unread {
		k.miss(item, "resource", ref, "cannot be read", "")
	}
	k.gaps = append(k.gaps, r.gaps...)
	if len(r.objects) == 0 {
		return nil
	}
	k.resources = append(k.resources, r)
	return textNode(kz.write(k, kz.tracked(k, r)))
}

// incomplete reports whether objects may be missing that patches are for.
func (k *kustomization) incomplete() bool {
	return slices.ContainsFunc(k.closure(), func(k *kustomization) bool { return len(k.missing) > 0 })
}

// component takes in a directory that changes what is there: without it
// nothing is known.
func (kz *kustomizer) component(k *kustomization, item *Node) *Node {
	ref, ok := item.Str()
	if !ok {
		return item
	}
	name, isDir, lack := kz.locate(k, ref)
	if lack == "" && !isDir {
		lack = "is no directory"
	}
	if lack != "" {
		k.fail(item, "component", ref, lack)
		return nil
	}
	return kz.base(k, item, name, true)
}

func (kz *kustomizer) base(k *kustomization, item *Node, dir string, component bool) *Node {
	b := kz.kustomizationAt(dir)
	switch {
	case b == nil && component:
		k.fail(item, "component", scalarText(item), "has no kustomization file")
		return nil
	case b == nil:
		k.miss(item, "base", scalarText(item), "has no kustomization file", "")
		return nil
	case b.reading || dir == k.dir || inside(k.dir, dir):
		k.fail(item, "base", scalarText(item), "includes this kustomization")
		return nil
	case kz.nesting > mostNesting:
		k.fail(item, "base", scalarText(item), "is nested too deep")
		return nil
	}
	b.included = true
	k.bases = append(k.bases, b)
	if b.broken != nil && k.broken == nil {
		k.broken = b.broken
	}
	if b.empty && b.incomplete() {
		return nil // the library would refuse it for that
	}
	return textNode(".." + b.id)
}

// locate resolves what a kustomization refers to.
func (kz *kustomizer) locate(k *kustomization, ref string) (name string, isDir bool, reason string) {
	if hasScheme(ref) {
		return "", false, lackRemote
	}
	if ref == "" || path.IsAbs(ref) || strings.ContainsAny(ref, "\n\x00") {
		return ref, false, lackOutside
	}
	name = path.Join(k.dir, ref)
	isDir, reason = kz.shelf.find(name, k.dir)
	if reason == lackMissing && looksRemote(ref) {
		return ref, false, lackRemote
	}
	return name, isDir, reason
}

const lackRemote = "is not fetched"

// hasScheme recognises what kustomize fetches before it looks for a file.
func hasScheme(ref string) bool {
	low := strings.ToLower(ref)
	return strings.HasPrefix(low, "http:") || strings.HasPrefix(low, "https:")
}

// looksRemote recognises what kustomize clones if there is no such file
// (https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md).
func looksRemote(ref string) bool {
	host, _, found := strings.Cut(ref, "/")
	return strings.Contains(ref, "://") || strings.HasPrefix(ref, "git@") || strings.HasPrefix(ref, "git::") ||
		strings.Contains(ref, "?ref=") || strings.HasPrefix(host, "gh:") ||
		found && strings.Contains(strings.Trim(host, "."), ".")
}
