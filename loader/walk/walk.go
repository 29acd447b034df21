package walk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	doublestar "github.com/bmatcuk/doublestar/v4"
)

// Stdin is what the standard input is called, as a path is `-`.
const Stdin = "<stdin>"

// Entry is a file to read.
type Entry struct {
	Open string // what to open
	Name string // what to call it
}

// Options say which files are wanted.
type Options struct {
	Paths       []string // files, directories or "-"; default "."
	Exclude     []string // doublestar globs, matched against the name relative to the working directory and to its root
	NoGitignore bool
}

// walker collects the files of all paths.
type walker struct {
	cwd     string
	exclude []string
	useGit  bool
	seen    map[string]bool // real paths of files
	found   []Entry
}

// Files finds the files below the paths, sorted by name, each once.
func Files(ctx context.Context, opts Options) ([]Entry, error) {
	cwd, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	for _, glob := range opts.Exclude {
		if !doublestar.ValidatePattern(glob) {
			return nil, fmt.Errorf("exclude pattern %q: %w", glob, doublestar.ErrBadPattern)
		}
	}
	w := &walker{cwd: cwd, exclude: opts.Exclude, useGit: !opts.NoGitignore, seen: make(map[string]bool)}
	for _, p := range inFixedOrder(opts.Paths) {
		if err := w.root(ctx, p); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(w.found, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return w.found, nil
}

// inFixedOrder sorts the paths, files first, so that a file with two names goes
// by the one that the user gave, or else always by the same.
func inFixedOrder(paths []string) []string {
	if len(paths) == 0 {
		return []string{"."}
	}
	paths = slices.Clone(paths)
	slices.Sort(paths)
	paths = slices.Compact(paths)
	slices.SortStableFunc(paths, func(a, b string) int { return cmp.Compare(dirsLast(a), dirsLast(b)) })
	return paths
}

func dirsLast(name string) int {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return 1
	}
	return 0
}

func (w *walker) root(ctx context.Context, given string) error {
	if given == "-" {
		w.found = append(w.found, Entry{Name: Stdin})
		return nil
	}
	info, err := os.Stat(given)
	if errors.Is(err, fs.ErrNotExist) {
		return missingPath(given)
	} else if err != nil {
		return err
	}
	abs, err := filepath.Abs(given)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return w.explicit(given, abs)
	}
	target, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return err
	}
	t := &descent{walker: w, given: abs, real: target}
	var rules *ignoreRules
	if w.useGit {
		rules = rulesAbove(target)
	}
	if err := t.dir(ctx, "", rules); err != nil {
		return err
	}
	t.addLinks()
	return nil
}

// explicit adds a file that was named by the user.
func (w *walker) explicit(given, abs string) error {
	name := w.name(abs)
	if w.excluded(name, path.Base(name)) {
		return nil
	}
	target, err := filepath.EvalSymlinks(abs)
	if err != nil {
		target = abs // a pipe such as /dev/fd/63
	}
	w.add(Entry{given, name}, target)
	return nil
}

func (w *walker) add(e Entry, target string) {
	if !w.seen[target] {
		w.seen[target] = true
		w.found = append(w.found, e)
	}
}

// name is what a file is called in messages: relative to the working directory.
func (w *walker) name(abs string) string {
	rel, err := filepath.Rel(w.cwd, abs)
	if err != nil {
		rel = abs
	}
	return filepath.ToSlash(rel)
}

func (w *walker) excluded(names ...string) bool {
	for _, glob := range w.exclude {
		glob = strings.TrimSuffix(strings.TrimPrefix(glob, "./"), "/")
		for _, name := range names {
			if ok, err := doublestar.Match(glob, name); ok && err == nil {
				return true
			}
		}
	}
	return false
}

// descent is the walk below one given directory.
type descent struct {
	*walker
	given, real string // absolute, as given and without symlinks
	links       []string
}

// dir reads one directory; rel is its name below the root.
func (t *descent) dir(ctx context.Context, rel string, rules *ignoreRules) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	dir := filepath.Join(t.real, rel)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if t.useGit {
		rules = rules.with(dir, filepath.Join(dir, ".gitignore"))
	}
	for _, e := range entries {
		if err := t.entry(ctx, filepath.Join(rel, e.Name()), e, rules); err != nil {
			return err
		}
	}
	return nil
}

func (t *descent) entry(ctx context.Context, rel string, e fs.DirEntry, rules *ignoreRules) error {
	isLink := e.Type()&fs.ModeSymlink != 0
	wanted := IsManifestName(e.Name())
	switch {
	case e.IsDir() && isSkippedDir(e.Name()),
		!e.IsDir() && !wanted,
		!e.IsDir() && !isLink && !e.Type().IsRegular(),
		rules.ignored(filepath.Join(t.real, rel), e.IsDir()),
		t.excluded(t.name(filepath.Join(t.given, rel)), filepath.ToSlash(rel)):
		return nil
	case e.IsDir():
		return t.dir(ctx, rel, rules)
	case isLink:
		t.links = append(t.links, rel)
	default:
		t.add(t.entryOf(rel), filepath.Join(t.real, rel))
	}
	return nil
}

func (t *descent) entryOf(rel string) Entry {
	return Entry{filepath.Join(t.given, rel), t.name(filepath.Join(t.given, rel))}
}

// addLinks adds the links to files of the root that have no other name here.
// Links to directories need not be followed: inside the root their target is
// walked itself, and outside it they must not be.
func (t *descent) addLinks() {
	for _, rel := range t.links {
		target, err := filepath.EvalSymlinks(filepath.Join(t.real, rel))
		if err != nil {
			continue // a dangling link or a loop
		}
		inside, err := filepath.Rel(t.real, target)
		if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
			continue
		}
		if info, err := os.Stat(target); err == nil && info.Mode().IsRegular() {
			t.add(t.entryOf(rel), target)
		}
	}
}

func isSkippedDir(name string) bool {
	return name == ".git" || name == "node_modules" || name == "vendor"
}

// IsManifestName reports whether a file of that base name is read when it is
// found in a directory.
func IsManifestName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return name == "Kustomization"
}

// Below reports whether a path lies in a directory, at any depth, by their names
// alone; a directory is not below itself.
func Below(target, dir string) bool {
	rel, err := filepath.Rel(dir, target)
	return err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// Inside reports whether a directory lies below another one, by their names.
func Inside(dir, root string) bool {
	if root == "." {
		return dir != ".." && !strings.HasPrefix(dir, "../") && !path.IsAbs(dir)
	}
	return strings.HasPrefix(dir, root+"/")
}

// Matches reports whether a name matches a glob; one that is no glob matches nothing.
func Matches(glob, name string) bool {
	ok, err := doublestar.Match(glob, name)
	return err == nil && ok
}
