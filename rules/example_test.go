package rules

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// example is bad.yaml or good.yaml, or for a rule that is about several files
// the directory bad or good in its place.
type example struct {
	path  string            // what is audited
	files map[string]string // by name; the one file's own, or below the directory
}

func (f *folder) example(t *testing.T, name string) example {
	t.Helper()
	dir := filepath.Join(f.dir, name)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		name += ".yaml"
		return example{filepath.Join(f.dir, name), map[string]string{name: f.read(t, name)}}
	}
	e := example{dir, map[string]string{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		e.files[entry.Name()] = f.read(t, filepath.Join(name, entry.Name()))
	}
	return e
}

func (e example) names() []string { return slices.Sorted(maps.Keys(e.files)) }

// text shows the files one after the other.
func (e example) text() string {
	var texts []string
	for _, name := range e.names() {
		text := e.files[name]
		if len(e.files) > 1 {
			text = "# " + name + "\n" + text
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "---\n")
}

// withoutEach calls do for each document with a copy of the example that lacks
// it. A single document has nothing to be compared with.
func (e example) withoutEach(t *testing.T, do func(document, path string)) {
	t.Helper()
	separator := regexp.MustCompile(`(?m)^---\n`)
	for _, name := range e.names() {
		docs := separator.Split(e.files[name], -1)
		for i := range docs {
			rest := slices.Concat(docs[:i], docs[i+1:])
			if len(rest) == 0 && len(e.files) == 1 {
				continue
			}
			dir := t.TempDir()
			for other, text := range e.files {
				if other == name {
					text = strings.Join(rest, "---\n")
				}
				if text != "" {
					writeExample(t, filepath.Join(dir, other), text)
				}
			}
			path := dir
			if len(e.files) == 1 {
				path = filepath.Join(dir, name)
			}
			first, _, _ := strings.Cut(strings.TrimSpace(docs[i]), "\n")
			do(name+", document "+first, path)
		}
	}
}

func writeExample(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
