package loader

import (
	"bytes"
	"path"
)

const unbuiltReason = "kustomization that was not built"

// adopt makes a set of each root that was built and takes what it was built
// from out of all others: raw files of a kustomization say what nobody applies.
func (g *grouping) adopt(k Build) {
	if len(k.Roots) == 0 {
		return
	}
	g.consumed = make(map[string]*Set)
	built := make(map[string]bool) // directories of kustomizations that some built root includes
	for i := range k.Roots {
		root := &k.Roots[i]
		if root.Failed == "" {
			g.adoptRoot(root, built)
		}
	}
	for i := range k.Roots {
		root := &k.Roots[i]
		if root.Failed != "" {
			s := g.set(KustomizeSet, root.Dir)
			s.Gaps[0].Reason = unbuiltReason + ": " + root.Failed
		}
	}
	g.rehome(k.Used, built)
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

func (g *grouping) adoptRoot(root *Root, dirs map[string]bool) {
	s := g.set(KustomizeSet, root.Dir)
	s.Built = true
	s.Objects, s.Gaps = root.Objects, root.Gaps
	for _, dir := range root.Dirs {
		dirs[dir] = true
	}
	for _, name := range root.Files {
		if g.consumed[name] == nil {
			g.consumed[name] = s
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
