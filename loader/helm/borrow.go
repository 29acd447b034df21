package helm

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// borrow adds the dependencies of a chart that are not under its charts/ and lie
// elsewhere in the tree: where a `file://` repository leads, or the one chart of
// that name. `helm dependency build` would copy them.
// https://helm.sh/docs/helm/helm_dependency/
func (r *renderer) borrow(src *chartSource, root, below string, depth int) error {
	if depth > maxNested {
		return nil
	}
	i, ok := r.files[path.Join(root, "Chart.yaml")]
	if !ok {
		return nil
	}
	for _, item := range yaml.FirstDocument(r.readings[i].File.Data).Get("dependencies").List() {
		name := item.Get("name").ScalarText()
		at := path.Join(below, "charts", name)
		if name == "" || strings.ContainsAny(name, "/\\") || src.vendors(below, name) {
			continue
		}
		lender, ok := r.lender(root, name, item.Get("repository").ScalarText())
		if !ok || lender == src.root {
			continue
		}
		if err := r.lend(src, lender, at); err != nil {
			return err
		}
		if err := r.borrow(src, lender, at, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// vendors reports whether a chart holds a dependency itself, packed or not.
func (c *chartSource) vendors(below, name string) bool {
	dir := path.Join(below, "charts", name)
	return slices.ContainsFunc(c.files, func(f chartFile) bool {
		rest, ok := strings.CutPrefix(f.name, dir)
		return ok && (strings.HasPrefix(rest, "/") || strings.Contains(rest, packedSuffix+"/"))
	})
}

// lender finds the directory of a chart of the tree.
func (r *renderer) lender(from, name, repository string) (string, bool) {
	if rel, ok := strings.CutPrefix(repository, "file://"); ok {
		dir := path.Join(from, rel)
		_, ok := r.dirs[dir]
		return dir, ok
	}
	found := ""
	for dir := range r.dirs {
		if r.chartName(dir) != name || dir == from {
			continue
		}
		if found != "" {
			return "", false
		}
		found = dir
	}
	return found, found != ""
}

func (r *renderer) chartName(dir string) string {
	return yaml.FirstDocument(r.readings[r.files[path.Join(dir, "Chart.yaml")]].File.Data).Get("name").ScalarText()
}

// lend reads the files of another chart as those of a dependency.
func (r *renderer) lend(src *chartSource, lender, at string) error {
	other := &chartSource{root: lender, dir: r.dirs[lender]}
	if err := other.read(); err != nil {
		return err
	}
	for i := range other.files {
		f := other.files[i]
		f.lent = path.Join(lender, filepath.ToSlash(f.name))
		f.name = path.Join(at, f.name)
		if src.left -= int64(len(f.data)); src.left < 0 || len(src.files) >= maxChartFiles {
			return errChartSize(f.name)
		}
		if src.lent == nil {
			src.lent = map[string]bool{}
		}
		src.lent[f.lent] = true
		src.files = append(src.files, f)
	}
	return nil
}
