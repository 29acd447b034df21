package loader

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// shelf hands out what kustomizations refer to. It is the only way from a
// kustomization to the disk: a file is read if it was walked, or else if
// neither --exclude nor .gitignore nor a link keeps it away.
type shelf struct {
	reader  *reader
	walker  *walker
	given   []string            // absolute
	known   map[string]*reading // by name
	ignored map[string]*ignoreRules
}

func newShelf(rd *reader, opts Options, readings []*reading) *shelf {
	s := &shelf{reader: rd, known: make(map[string]*reading, len(readings)), ignored: make(map[string]*ignoreRules)}
	cwd, err := filepath.Abs(".")
	if err != nil {
		cwd = "."
	}
	s.walker = &walker{cwd: cwd, exclude: opts.Exclude, useGit: !opts.NoGitignore}
	for _, p := range inFixedOrder(opts.Paths) {
		if abs, err := filepath.Abs(p); err == nil && p != "-" {
			s.given = append(s.given, abs)
		}
	}
	for _, r := range readings {
		s.known[r.file.Name] = r
	}
	return s
}

func (s *shelf) abs(name string) string {
	if path.IsAbs(name) {
		return filepath.FromSlash(name)
	}
	return filepath.Join(s.walker.cwd, filepath.FromSlash(name))
}

// The words for what cannot be had, each the end of a sentence that names it.
const (
	lackMissing  = "is not in the tree"
	lackIgnored  = "is git-ignored"
	lackExcluded = "is excluded"
	lackOutside  = "lies outside of the kustomization's directory"
	lackForeign  = "lies outside of the repository and of what is audited"
	lackBroken   = "cannot be parsed"
	lackTooLarge = "is too large"
)

// find tells a file from a directory, or says why neither can be had. within is
// the directory that a file must lie in, as kustomize demands; a directory must
// lie in the repository, or below the working directory or a given path.
func (s *shelf) find(name, within string) (isDir bool, lack string) {
	abs := s.abs(name)
	info, err := os.Stat(abs)
	if err != nil {
		return false, lackMissing
	}
	target, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return false, lackMissing
	}
	if info.IsDir() {
		if !s.mayEnter(target, within) {
			return true, lackForeign
		}
		return true, s.kept(name, true)
	}
	home, err := filepath.EvalSymlinks(s.abs(within))
	if err != nil || !info.Mode().IsRegular() || !below(target, home) {
		return false, lackOutside
	}
	if s.known[name] != nil {
		return false, ""
	}
	return false, s.kept(name, false)
}

// mayEnter reports whether a directory belongs to what is audited.
func (s *shelf) mayEnter(target, from string) bool {
	homes := append([]string{s.walker.cwd, repositoryOf(s.abs(from))}, s.given...)
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

func below(target, dir string) bool {
	rel, err := filepath.Rel(dir, target)
	return err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// kept says what keeps a file or directory away, by itself or by a directory
// that it lies in.
func (s *shelf) kept(name string, isDir bool) string {
	abs := s.abs(name)
	if s.excludes(abs) {
		return lackExcluded
	}
	if s.walker.useGit && s.rulesOf(filepath.Dir(abs)).ignored(abs, isDir) {
		return lackIgnored
	}
	parent := filepath.Dir(abs)
	if parent == abs || isRepository(abs) || slices.Contains(s.given, abs) {
		return ""
	}
	return s.kept(s.walker.name(parent), true)
}

func (s *shelf) excludes(abs string) bool {
	if len(s.walker.exclude) == 0 {
		return false
	}
	names := []string{s.walker.name(abs)}
	for _, root := range s.given {
		if rel, err := filepath.Rel(root, abs); err == nil {
			names = append(names, filepath.ToSlash(rel))
		}
	}
	return s.walker.excluded(names...)
}

// rulesOf returns the .gitignore rules that hold for what lies in a directory.
func (s *shelf) rulesOf(dir string) *ignoreRules {
	if rules, ok := s.ignored[dir]; ok {
		return rules
	}
	rules := rulesAbove(dir)
	for _, root := range s.given {
		if rules == nil && below(dir, root) { // no repository: the walk begins at the root, and so do its rules
			rules = s.rulesOf(filepath.Dir(dir))
		}
	}
	rules = rules.with(dir, filepath.Join(dir, ".gitignore"))
	s.ignored[dir] = rules
	return rules
}

// manifest returns what a file gave that find found.
func (s *shelf) manifest(name string) *reading {
	r := s.known[name]
	if r == nil {
		r = s.reader.read(entry{open: s.abs(name), name: name})
		s.known[name] = r
	}
	return r
}

// raw returns the bytes of a file that find found, whatever it is.
func (s *shelf) raw(name string) (data []byte, lack string) {
	if r := s.known[name]; r != nil && !r.unread {
		return r.file.Data, ""
	}
	data, err := s.reader.content(entry{open: s.abs(name), name: name})
	switch {
	case errors.Is(err, errTooLarge):
		return nil, lackTooLarge
	case errors.Is(err, fs.ErrNotExist):
		return nil, lackMissing
	case err != nil:
		return nil, "cannot be read"
	}
	return data, ""
}
