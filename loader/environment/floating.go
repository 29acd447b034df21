package environment

import (
	"maps"
	"path"
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
)

// directory is what is known of one directory of plain manifests.
type directory struct {
	name    string
	source  *applied
	objects []*source.Object
	pods    []podSet
	test    bool
	group   *directory   // of union-find
	also    []*directory // directories whose objects go here as well
}

// splitFloating takes directories out whose objects name no namespace. Those
// that select each other's pods are one: `deployments/`, `services/` and
// `policies/` of an application are applied to the same namespace.
func splitFloating(plain []*applied, isTest func(dir string) bool) {
	var order []*directory
	for _, a := range plain {
		order = append(order, directoriesOf(a, isTest)...)
	}
	for _, d := range order {
		d.join(order)
	}
	groups := make(map[*directory]*floating)
	for _, d := range order {
		top := d.top()
		f := groups[top]
		if f == nil {
			f = &floating{root: top.name, set: top.source.set, dirs: make(map[string]bool), test: top.test}
			groups[top] = f
			top.source.floating = append(top.source.floating, f)
		}
		f.root = commonDir(f.root, d.name)
		for _, one := range append([]*directory{d}, d.also...) {
			f.objects = append(f.objects, one.objects...)
			f.dirs[one.name] = true
		}
	}
	for _, f := range groups {
		slices.SortStableFunc(f.objects, source.CompareObjects)
		f.objects = slices.Compact(f.objects)
	}
}

// directoriesOf splits a source: the directories without a namespace, and in
// named all else. A directory in which some name one and some do not stays
// whole: they may well meet.
func directoriesOf(a *applied, isTest func(dir string) bool) []*directory {
	byDir := make(map[string][]*source.Object)
	for _, o := range a.set.Objects {
		dir := path.Dir(o.File.Name)
		byDir[dir] = append(byDir[dir], o)
	}
	a.dirs = make(map[string]bool)
	var out []*directory
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		if test := isTest(dir); test || allFloat(byDir[dir]) {
			a.dirs[dir] = true
			out = append(out, newDirectory(dir, a, byDir[dir], test))
		} else {
			a.named = append(a.named, byDir[dir]...)
		}
	}
	slices.SortStableFunc(a.named, source.CompareObjects)
	return out
}

// allFloat reports objects of which some name no namespace and none names one.
func allFloat(objects []*source.Object) bool {
	return slices.ContainsFunc(objects, isFloating) &&
		!slices.ContainsFunc(objects, func(o *source.Object) bool { return o.Namespace != "" && ConcernsPods(o) })
}

func newDirectory(name string, a *applied, objects []*source.Object, test bool) *directory {
	d := &directory{name: name, source: a, objects: objects, test: test}
	for _, o := range objects {
		if p, ok := podsOf(o); ok {
			d.pods = append(d.pods, p)
		}
		if clusterWide(o) && !test {
			a.named = append(a.named, o)
		}
	}
	return d
}

func (d *directory) top() *directory {
	for d.group != nil {
		d = d.group
	}
	return d
}

// has reports that a selection finds pods of the directory.
func (d *directory) has(s *selection) bool {
	return slices.ContainsFunc(d.pods, func(p podSet) bool { return s.finds(p) })
}

// join unites the directory with the nearest ones that hold the pods which its
// objects are for, unless it holds such pods itself.
func (d *directory) join(all []*directory) {
	for _, o := range d.objects {
		for _, s := range selectionsOf(o) {
			if d.has(&s) || s.every && len(d.pods) > 0 {
				continue
			}
			for _, other := range nearestWith(d, &s, all) {
				d.unite(other)
			}
		}
	}
}

// nearestWith returns the directories with such pods below the nearest
// directory above d that has some.
func nearestWith(d *directory, s *selection, all []*directory) []*directory {
	for up := d.name; ; up = path.Dir(up) {
		var found []*directory
		for _, other := range all {
			if other != d && (other.name == up || walk.Inside(other.name, up)) && other.has(s) {
				found = append(found, other)
			}
		}
		if len(found) > 0 || up == path.Dir(up) {
			return found
		}
	}
}

// unite makes one group of two, unless they are versions of each other or hold
// what is: then the policies of d go to each of them.
func (d *directory) unite(other *directory) {
	a, b := d.top(), other.top()
	switch {
	case a == b || a.test != b.test:
	case a.source != b.source && a.source.set.Kind == source.VariantSet && b.source.set.Kind == source.VariantSet:
	case a.source != b.source && len(d.pods) == 0:
		other.also = append(other.also, d)
	case a.source != b.source:
	case b.name < a.name:
		a.group = b
	default:
		b.group = a
	}
}

// commonDir is the deepest directory that holds both.
func commonDir(a, b string) string {
	for a != b && !walk.Inside(b, a) {
		if a == path.Dir(a) {
			return a
		}
		a = path.Dir(a)
	}
	return a
}
