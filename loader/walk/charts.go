package walk

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// Charts knows which directories are Helm charts. It looks at the disk and not
// at what was found below the given paths, so that `templates/` named alone is
// still recognised.
type Charts struct {
	mu   sync.Mutex
	dirs map[string]int // absolute directory → levels up to its chart, -1 for none
}

// NewCharts returns charts that have not looked at the disk yet.
func NewCharts() *Charts { return &Charts{dirs: make(map[string]int)} }

// Of returns the chart that a file belongs to, by the name that files are
// given, and the file's name below it; "" if there is none.
func (c *Charts) Of(e Entry) (chart, rel string) {
	if e.Open == "" {
		return "", ""
	}
	abs, err := filepath.Abs(e.Open)
	if err != nil {
		return "", ""
	}
	c.mu.Lock()
	up := c.levels(filepath.Dir(abs))
	c.mu.Unlock()
	if up < 0 {
		return "", ""
	}
	rel = path.Base(e.Name)
	dir := path.Dir(e.Name)
	for abs = filepath.Dir(abs); up > 0; up-- {
		rel = filepath.Base(abs) + "/" + rel
		abs = filepath.Dir(abs)
		dir = parentDir(dir)
	}
	return dir, rel
}

func (c *Charts) levels(dir string) int {
	if up, ok := c.dirs[dir]; ok {
		return up
	}
	up := -1
	if isChart(dir) {
		up = 0
		if outer := filepath.Dir(dir); filepath.Base(outer) == "charts" && isChart(filepath.Dir(outer)) {
			up = 2 + c.levels(filepath.Dir(outer)) // a dependency is part of the chart that it lies in
		}
	} else if parent := filepath.Dir(dir); parent != dir && !isRepository(dir) {
		if above := c.levels(parent); above >= 0 {
			up = above + 1
		}
	}
	c.dirs[dir] = up
	return up
}

func isChart(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "Chart.yaml"))
	return err == nil
}

// isRepository reports whether a directory is where a repository begins, above
// which nothing belongs to it.
func isRepository(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}

// parentDir is path.Dir that climbs on from "." and "..".
func parentDir(dir string) string {
	switch {
	case dir == ".":
		return ".."
	case dir == ".." || strings.HasSuffix(dir, "/.."):
		return dir + "/.."
	}
	return path.Dir(dir)
}

// WithinCharts splits the name of a file into the dependencies that it lies in
// and its name below the last.
func WithinCharts(rel string) (charts []string, rest string) {
	for {
		below, ok := strings.CutPrefix(rel, "charts/")
		if !ok {
			return charts, rel
		}
		name, rest, ok := strings.Cut(below, "/")
		if !ok {
			return charts, rel
		}
		charts, rel = append(charts, name), rest
	}
}
