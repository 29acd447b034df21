package loader

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// charts knows which directories are Helm charts. It looks at the disk and not
// at what was found below the given paths, so that `templates/` named alone is
// still recognised.
type charts struct {
	mu   sync.Mutex
	dirs map[string]int // absolute directory → levels up to its chart, -1 for none
}

func newCharts() *charts { return &charts{dirs: make(map[string]int)} }

// of returns the chart that a file belongs to, by the name that files are
// given, and the file's name below it; "" if there is none.
func (c *charts) of(e entry) (chart, rel string) {
	if e.open == "" {
		return "", ""
	}
	abs, err := filepath.Abs(e.open)
	if err != nil {
		return "", ""
	}
	c.mu.Lock()
	up := c.levels(filepath.Dir(abs))
	c.mu.Unlock()
	if up < 0 {
		return "", ""
	}
	rel = path.Base(e.name)
	dir := path.Dir(e.name)
	for abs = filepath.Dir(abs); up > 0; up-- {
		rel = filepath.Base(abs) + "/" + rel
		abs = filepath.Dir(abs)
		dir = parentDir(dir)
	}
	return dir, rel
}

func (c *charts) levels(dir string) int {
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

// withinCharts splits the name of a file into the dependencies that it lies in
// and its name below the last.
func withinCharts(rel string) (charts []string, rest string) {
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
