package loader

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// grouping finds the set that each file belongs to.
type grouping struct {
	readings []*reading
	home     []*Set // of each reading
	sets     map[setKey]*Set
	plain    *Set

	roots   map[string]bool   // directories of kustomizations
	listed  map[string]string // file → kustomization that lists it as a resource
	patches map[string]bool   // files that a kustomization lists as a patch
	fileOf  map[string]*File  // directory → its kustomization file
	// consumed are the files that a built kustomization read, each with its set.
	consumed map[string]*Set
	given    givenRoots
}

type setKey struct {
	kind SetKind
	root string
}

func newGrouping(readings []*reading, entries []entry, charts *charts, apart map[string]bool, given givenRoots) *grouping {
	g := &grouping{
		readings: readings, home: make([]*Set, len(readings)), sets: make(map[setKey]*Set),
		roots: make(map[string]bool), listed: make(map[string]string), patches: make(map[string]bool),
		fileOf: make(map[string]*File),
	}
	g.given = given
	g.plain = g.set(PlainSet, ".")
	for _, r := range kustomizationsOf(readings, given) {
		g.kustomization(r)
	}
	for i, r := range readings {
		chart, _ := charts.of(entries[i])
		if apart[r.file.Name] {
			chart = ""
		}
		g.home[i] = g.find(r, chart)
		if g.home[i].Kind == ChartSet && isTemplateOf(r) {
			g.gapOnce(g.home[i], "helm chart that was not rendered")
		}
	}
	return g
}

func (g *grouping) set(kind SetKind, root string) *Set {
	key := setKey{kind, root}
	s := g.sets[key]
	if s == nil {
		s = &Set{Kind: kind, Root: root}
		g.sets[key] = s
		if kind == KustomizeSet {
			g.gapOnce(s, unbuiltReason)
		}
	}
	return s
}

// gapOnce notes that a set may hold objects of any kind that were not read.
func (g *grouping) gapOnce(s *Set, reason string) {
	if len(s.Gaps) == 0 || s.Gaps[0].Reason != reason {
		s.Gaps = slices.Insert(s.Gaps, 0, Gap{File: s.Root, Reason: reason})
	}
}

func isTemplateOf(r *reading) bool {
	return len(r.skips) > 0 && r.skips[0].Reason == SkipHelmTemplate
}

func (g *grouping) setOf(i int) *Set { return g.home[i] }

// find applies the order of precedence: chart, what the user declared,
// kustomization, plain.
func (g *grouping) find(r *reading, chart string) *Set {
	name := r.file.Name
	if chart != "" {
		return g.set(ChartSet, chart)
	}
	if root := g.given.of(name); root != "" {
		return g.set(GivenSet, root)
	}
	if root, ok := g.listed[name]; ok {
		return g.set(KustomizeSet, root)
	}
	for dir := path.Dir(name); name != stdinName; dir = path.Dir(dir) {
		if g.roots[dir] {
			return g.set(KustomizeSet, dir)
		}
		if dir == "." || dir == "/" || dir == ".." || strings.HasSuffix(dir, "/..") {
			break
		}
	}
	return g.plain
}

// kustomizationsOf returns the readings of the kustomization files that count:
// not those in a directory that the user declared to be one set.
func kustomizationsOf(readings []*reading, given givenRoots) []*reading {
	var out []*reading
	for _, r := range readings {
		if isKustomizationFile(path.Base(r.file.Name)) && len(r.objects) == 0 && given.of(r.file.Name) == "" {
			out = append(out, r)
		}
	}
	return out
}

// kustomization notes what a kustomization file refers to.
func (g *grouping) kustomization(r *reading) {
	root := path.Dir(r.file.Name)
	g.roots[root] = true
	g.fileOf[root] = r.file
	for _, field := range []string{"resources", "bases", "components", "crds"} {
		for _, ref := range fileRefs(r.kustomization.Get(field)) {
			g.list(path.Join(root, ref), root)
		}
	}
	for _, field := range []string{"patches", "patchesStrategicMerge", "patchesJson6902", "replacements"} {
		for _, ref := range fileRefs(r.kustomization.Get(field)) {
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
func fileRefs(list *Node) []string {
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
func (g *grouping) dropPatches(r *reading) {
	if !g.patches[r.file.Name] || len(r.objects) == 0 {
		return
	}
	for _, o := range r.objects {
		r.skip(SkipKustomizePatch, o.Root.Pos.Line)
	}
	r.objects = nil
}

// finish splits off variants, drops what is empty and brings all into order.
func (g *grouping) finish(problems []Problem) []*Set {
	var sets []*Set
	for _, s := range g.sets {
		if s != g.plain {
			sets = append(sets, s)
		}
	}
	sets = append(sets, splitVariants(g.plain, problems)...)
	if len(sets) > 1 {
		sets = slices.DeleteFunc(sets, func(s *Set) bool { return isEmptySet(s, problems) })
	}
	for _, s := range sets {
		slices.SortStableFunc(s.Objects, compareObjects)
		slices.SortStableFunc(s.Gaps, compareGaps)
	}
	slices.SortFunc(sets, func(a, b *Set) int {
		return cmp.Or(strings.Compare(a.Root, b.Root), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	return sets
}

// isEmptySet reports whether nothing can be said of a set: charts and
// kustomizations stay, because it must be said that they were not rendered.
func isEmptySet(s *Set, problems []Problem) bool {
	alone := s.Kind == PlainSet && len(s.Gaps) == 0 || (s.Kind == VariantSet || s.Kind == BesideSet) && len(s.Gaps) == 1
	return alone && len(s.Objects) == 0 &&
		!slices.ContainsFunc(problems, func(p Problem) bool { return p.Set == s })
}

func compareObjects(a, b *Object) int {
	return cmp.Or(strings.Compare(a.File.Name, b.File.Name),
		cmp.Compare(a.Root.Pos.Line, b.Root.Pos.Line), cmp.Compare(a.Root.Pos.Col, b.Root.Pos.Col))
}

func compareGaps(a, b Gap) int {
	return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Reason, b.Reason))
}
