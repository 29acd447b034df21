package loader

import (
	"bytes"
	"path"
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/environment"
	"github.com/aisec-lint/aisec-lint/loader/kustomize"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// adopt makes a set of each root that was built and takes what it was built
// from out of all others: what such a file says
// is not what is applied.
func (g *grouping) adopt(k kustomize.Result) {
	if len(k.Roots) == 0 {
		return
	}
	g.consumed = make(map[string]*source.Set)
	built := make(map[string]bool) // directories of kustomizations that some built root includes
	for i := range k.Roots {
		root := &k.Roots[i]
		if root.Failed == "" {
			g.adoptRoot(root, built)
		}
	}
	unlisted := make(map[string]bool)
	for i := range k.Roots {
		root := &k.Roots[i]
		if root.Failed != "" {
			s := g.set(source.KustomizeSet, root.Dir)
			s.Gaps[0].Reason = source.UnbuiltReason + ": " + root.Failed
			g.noteUnlisted(root, unlisted)
		}
	}
	g.rehome(k.Used, built, unlisted)
	for dir := range built {
		if s := g.sets[setKey{source.KustomizeSet, dir}]; s != nil && !s.Built {
			delete(g.sets, setKey{source.KustomizeSet, dir})
		}
	}
}

// noteUnlisted notes the files below a kustomization that could not be built and
// that it would not have read either.
func (g *grouping) noteUnlisted(root *kustomize.Root, out map[string]bool) {
	if !root.Lists {
		return
	}
	for i, r := range g.readings {
		name := r.File.Name
		if home := g.home[i]; home.Kind == source.KustomizeSet && home.Root == root.Dir && !slices.Contains(root.Files, name) && g.listed[name] == "" {
			out[name] = true
		}
	}
}

// joinable tells composing what the kustomizations of a tree have in common.
func joinable(k kustomize.Result) (bases, comments map[string][]string) {
	bases, comments = make(map[string][]string), make(map[string][]string)
	for i := range k.Roots {
		root := &k.Roots[i]
		comments[root.Dir] = root.Comments
		for _, base := range root.Bases {
			if slices.ContainsFunc(base.Objects, environment.ConcernsPods) {
				bases[root.Dir] = append(bases[root.Dir], base.Dir)
			}
		}
	}
	return bases, comments
}

// rehome finds each file its set anew: that which was built from it, or what
// lies beside.
func (g *grouping) rehome(used, built, unlisted map[string]bool) {
	for i, r := range g.readings {
		name := r.File.Name
		home := g.home[i]
		switch {
		case g.consumed[name] != nil:
			g.home[i] = g.consumed[name]
		case used[name]:
			g.consumed[name] = home
		case home.Kind == source.KustomizeSet && (built[home.Root] || unlisted[name]):
			g.home[i] = g.beside(home.Root, r.File)
		}
	}
}

func (g *grouping) adoptRoot(root *kustomize.Root, dirs map[string]bool) {
	s := g.set(source.KustomizeSet, root.Dir)
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
func (g *grouping) beside(dir string, file *yaml.File) *source.Set {
	key := setKey{source.BesideSet, dir}
	s := g.sets[key]
	if s == nil {
		s = &source.Set{Kind: source.BesideSet, Root: dir, Mentioned: make(map[string]bool), Gaps: []source.Gap{{
			File: g.fileOf[dir].Name, Reason: source.BesideReason,
		}}}
		g.sets[key] = s
	}
	if inComment(g.fileOf[dir].Data, path.Base(file.Name)) {
		s.Mentioned[file.Name] = true
	}
	return s
}

// inComment reports that a comment names a file. Below a misspelled field it is
// named as well, and meant to be applied.
func inComment(data []byte, name string) bool {
	for line := range bytes.Lines(data) {
		if _, comment, found := bytes.Cut(line, []byte("#")); found && bytes.Contains(comment, []byte(name)) {
			return true
		}
	}
	return false
}
