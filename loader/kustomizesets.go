package loader

import (
	"bytes"
	"context"
	"path"
)

// kustomized is what building gave to the grouping.
type kustomized struct {
	roots []*built
	// used are the files that some kustomization reads as anything but a
	// resource: patches, configurations, what generators put into ConfigMaps.
	used map[string]bool
}

// build builds the kustomizations; of a tree without any it costs nothing.
func build(ctx context.Context, rd *reader, opts Options, readings []*reading) kustomized {
	kz := kustomize(ctx, rd, opts, readings)
	if kz == nil {
		return kustomized{}
	}
	out := kustomized{roots: kz.buildAll(ctx), used: make(map[string]bool)}
	for _, k := range kz.order {
		for name := range k.uses {
			if name != k.file.Name {
				out.used[name] = true
			}
		}
	}
	for _, k := range kz.order {
		for _, r := range k.resources {
			delete(out.used, r.file.Name)
		}
	}
	return out
}

// adopt makes a set of each root that was built and takes what it was built
// from out of all others: raw files of a kustomization say what nobody applies.
func (g *grouping) adopt(k kustomized) {
	if len(k.roots) == 0 {
		return
	}
	g.consumed = make(map[string]*Set)
	built := make(map[string]bool) // directories of kustomizations that some built root includes
	for _, root := range k.roots {
		if root.failed == "" {
			g.adoptRoot(root, built)
		}
	}
	for _, root := range k.roots {
		if root.failed != "" {
			s := g.set(KustomizeSet, root.dir)
			s.Gaps[0].Reason = unbuiltReason + ": " + root.failed
		}
	}
	g.rehome(k.used, built)
	for dir := range built {
		if s := g.sets[setKey{KustomizeSet, dir}]; s != nil && !s.Built {
			delete(g.sets, setKey{KustomizeSet, dir})
		}
	}
}

// rehome finds each file its set anew: that which was built from it, or what
// lies beside.
func (g *grouping) rehome(used, built map[string]bool) {
	for i, r := range g.readings {
		name := r.file.Name
		home := g.home[i]
		switch {
		case g.consumed[name] != nil:
			g.home[i] = g.consumed[name]
		case used[name]:
			g.consumed[name] = home
		case home.Kind == KustomizeSet && built[home.Root]:
			g.home[i] = g.beside(home.Root, r.file)
		}
	}
}

const unbuiltReason = "kustomization that was not built"

func (g *grouping) adoptRoot(root *built, dirs map[string]bool) {
	s := g.set(KustomizeSet, root.dir)
	s.Built = true
	s.Objects, s.Gaps = root.objects, nil
	for _, k := range root.closure() {
		dirs[k.dir] = true
		for name := range k.uses {
			if g.consumed[name] == nil {
				g.consumed[name] = s
			}
		}
		s.Gaps = append(s.Gaps, k.gaps...)
		for i := range k.missing {
			l := &k.missing[i]
			s.Gaps = append(s.Gaps, Gap{Kind: l.kind, File: k.file.Name, Reason: l.String()})
		}
	}
}

// beside is the set of what lies at a kustomization that does not list it.
func (g *grouping) beside(dir string, file *File) *Set {
	key := setKey{BesideSet, dir}
	s := g.sets[key]
	if s == nil {
		s = &Set{Kind: BesideSet, Root: dir, Mentioned: make(map[string]bool), Gaps: []Gap{{
			File: g.fileOf[dir].Name, Reason: "kustomization that does not list the files beside it",
		}}}
		g.sets[key] = s
	}
	if bytes.Contains(g.fileOf[dir].Data, []byte(path.Base(file.Name))) {
		s.Mentioned[file.Name] = true
	}
	return s
}
