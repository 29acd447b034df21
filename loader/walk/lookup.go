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
	Ignored  = "is git-ignored"
	Excluded = "is excluded"
	Foreign  = "lies outside of the repository and of what is audited"
)

// Find tells a file from a directory, or says why neither can be had. from is the
// directory of what refers to it. Both must lie in the repository or below a
// given path, a directory at least below the working directory; kustomize wants
// files in the directory that refers to them unless it is told otherwise, and
// who keeps them elsewhere does tell it
// (https://kubectl.docs.kubernetes.io/references/kustomize/glossary/, --load-restrictor).
func (l *Lookup) Find(name, from string) (isDir bool, lack string) {
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
		if !l.mayRead(target, from, l.walker.cwd) {
			return true, Foreign
		}
		return true, l.kept(name, true)
	}
	if !info.Mode().IsRegular() || !l.mayRead(target, from, l.abs(from)) {
		return false, Foreign
	}
	if l.walked[name] {
		return false, ""
	}
	return false, l.kept(name, false)
}

// mayRead reports whether a file or directory belongs to what is audited, or
// lies in one more directory.
func (l *Lookup) mayRead(target, from, also string) bool {
	homes := append([]string{also, repositoryOf(l.abs(from))}, l.given...)
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
		return Excluded
	}
	if l.walker.useGit && l.rulesOf(filepath.Dir(abs)).ignored(abs, isDir) {
		return Ignored
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
