package helm

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

const (
	// maxChartBytes and maxChartFiles bound what one chart holds, packed
	// dependencies unpacked. Helm's own limit is 100 MiB for each archive.
	maxChartBytes = 24 << 20
	maxChartFiles = 20_000
	maxNested     = 8 // charts within charts
)

// chartFile is one file of a chart. A template also has its woven text and the
// file that findings stand in.
type chartFile struct {
	name     string // below the chart
	data     []byte
	template bool
	woven    string
	file     *yaml.File
	lent     string // of a chart elsewhere in the tree that this one depends on: its name there
}

// chartSource is a chart as it lies on the disk.
type chartSource struct {
	root    string // the set's Root
	dir     string // on the disk
	files   []chartFile
	all     []chartFile // before some were left out
	left    int64       // bytes that it may still hold
	escapes []string    // links that lead out of it, and were not followed
	weaver  weaver
	given   *source.Object  // a values file of its own that it is rendered with
	lent    map[string]bool // names in the tree of files that belong to other charts
}

// rendered is what Helm made of a chart.
type rendered struct {
	texts   map[string]string // by template, with marks
	missing []string          // dependencies that are not vendored
	values  map[string]any
	library bool
}

// read reads the chart's files as Helm does, except for what is only meant for
// `.Files` where nothing asks for it, and links that lead out of the chart.
func (c *chartSource) read() error {
	c.left = maxChartBytes
	ignored, err := ignoreRulesOf(c.dir)
	if err != nil {
		return err
	}
	var later []string
	err = filepath.WalkDir(c.dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == c.dir {
			return err
		}
		rel, skip, err := c.rel(name, e, ignored)
		switch {
		case err != nil || skip:
			return err
		case isChartPart(rel):
			return c.add(rel)
		}
		later = append(later, rel)
		return nil
	})
	if err != nil {
		return err
	}
	if c.mentions(".Files") {
		for _, rel := range later {
			if err := c.add(rel); err != nil {
				return err
			}
		}
	}
	return c.unpackAll()
}

// rel is the name of a file below the chart, and whether it is to be skipped.
// The error of a directory to be skipped is fs.SkipDir.
func (c *chartSource) rel(name string, e fs.DirEntry, ignored func(string, fs.FileInfo) bool) (rel string, skip bool, err error) {
	if rel, err = filepath.Rel(c.dir, name); err != nil {
		return "", true, err
	}
	rel = filepath.ToSlash(rel)
	info, err := e.Info()
	if err != nil {
		return "", true, err
	}
	out := e.Name() == ".git" || ignored(rel, info)
	if out && e.IsDir() {
		return "", true, fs.SkipDir
	}
	return rel, out || e.IsDir(), nil
}

// mentions reports whether a template holds a text.
func (c *chartSource) mentions(text string) bool {
	return slices.ContainsFunc(c.files, func(f chartFile) bool { return f.template && bytes.Contains(f.data, []byte(text)) })
}

// isChartPart reports whether Helm itself looks into a file.
func isChartPart(rel string) bool {
	_, rest := walk.WithinCharts(rel)
	switch rest {
	case "Chart.yaml", "Chart.lock", "values.yaml", "requirements.yaml", "requirements.lock":
		return true
	}
	return strings.HasPrefix(rest, "templates/") || strings.HasPrefix(rest, "charts/") && path.Ext(rest) == ".tgz"
}

// add reads one file, through links only where they stay inside.
func (c *chartSource) add(rel string) error {
	name := filepath.Join(c.dir, filepath.FromSlash(rel))
	info, err := os.Lstat(name)
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		if name, info = c.follow(name); info == nil {
			c.escapes = append(c.escapes, rel)
			return nil
		}
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	if info.Size() > c.left || len(c.files) >= maxChartFiles {
		return errChartSize(rel)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return c.keep(rel, data)
}

// chartFaultError is what is wrong with a file that Helm did not get to see.
type chartFaultError struct {
	rel   string
	fault *diagnose.Fault
}

func (e *chartFaultError) Error() string { return e.rel + ": " + e.fault.Message }

func errChartSize(rel string) error {
	return fmt.Errorf("%s: the chart holds more than %d MiB or %d files", rel, maxChartBytes>>20, maxChartFiles)
}

// follow returns the file that a link leads to, nothing if it is not in the
// chart.
func (c *chartSource) follow(link string) (string, fs.FileInfo) {
	name, err := filepath.EvalSymlinks(link)
	if err != nil || !c.holds(name) {
		return "", nil
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return "", nil
	}
	return name, info
}

// holds reports whether a file, without links, lies inside the chart.
func (c *chartSource) holds(name string) bool {
	dir, err := filepath.EvalSymlinks(c.dir)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(dir, name)
	return err == nil && filepath.IsLocal(rel)
}

func (c *chartSource) keep(rel string, data []byte) error {
	c.left -= int64(len(data))
	if c.left < 0 || len(c.files) >= maxChartFiles {
		return errChartSize(rel)
	}
	base := path.Base(rel)
	if _, rest := walk.WithinCharts(rel); strings.HasPrefix(rest, "templates/") {
		if base == "NOTES.txt" {
			return nil
		}
		c.files = append(c.files, chartFile{name: rel, data: yaml.Decode(data).Data, template: true})
		return nil
	}
	if base == "values.yaml" || base == "Chart.yaml" || base == "requirements.yaml" {
		if f := yamlBomb(data); f != nil {
			return &chartFaultError{rel, f}
		}
	}
	c.files = append(c.files, chartFile{name: rel, data: data})
	return nil
}

// asksFor reports whether templates use `.Files` and name a file or its
// directory.
func (c *chartSource) asksFor(rel string) bool {
	dir, _, nested := strings.Cut(rel, "/")
	return c.mentions(".Files") && (c.mentions(path.Base(rel)) || nested && c.mentions(dir+"/"))
}
