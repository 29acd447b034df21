package loader

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
)

// ReleaseName is what charts are rendered as: the name that `helm template`
// takes when it is given none.
const ReleaseName = "release-name"

const (
	// unknownNamespace is what templates see as the release's namespace without
	// -n. It is written as a placeholder, so that what they build of it matches
	// nothing; an object in it is one that names none.
	unknownNamespace = "replaced-by-namespace"
)

// CauseHelm is the cause of a chart's Failure.
const CauseHelm = "helm"

// Chart is what is known of the chart that a ChartSet was made from.
type Chart struct {
	Rendered    bool
	Failure     *Problem // Helm's own message, and where it points
	Missing     []string // what it was rendered without: "dependency `x`, which is not under charts/"
	ValuesFiles []string // values files beside values.yaml and those of ci/, sorted; not used
	Switches    []Switch // by file and line
}

// Switch is a value that is off and for that reason keeps objects of a chart
// from being made, as in `{{ if .Values.networkPolicy.enabled }}`.
type Switch struct {
	Value    string   // networkPolicy.enabled, from the top of values.yaml
	At       Span     // in the values file; without a File if none names it
	Template Span     // the condition
	Kinds    []string // of the objects, sorted
}

// rendering renders the charts of a tree.
type rendering struct {
	*reader
	opts     Options
	readings []*reading
	files    map[string]int // reading by the file's name
	charts   map[string][]chartMember
	values   map[string]any
	given    []*Object // --helm-values, as objects
}

// chartMember is a file of the tree that lies in a chart.
type chartMember struct {
	index int
	rel   string
}

// renderCharts replaces what was read of the templates of charts by what they
// render to. Its error is one of the flags; a chart that cannot be rendered
// stays as it was read, with its gap.
func (rd *reader) renderCharts(opts Options, entries []entry, readings []*reading) (map[string]*Chart, error) {
	isChart := func(e entry) bool { return path.Base(e.name) == "Chart.yaml" }
	if !slices.ContainsFunc(entries, isChart) {
		return nil, nil //nolint:nilnil // no chart is no error
	}
	r := &rendering{
		reader: rd, opts: opts, readings: readings, files: map[string]int{}, charts: map[string][]chartMember{},
	}
	dirs := map[string]string{}
	for i, e := range entries {
		r.files[e.name] = i
		chart, rel := rd.charts.of(e)
		if chart == "" {
			continue
		}
		r.charts[chart] = append(r.charts[chart], chartMember{i, rel})
		if rel == "Chart.yaml" {
			dirs[chart] = filepath.Dir(e.open)
		}
	}
	off := opts.HelmOff || !helmEmbedded
	if !off {
		if err := r.readValues(); err != nil {
			return nil, err
		}
	}
	out := make(map[string]*Chart, len(dirs))
	var works []*chartWork
	for _, root := range slices.Sorted(maps.Keys(dirs)) {
		c := &Chart{ValuesFiles: r.valuesFiles(root)}
		out[root] = c
		if !off {
			works = append(works, newChartWork(c, &chartSource{root: root, dir: dirs[root]}))
		}
	}
	r.renderAll(works)
	for _, w := range works {
		r.finish(w)
	}
	return out, nil
}

// chartWork is the rendering of one chart.
type chartWork struct {
	chart  *Chart
	source *chartSource
	budget *budget
	out    *rendered
	err    error
}

func newChartWork(c *Chart, source *chartSource) *chartWork {
	return &chartWork{chart: c, source: source, budget: newBudget(source)}
}

func newBudget(source *chartSource) *budget {
	return &budget{left: helmSteps, weaver: &source.weaver, woven: map[string]string{}}
}

// renderAll renders charts in parallel; it only reads the tree.
func (r *rendering) renderAll(works []*chartWork) {
	workers := r.opts.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, len(works)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(works); i = next.Add(1) - 1 {
				works[i].out, works[i].err = r.render(works[i].source, works[i].budget)
			}
		})
	}
	wg.Wait()
}

// finish takes over what a chart gave.
func (r *rendering) finish(w *chartWork) {
	c, source, out := w.chart, w.source, w.out
	defer func() {
		if p := recover(); p != nil {
			c.Failure = r.failure(source, w.budget, bugError(p))
		}
	}()
	switch {
	case w.err != nil:
		c.Failure = r.failure(source, w.budget, w.err)
	case out.library:
		c.Rendered = true
		r.forget(source)
	default:
		c.Rendered = true
		r.forget(source)
		r.absorb(source, out)
		r.gaps(c, source, out)
		c.Switches = r.switches(source, out)
	}
}

func bugError(p any) error {
	return fmt.Errorf("rendering failed: %v (please report this as a bug: %s)", p, firstFrame(debug.Stack()))
}

// render reads a chart and renders it; whatever goes wrong is an error.
func (r *rendering) render(source *chartSource, b *budget) (out *rendered, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = bugError(p)
		}
	}()
	if err := source.read(); err != nil {
		return nil, err
	}
	b.files = source.files
	for i := range source.files {
		f := &source.files[i]
		if !f.template {
			continue
		}
		var only *templateMark
		f.file, only = r.templateFile(source, f)
		f.woven = source.weaver.weave(string(f.data), f.file, only)
		if source.weaver.err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, source.weaver.err)
		}
	}
	namespace := r.opts.Namespace
	if namespace == "" {
		namespace = unknownNamespace
	}
	return source.render(r.values, namespace, b)
}
