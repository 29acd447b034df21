package loader

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/walk"
)

// newGivenRoots cleans the directories that the user declares to be one
// environment each, the deepest first; its error is one that holds no file.
func newGivenRoots(dirs []string, entries []walk.Entry) ([]string, error) {
	var out []string
	for _, dir := range dirs {
		root := path.Clean(filepath.ToSlash(dir))
		if !slices.ContainsFunc(entries, func(e walk.Entry) bool { return holds(root, e.Name) }) {
			return nil, fmt.Errorf("--set-root %s: none of the files that are read lies there", dir)
		}
		out = append(out, root)
	}
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out, nil
}

// holds reports a file anywhere below a directory. What comes from stdin lies in none.
func holds(root, name string) bool { return name != walk.Stdin && walk.Below(name, root) }
