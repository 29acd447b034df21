package loader

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// grouping finds the set that each file belongs to.
type grouping struct {
	readings []*source.Reading
	home     []*source.Set // of each reading
	sets     map[setKey]*source.Set
	plain    *source.Set

	roots   map[string]bool       // directories of kustomizations
	listed  map[string]string     // file → kustomization that lists it as a resource
	patches map[string]bool       // files that a kustomization lists as a patch
	fileOf  map[string]*yaml.File // directory → its kustomization file
	// consumed are the files that a built kustomization read, each with its set.
	consumed map[string]*source.Set
}

type setKey struct {
	kind source.SetKind
	root string
}

func newGrouping(readings []*source.Reading, entries []walk.Entry, charts *walk.Charts, apart map[string]bool) *grouping {
	g := &grouping{
		readings: readings, home: make([]*source.Set, len(readings)), sets: make(map[setKey]*source.Set),
		roots: make(map[string]bool), listed: make(map[string]string), patches: make(map[string]bool),
		fileOf: make(map[string]*yaml.File),
	}
	g.plain = g.set(source.PlainSet, ".")
	for _, r := range kustomizationsOf(readings) {
		g.kustomization(r)
	}
	for i, r := range readings {
		chart, _ := charts.Of(entries[i])
		if apart[r.File.Name] {
			chart = ""
		}
		g.home[i] = g.find(r, chart)
		if g.home[i].Kind == source.ChartSet && isTemplateOf(r) {
			g.gapOnce(g.home[i], source.UnrenderedReason)
			g.home[i].Gaps = append(g.home[i].Gaps, templatePolicies(r)...)
		}
	}
	return g
}

func (g *grouping) set(kind source.SetKind, root string) *source.Set {
	key := setKey{kind, root}
	s := g.sets[key]
	if s == nil {
		s = &source.Set{Kind: kind, Root: root}
		g.sets[key] = s
		if kind == source.KustomizeSet {
			g.gapOnce(s, source.UnbuiltReason)
		}
	}
	return s
}

// gapOnce notes that a set may hold objects of any kind that were not read.
func (g *grouping) gapOnce(s *source.Set, reason string) {
	if len(s.Gaps) == 0 || s.Gaps[0].Reason != reason {
		s.Gaps = slices.Insert(s.Gaps, 0, source.Gap{File: s.Root, Reason: reason, Foreign: reason == source.UnrenderedReason})
	}
}

func isTemplateOf(r *source.Reading) bool {
	return len(r.Skips) > 0 && r.Skips[0].Reason == source.SkipHelmTemplate
}

func (g *grouping) setOf(i int) *source.Set { return g.home[i] }

// find applies the order of precedence: chart, kustomization, plain.
func (g *grouping) find(r *source.Reading, chart string) *source.Set {
	name := r.File.Name
	if chart != "" {
		return g.set(source.ChartSet, chart)
	}
	if root, ok := g.listed[name]; ok {
		return g.set(source.KustomizeSet, root)
	}
	for dir := path.Dir(name); name != walk.Stdin; dir = path.Dir(dir) {
		if g.roots[dir] {
			return g.set(source.KustomizeSet, dir)
		}
		if dir == "." || dir == "/" || dir == ".." || strings.HasSuffix(dir, "/..") {
			break
		}
	}
	return g.plain
}

// kustomizationsOf returns the readings of kustomization files.
func kustomizationsOf(readings []*source.Reading) []*source.Reading {
	var out []*source.Reading
	for _, r := range readings {
		if source.IsKustomizationFile(path.Base(r.File.Name)) && len(r.Objects) == 0 {
			out = append(out, r)
		}
	}
	return out
}

// kustomization notes what a kustomization file refers to.
func (g *grouping) kustomization(r *source.Reading) {
	root := path.Dir(r.File.Name)
	g.roots[root] = true
	g.fileOf[root] = r.File
	for _, field := range []string{"resources", "bases", "components", "crds"} {
		for _, ref := range fileRefs(r.Kustomization.Get(field)) {
			g.list(path.Join(root, ref), root)
		}
	}
	for _, field := range []string{"patches", "patchesStrategicMerge", "patchesJson6902", "replacements"} {
		for _, ref := range fileRefs(r.Kustomization.Get(field)) {
			g.patches[path.Join(root, ref)] = true
		}
	}
}

// list gives a file to the kustomization whose root has the smallest name.
func (g *grouping) list(file, root string) {
	if have, ok := g.listed[file]; !ok || root < have {
		g.listed[file] = root
	}
}

// fileRefs returns the paths of a list whose items are paths or have one.
func fileRefs(list *yaml.Node) []string {
	if list == nil {
		return nil
	}
	var refs []string
	for _, item := range list.Items {
		ref, ok := item.Str()
		if !ok {
			ref, ok = item.Get("path").Str()
		}
		if ok && !strings.ContainsAny(ref, "\n:") {
			refs = append(refs, ref)
		}
	}
	return refs
}

// dropPatches takes the objects back that are patches of a kustomization: half
// of an object says nothing alone.
func (g *grouping) dropPatches(r *source.Reading) {
	if !g.patches[r.File.Name] || len(r.Objects) == 0 {
		return
	}
	for _, o := range r.Objects {
		r.Skip(source.SkipKustomizePatch, o.Root.Pos.Line)
	}
	r.Objects = nil
}

// finish splits off variants, drops what is empty and brings all into order.
func (g *grouping) finish(problems []source.Problem) []*source.Set {
	var sets []*source.Set
	for _, s := range g.sets {
		if s != g.plain {
			sets = append(sets, s)
		}
	}
	sets = append(sets, splitVariants(g.plain, problems)...)
	if len(sets) > 1 {
		sets = slices.DeleteFunc(sets, func(s *source.Set) bool { return isEmptySet(s, problems) })
	}
	for _, s := range sets {
		slices.SortStableFunc(s.Objects, source.CompareObjects)
		slices.SortStableFunc(s.Gaps, compareGaps)
	}
	slices.SortFunc(sets, func(a, b *source.Set) int {
		return cmp.Or(strings.Compare(a.Root, b.Root), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	return sets
}

// isEmptySet reports whether nothing can be said of a set: charts and
// kustomizations stay, because it must be said that they were not rendered.
func isEmptySet(s *source.Set, problems []source.Problem) bool {
	alone := s.Kind == source.PlainSet && len(s.Gaps) == 0 || (s.Kind == source.VariantSet || s.Kind == source.BesideSet) && len(s.Gaps) == 1
	return alone && len(s.Objects) == 0 &&
		!slices.ContainsFunc(problems, func(p source.Problem) bool { return p.Set == s })
}

func compareGaps(a, b source.Gap) int {
	return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Reason, b.Reason))
}
