package loader

import (
	"os"
	"path"
	"path/filepath"
	"slices"
)

// lookup finds files that others refer to by name. It keeps what a
// kustomization refers to within what is audited: a file was walked, or else
// neither --exclude nor .gitignore nor a link keeps it away.
type lookup struct {
	walker  *walker
	given   []string        // absolute
	walked  map[string]bool // by name
	ignored map[string]*ignoreRules
}

// newLookup returns the lookup of a tree whose walk found the entries.
func newLookup(opts walkOptions, entries []entry) *lookup {
	l := &lookup{walked: make(map[string]bool, len(entries)), ignored: make(map[string]*ignoreRules)}
	cwd, err := filepath.Abs(".")
	if err != nil {
		cwd = "."
	}
	l.walker = &walker{cwd: cwd, exclude: opts.Exclude, useGit: !opts.NoGitignore}
	for _, p := range inFixedOrder(opts.Paths) {
		if abs, err := filepath.Abs(p); err == nil && p != "-" {
			l.given = append(l.given, abs)
		}
	}
	for _, e := range entries {
		l.walked[e.name] = true
	}
	return l
}

// entry is how a file of that name is read.
func (l *lookup) entry(name string) entry { return entry{open: l.abs(name), name: name} }

func (l *lookup) abs(name string) string {
	if path.IsAbs(name) {
		return filepath.FromSlash(name)
	}
	return filepath.Join(l.walker.cwd, filepath.FromSlash(name))
}

// Why a file cannot be had, each the end of a sentence that names it.
const (
	lackMissing  = "is not in the tree"
	lackIgnored  = "is git-ignored"
	lackExcluded = "is excluded"
	lackOutside  = "lies outside of the kustomization's directory"
	lackForeign  = "lies outside of the repository and of what is audited"
)

// find tells a file from a directory, or says why neither can be had. within is
// the directory that a file must lie in, as kustomize demands; a directory must
// lie in the repository, or below the working directory or a given path.
func (l *lookup) find(name, within string) (isDir bool, lack string) {
	abs := l.abs(name)
	info, err := os.Stat(abs)
	if err != nil {
		return false, lackMissing
	}
	target, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return false, lackMissing
	}
	if info.IsDir() {
		if !l.mayEnter(target, within) {
			return true, lackForeign
		}
		return true, l.kept(name, true)
	}
	home, err := filepath.EvalSymlinks(l.abs(within))
	if err != nil || !info.Mode().IsRegular() || !below(target, home) {
		return false, lackOutside
	}
	if l.walked[name] {
		return false, ""
	}
	return false, l.kept(name, false)
}

// mayEnter reports whether a directory belongs to what is audited.
func (l *lookup) mayEnter(target, from string) bool {
	homes := append([]string{l.walker.cwd, repositoryOf(l.abs(from))}, l.given...)
	for _, home := range homes {
		if home == "" {
			continue
		}
		if home, err := filepath.EvalSymlinks(home); err == nil && (target == home || below(target, home)) {
			return true
		}
	}
	return false
}

func repositoryOf(dir string) string {
	for ; !isRepository(dir); dir = filepath.Dir(dir) {
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
	return dir
}

// kept says what keeps a file or directory away, by itself or by a directory
// that it lies in.
func (l *lookup) kept(name string, isDir bool) string {
	abs := l.abs(name)
	if l.excludes(abs) {
		return lackExcluded
	}
	if l.walker.useGit && l.rulesOf(filepath.Dir(abs)).ignored(abs, isDir) {
		return lackIgnored
	}
	parent := filepath.Dir(abs)
	if parent == abs || isRepository(abs) || slices.Contains(l.given, abs) {
		return ""
	}
	return l.kept(l.walker.name(parent), true)
}

func (l *lookup) excludes(abs string) bool {
	if len(l.walker.exclude) == 0 {
		return false
	}
	names := []string{l.walker.name(abs)}
	for _, root := range l.given {
		if rel, err := filepath.Rel(root, abs); err == nil {
			names = append(names, filepath.ToSlash(rel))
		}
	}
	return l.walker.excluded(names...)
}

// rulesOf returns the .gitignore rules that hold for what lies in a directory.
func (l *lookup) rulesOf(dir string) *ignoreRules {
	if rules, ok := l.ignored[dir]; ok {
		return rules
	}
	rules := rulesAbove(dir)
	for _, root := range l.given {
		if rules == nil && below(dir, root) { // no repository: the walk begins at the root, and so do its rules
			rules = l.rulesOf(filepath.Dir(dir))
		}
	}
	rules = rules.with(dir, filepath.Join(dir, ".gitignore"))
	l.ignored[dir] = rules
	return rules
}
