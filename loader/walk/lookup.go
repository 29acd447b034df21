package walk

import (
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Lookup finds files that others refer to by name. It keeps what a
// kustomization refers to within what is audited: a file was walked, or else
// neither --exclude nor .gitignore nor a link keeps it away.
type Lookup struct {
	walker  *walker
	given   []string        // absolute
	walked  map[string]bool // by name
	ignored map[string]*ignoreRules
}

// NewLookup returns the lookup of a tree whose walk found the entries.
func NewLookup(opts Options, entries []Entry) *Lookup {
	l := &Lookup{walked: make(map[string]bool, len(entries)), ignored: make(map[string]*ignoreRules)}
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
		l.walked[e.Name] = true
	}
	return l
}

// Entry is how a file of that name is read.
func (l *Lookup) Entry(name string) Entry { return Entry{Open: l.abs(name), Name: name} }

func (l *Lookup) abs(name string) string {
	if path.IsAbs(name) {
		return filepath.FromSlash(name)
	}
	return filepath.Join(l.walker.cwd, filepath.FromSlash(name))
}

// Why a file cannot be had, each the end of a sentence that names it.
const (
	Missing  = "is not in the tree"
	ignored  = "is git-ignored"
	excluded = "is excluded"
	Outside  = "lies outside of the kustomization's directory"
	Foreign  = "lies outside of the repository and of what is audited"
)

// Find tells a file from a directory, or says why neither can be had. within is
// the directory that a file must lie in, as kustomize demands; a directory must
// lie in the repository, or below the working directory or a given path.
func (l *Lookup) Find(name, within string) (isDir bool, lack string) {
	abs := l.abs(name)
	info, err := os.Stat(abs)
	if err != nil {
		return false, Missing
	}
	target, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return false, Missing
	}
	if info.IsDir() {
		if !l.mayEnter(target, within) {
			return true, Foreign
		}
		return true, l.kept(name, true)
	}
	home, err := filepath.EvalSymlinks(l.abs(within))
	if err != nil || !info.Mode().IsRegular() || !Below(target, home) {
		return false, Outside
	}
	if l.walked[name] {
		return false, ""
	}
	return false, l.kept(name, false)
}

// mayEnter reports whether a directory belongs to what is audited.
func (l *Lookup) mayEnter(target, from string) bool {
	homes := append([]string{l.walker.cwd, repositoryOf(l.abs(from))}, l.given...)
	for _, home := range homes {
		if home == "" {
			continue
		}
		if home, err := filepath.EvalSymlinks(home); err == nil && (target == home || Below(target, home)) {
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
func (l *Lookup) kept(name string, isDir bool) string {
	abs := l.abs(name)
	if l.excludes(abs) {
		return excluded
	}
	if l.walker.useGit && l.rulesOf(filepath.Dir(abs)).ignored(abs, isDir) {
		return ignored
	}
	parent := filepath.Dir(abs)
	if parent == abs || isRepository(abs) || slices.Contains(l.given, abs) {
		return ""
	}
	return l.kept(l.walker.name(parent), true)
}

func (l *Lookup) excludes(abs string) bool {
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
func (l *Lookup) rulesOf(dir string) *ignoreRules {
	if rules, ok := l.ignored[dir]; ok {
		return rules
	}
	rules := rulesAbove(dir)
	for _, root := range l.given {
		if rules == nil && Below(dir, root) { // no repository: the walk begins at the root, and so do its rules
			rules = l.rulesOf(filepath.Dir(dir))
		}
	}
	rules = rules.with(dir, filepath.Join(dir, ".gitignore"))
	l.ignored[dir] = rules
	return rules
}
