package environment

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// destination is what an object of Argo CD or Flux says about a directory of
// the tree: the namespace that its objects go to.
type destination struct {
	object    *source.Object
	dir       string
	namespace string
	recurse   bool // files in directories below belong to it
	overrides bool // also of objects that name another namespace
	// include and exclude are globs of files, as Argo CD has them; "" is none.
	include, exclude string
}

// follow gives the objects of the tree the namespaces that Argo CD and Flux
// apply them to. A directory that goes to several becomes several sources, of
// which no two meet.
func follow(t *source.Tree) {
	known := directories(t)
	byDir := make(map[string][]destination)
	var order []string
	for _, set := range t.Sets {
		for _, o := range set.Objects {
			found := destinationsOf(o, known)
			o.Followed = len(found) > 0
			for _, d := range found {
				if d.names() && !d.in(byDir[d.dir]) {
					order = append(order, d.dir)
					byDir[d.dir] = append(byDir[d.dir], d)
				}
			}
		}
	}
	slices.SortFunc(order, func(a, b string) int { return strings.Compare(b, a) }) // what lies deeper first
	for _, dir := range slices.Compact(order) {
		send(t, byDir[dir])
	}
}

// names reports a namespace that is written out.
func (d *destination) names() bool {
	return d.namespace != "" && !diagnose.HasPlaceholder([]byte(d.namespace))
}

// in reports a destination that is known already.
func (d *destination) in(known []destination) bool {
	return slices.ContainsFunc(known, func(have destination) bool { return have.namespace == d.namespace })
}

// directories are those that hold files of the tree, and all above them.
func directories(t *source.Tree) map[string]bool {
	out := make(map[string]bool)
	for _, f := range t.Files {
		for dir := path.Dir(f.Name); !out[dir]; dir = path.Dir(dir) {
			out[dir] = true
		}
	}
	return out
}

// send moves what lies in a directory to its namespaces: what goes to several
// becomes a source for each.
func send(t *source.Tree, destinations []destination) {
	var copies []*source.Set
	for _, set := range t.Sets {
		several := make(map[int][]*source.Object) // by destination
		set.Objects = slices.DeleteFunc(set.Objects, func(o *source.Object) bool { return sendOne(set, o, destinations, several) })
		for i := range destinations {
			if len(several[i]) > 0 {
				copies = append(copies, destinations[i].copyOf(set, several[i]))
			}
		}
	}
	t.Sets = append(t.Sets, copies...)
	slices.SortStableFunc(t.Sets, func(a, b *source.Set) int { return strings.Compare(a.Root, b.Root) })
}

// sendOne moves an object, and reports one that goes to several namespaces.
func sendOne(set *source.Set, o *source.Object, destinations []destination, several map[int][]*source.Object) bool {
	var to []int
	for i := range destinations {
		if destinations[i].takes(set, o) {
			to = append(to, i)
		}
	}
	if len(to) == 1 {
		o.Namespace = destinations[to[0]].place(o)
	}
	if len(to) < 2 {
		return false
	}
	for _, i := range to {
		several[i] = append(several[i], o)
	}
	return true
}

// copyOf is a source as it is applied to one of several namespaces.
func (d *destination) copyOf(set *source.Set, objects []*source.Object) *source.Set {
	out := *set
	out.Root, out.Namespace, out.Objects = d.dir, d.namespace, nil
	if out.Kind == source.PlainSet {
		out.Kind = source.VariantSet
	}
	for _, o := range objects {
		sent := *o
		sent.Namespace = d.place(o)
		out.Objects = append(out.Objects, &sent)
	}
	return &out
}

// takes reports an object that lies in the directory: of a kustomization or
// chart there, or of a plain file.
func (d *destination) takes(set *source.Set, o *source.Object) bool {
	if clusterWide(o) || o.Namespace != "" && !d.overrides {
		return false
	}
	if !isPlain(set) {
		return set.Root == d.dir
	}
	dir := path.Dir(o.File.Name)
	return (dir == d.dir || d.recurse && walk.Inside(dir, d.dir)) && d.covers(strings.TrimPrefix(o.File.Name, d.dir+"/"))
}

// covers follows the globs of Argo CD.
// https://argo-cd.readthedocs.io/en/stable/user-guide/directory/#including-only-certain-files
func (d *destination) covers(file string) bool {
	return (d.include == "" || walk.Matches(d.include, file)) && (d.exclude == "" || !walk.Matches(d.exclude, file))
}

func (d *destination) place(o *source.Object) string {
	if o.Namespace != "" && !d.overrides {
		return o.Namespace
	}
	return d.namespace
}

// destinationsOf reads an object of Argo CD or Flux.
//   - https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/
//   - https://fluxcd.io/flux/components/kustomize/kustomizations/#target-namespace
//   - https://fluxcd.io/flux/components/helm/helmreleases/#target-namespace
func destinationsOf(o *source.Object, known map[string]bool) []destination {
	spec := o.Root.Get("spec")
	switch {
	case o.Group() == "argoproj.io" && o.Kind == "Application":
		return applicationOf(o, spec, known, func(text string) string { return text })
	case o.Group() == "argoproj.io" && o.Kind == "ApplicationSet":
		return applicationSetOf(o, spec, known)
	case o.Group() == "kustomize.toolkit.fluxcd.io" && o.Kind == "Kustomization":
		return found(destination{
			object: o, dir: spec.Get("path").ScalarText(), namespace: spec.Get("targetNamespace").ScalarText(), recurse: true, overrides: true,
		}, known)
	case o.Group() == "helm.toolkit.fluxcd.io" && o.Kind == "HelmRelease":
		namespace := spec.Get("targetNamespace").ScalarText()
		if namespace == "" {
			namespace = o.Namespace
		}
		chart := spec.Get("chart").Get("spec")
		if kind := chart.Get("sourceRef").Get("kind").ScalarText(); kind != "GitRepository" && kind != "Bucket" {
			return nil
		}
		return found(destination{object: o, dir: chart.Get("chart").ScalarText(), namespace: namespace}, known)
	}
	return nil
}

// found completes a path by the directory that it begins in: the root of the
// repository, which lies somewhere above the file that names it.
func found(d destination, known map[string]bool) []destination {
	if d.dir == "" || diagnose.HasPlaceholder([]byte(d.dir)) || strings.HasPrefix(d.dir, "..") {
		return nil
	}
	for root := path.Dir(d.object.File.Name); ; root = path.Dir(root) {
		if dir := path.Join(root, d.dir); known[dir] && dir != root {
			d.dir = dir
			return []destination{d}
		}
		if root == path.Dir(root) {
			return nil
		}
	}
}

func applicationOf(o *source.Object, spec *yaml.Node, known map[string]bool, fill func(string) string) []destination {
	namespace := fill(spec.Get("destination").Get("namespace").ScalarText())
	sources := spec.Get("sources").List()
	if one := spec.Get("source"); one != nil {
		sources = append(slices.Clone(sources), one)
	}
	var out []destination
	for _, s := range sources {
		to := destination{
			object: o, dir: fill(s.Get("path").ScalarText()), namespace: namespace,
			recurse: s.Get("directory").Get("recurse").ScalarText() == "true",
			include: fill(s.Get("directory").Get("include").ScalarText()), exclude: fill(s.Get("directory").Get("exclude").ScalarText()),
		}
		if own := s.Get("kustomize").Get("namespace").ScalarText(); own != "" {
			to.namespace, to.overrides = fill(own), true
		}
		out = append(out, found(to, known)...)
	}
	return out
}

// applicationSetOf follows the generators whose parameters are written down, or
// are directories of the tree.
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators/
func applicationSetOf(o *source.Object, spec *yaml.Node, known map[string]bool) []destination {
	template := spec.Get("template").Get("spec")
	var out []destination
	add := func(parameters map[string]string) {
		out = append(out, applicationOf(o, template, known, func(text string) string { return filled(text, parameters) })...)
	}
	for _, g := range spec.Get("generators").List() {
		for _, element := range g.Get("list").Get("elements").List() {
			parameters := make(map[string]string)
			addParameters(parameters, "", element)
			add(parameters)
		}
		for _, dir := range matchingDirs(o, g.Get("git").Get("directories").List(), known) {
			add(map[string]string{"path": dir, "path.path": dir, "path.basename": path.Base(dir)})
		}
	}
	return out
}

func addParameters(parameters map[string]string, prefix string, n *yaml.Node) {
	if n == nil || n.Kind != yaml.Map {
		return
	}
	for i := range n.Fields {
		key := prefix + n.Fields[i].Key.Text
		parameters[key] = n.Fields[i].Value.ScalarText()
		addParameters(parameters, key+".", n.Fields[i].Value)
	}
}

// matchingDirs returns the directories of the tree that a git generator finds,
// relative to the root of the repository.
func matchingDirs(o *source.Object, patterns []*yaml.Node, known map[string]bool) []string {
	for root := path.Dir(o.File.Name); ; root = path.Dir(root) {
		var out []string
		for dir := range known {
			if rel := relative(dir, root); rel != "" && isMatched(rel, patterns) {
				out = append(out, rel)
			}
		}
		if len(out) > 0 || root == path.Dir(root) {
			slices.Sort(out)
			return out
		}
	}
}

// relative is the way from root to a directory below it, "" if it lies elsewhere.
func relative(dir, root string) string {
	switch {
	case dir == root || !walk.Inside(dir, root):
		return ""
	case root == ".":
		return dir
	}
	return strings.TrimPrefix(dir, root+"/")
}

func isMatched(dir string, patterns []*yaml.Node) bool {
	matched := false
	for _, p := range patterns {
		if !walk.Matches(p.Get("path").ScalarText(), dir) {
			continue
		}
		if p.Get("exclude").ScalarText() == "true" {
			return false
		}
		matched = true
	}
	return matched
}

var parameter = regexp.MustCompile(`\{\{-?\s*\.?([A-Za-z0-9_.-]+?)\s*-?\}\}`)

// filled writes the parameters of a generator into a text; one that is not
// known stays as it is.
func filled(text string, parameters map[string]string) string {
	return parameter.ReplaceAllStringFunc(text, func(match string) string {
		if value, known := parameters[parameter.FindStringSubmatch(match)[1]]; known {
			return value
		}
		return match
	})
}
