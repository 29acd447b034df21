package rules

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/rules/rego"
)

// embedded holds every rule folder, and what rules share; a new one is found by
// its place.
//
//go:embed */*/rule.rego */*/README.md lib/*.rego
var embedded embed.FS

// libFolder holds what rules share: package lib, which a user's rules may
// import as well.
const libFolder = "lib"

// Options say which rules are judged.
type Options struct {
	Dirs    []string // of the user's own rules
	Enable  []string // IDs or families; empty is all
	Disable []string // IDs or families

	prove bool // check the embedded rules as strictly as a user's
}

// Set is rules that are compiled and checked. It may be used concurrently.
type Set struct {
	rules []*rule // sorted by ID
	// unshared turns the memo off, so that a test can compare.
	unshared bool
}

// reads reports whether any rule reads a field at the top of an input.
func (s *Set) reads(input, field string) bool {
	if s.unshared {
		return true
	}
	return slices.ContainsFunc(s.rules, func(r *rule) bool { return !r.off && r.Input == input && r.Reads.Below(field) != nil })
}

// Metas returns every rule of the set, sorted by ID.
func (s *Set) Metas() []*Meta {
	out := make([]*Meta, len(s.rules))
	for i, r := range s.rules {
		out[i] = r.Meta
	}
	return out
}

// regoFile is a file of Rego.
type regoFile struct {
	name   string // as errors print it
	text   []byte
	custom bool   // a user's, not ours
	folder string // the family/name that the package of one of our rules must spell
	page   string
}

// Load compiles the embedded rules and the user's own. Its error names the
// file and the line.
func Load(opts Options) (*Set, error) {
	set, err := load(embedded, opts)
	if err != nil {
		return nil, fmt.Errorf("load rules: %w", err)
	}
	return set, nil
}

func load(fsys fs.FS, opts Options) (*Set, error) {
	wanted := selection{opts.Enable, opts.Disable}
	sources, ids, err := folders(fsys, wanted)
	if err != nil {
		return nil, err
	}
	lib, err := library(fsys)
	if err != nil {
		return nil, err
	}
	sources = append(sources, lib...)
	for _, dir := range opts.Dirs {
		own, err := userSources(dir, isRule)
		if err != nil {
			return nil, err
		}
		sources = append(sources, own...)
	}
	parsed, err := parseAll(sources, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range parsed {
		if p.id != "" {
			ids = append(ids, p.id)
		}
	}
	if err := wanted.check(ids); err != nil {
		return nil, err
	}
	rules, err := compile(parsed, wanted, opts.prove)
	if err != nil {
		return nil, err
	}
	return &Set{rules: rules}, nil
}

// library reads what rules share.
func library(fsys fs.FS) ([]*regoFile, error) {
	files, err := fs.Glob(fsys, libFolder+"/*.rego")
	if err != nil {
		return nil, err
	}
	var out []*regoFile
	for _, file := range files {
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		out = append(out, &regoFile{name: "rules/" + file, text: text})
	}
	return out, nil
}

// folders returns the wanted rules of a tree of rule folders, and the IDs of all.
func folders(fsys fs.FS, wanted selection) (sources []*regoFile, ids []string, err error) {
	files, err := fs.Glob(fsys, "*/*/rule.rego")
	if err != nil {
		return nil, nil, err
	}
	for _, file := range files {
		id := path.Dir(file)
		ids = append(ids, id)
		if !wanted.includes(id) {
			continue
		}
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, nil, err
		}
		// A folder that is being written has no page yet.
		page, err := fs.ReadFile(fsys, path.Join(id, "README.md"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		sources = append(sources, &regoFile{name: "rules/" + file, text: text, folder: id, page: string(page)})
	}
	return sources, ids, nil
}

func isRule(name string) bool {
	return strings.HasSuffix(name, ".rego") && !strings.HasSuffix(name, "_test.rego")
}

// userSources reads the Rego of a user's directory, at any depth.
func userSources(dir string, wanted func(name string) bool) ([]*regoFile, error) {
	var out []*regoFile
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !wanted(entry.Name()) {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		s := &regoFile{name: filepath.ToSlash(name), text: text, custom: true}
		if page, err := os.ReadFile(filepath.Join(filepath.Dir(name), "README.md")); err == nil && entry.Name() == "rule.rego" {
			s.page = string(page)
		}
		out = append(out, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no .rego file", dir)
	}
	return out, nil
}

// selection is what --enable and --disable leave.
type selection struct{ enable, disable []string }

func (s selection) includes(id string) bool {
	return (len(s.enable) == 0 || names(s.enable, id)) && !names(s.disable, id)
}

// names reports whether a list has a rule, by its ID or its family.
func names(list []string, id string) bool {
	return slices.Contains(list, id) || slices.Contains(list, path.Dir(id))
}

// check refuses names of no rule, which would silently enable nothing.
func (s selection) check(ids []string) error {
	for _, name := range slices.Concat(s.enable, s.disable) {
		if !slices.ContainsFunc(ids, func(id string) bool { return names([]string{name}, id) }) {
			return fmt.Errorf("no rule or family `%s`%s", name, rego.DidYouMean(name, ids))
		}
	}
	return nil
}
