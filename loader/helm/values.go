package helm

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// readValues reads what --helm-values and --set give to every chart.
func (r *renderer) readValues() error {
	var files []*yaml.File
	for _, name := range r.opts.Values {
		raw, err := r.Content(walk.Entry{Open: name, Name: filepath.ToSlash(name)})
		if err != nil {
			return fmt.Errorf("--helm-values: %w", err)
		}
		f := &yaml.File{Name: filepath.ToSlash(filepath.Clean(name)), Data: yaml.Decode(raw).Data}
		files = append(files, f)
		if root := yaml.FirstDocument(f.Data); root != nil {
			r.given = append(r.given, &source.Object{File: f, Root: root})
		}
	}
	values, err := mergeValues(files, r.opts.Set)
	if err != nil {
		return err
	}
	r.values = values
	return nil
}

// valuesFiles lists the values files that a chart brings for other occasions.
func (r *renderer) valuesFiles(root string) []string {
	var out []string
	for _, m := range r.charts[root] {
		dir, base := path.Split(m.rel)
		if dir == "ci/" || dir == "" && source.IsValuesFile(base) && base != "values.yaml" {
			out = append(out, r.readings[m.index].File.Name)
		}
	}
	return out
}

// valuesOf finds values by their path for the templates of the chart that a
// template lies in: in the files that were given, in the values of the chart
// around it, and in its own.
func (r *renderer) valuesOf(src *chartSource, template string) func([]string) []valuePlace {
	rel := strings.TrimPrefix(strings.TrimPrefix(template, src.root), "/")
	if src.root == "." {
		rel = template
	}
	charts, _ := walk.WithinCharts(rel)
	dir := src.root
	var own []*source.Object
	for i := 0; ; i++ {
		own = append(own, r.valuesObject(path.Join(dir, "values.yaml")))
		if i == len(charts) {
			break
		}
		dir = path.Join(dir, "charts", charts[i])
	}
	return func(names []string) []valuePlace {
		var out []valuePlace
		if src.given != nil {
			out = append(out, newValuePlace(src.given, charts, names))
		}
		for _, o := range slices.Backward(r.given) {
			out = append(out, newValuePlace(o, charts, names))
		}
		for i, o := range own {
			if o != nil {
				out = append(out, newValuePlace(o, charts[i:], names))
			}
		}
		return out
	}
}

// newValuePlace is where the values of a chart hold one that is meant for a
// chart below it.
func newValuePlace(o *source.Object, below, names []string) valuePlace {
	if names[0] == "global" { // https://helm.sh/docs/chart_template_guide/subcharts_and_globals/
		below = nil
	}
	at := make(yaml.Path, 0, len(below)+len(names))
	for _, name := range slices.Concat(below, names) {
		at = append(at, name)
	}
	return valuePlace{o, at}
}

// valuesObject is a values file as an object, nil if there is none.
func (r *renderer) valuesObject(name string) *source.Object {
	i, ok := r.files[name]
	if !ok {
		return nil
	}
	f := r.readings[i].File
	root := yaml.FirstDocument(f.Data)
	if root == nil {
		return nil
	}
	return &source.Object{File: f, Root: root}
}
