package helm

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

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
)

const (
	// unknownNamespace is what templates see as the release's namespace without
	// -n. It is written as a placeholder, so that what they build of it matches
	// nothing; an object in it is one that names none.
	unknownNamespace = "replaced-by-namespace"
)

// Options say how charts are rendered.
type Options struct {
	Off       bool     // charts are recognised and not rendered
	Values    []string // values files for every chart, later ones win
	Set       []string // key=value, as for `helm --set`
	Namespace string   // of the release; "" is unknown
	Workers   int      // charts rendered at a time; 0 is GOMAXPROCS
}

// Result is what rendering gave beside what the readings hold now.
type Result struct {
	Charts map[string]*source.Chart // by directory
	Apart  map[string]bool          // names of files that lie in a rendered chart's directory and are not part of it
}

// renderer renders the charts of a tree.
type renderer struct {
	*source.Reader
	opts     Options
	readings []*source.Reading
	apart    map[string]bool
	files    map[string]int // reading by the file's name
	charts   map[string][]chartMember
	values   map[string]any
	given    []*source.Object // --helm-values, as objects
}

// chartMember is a file of the tree that lies in a chart.
type chartMember struct {
	index int
	rel   string
}

// Render replaces what was read of the templates of charts by what they
// render to. Its error is one of the flags; a chart that cannot be rendered
// stays as it was read, with its gap.
func Render(rd *source.Reader, opts Options, entries []walk.Entry, readings []*source.Reading) (Result, error) {
	isChart := func(e walk.Entry) bool { return path.Base(e.Name) == "Chart.yaml" }
	if !slices.ContainsFunc(entries, isChart) {
		return Result{}, nil
	}
	r := &renderer{
		Reader: rd, opts: opts, readings: readings, files: map[string]int{}, charts: map[string][]chartMember{},
		apart: map[string]bool{},
	}
	dirs := map[string]string{}
	for i, e := range entries {
		r.files[e.Name] = i
		chart, rel := rd.Charts.Of(e)
		if chart == "" {
			continue
		}
		r.charts[chart] = append(r.charts[chart], chartMember{i, rel})
		if rel == "Chart.yaml" {
			dirs[chart] = filepath.Dir(e.Open)
		}
	}
	off := opts.Off || !embedded
	if !off {
		if err := r.readValues(); err != nil {
			return Result{}, err
		}
	}
	out := make(map[string]*source.Chart, len(dirs))
	var works []*chartWork
	for _, root := range slices.Sorted(maps.Keys(dirs)) {
		c := &source.Chart{ValuesFiles: r.valuesFiles(root)}
		out[root] = c
		if !off {
			works = append(works, newChartWork(c, &chartSource{root: root, dir: dirs[root]}))
		}
	}
	r.renderAll(works)
	for _, w := range works {
		r.finish(w)
	}
	return Result{Charts: out, Apart: r.apart}, nil
}

// chartWork is the rendering of one chart.
type chartWork struct {
	chart  *source.Chart
	src    *chartSource
	budget *budget
	out    *rendered
	err    error
}

func newChartWork(c *source.Chart, src *chartSource) *chartWork {
	return &chartWork{chart: c, src: src, budget: newBudget(src)}
}

func newBudget(src *chartSource) *budget {
	return &budget{left: mostSteps, weaver: &src.weaver, woven: map[string]string{}}
}

// renderAll renders charts in parallel; it only reads the tree.
func (r *renderer) renderAll(works []*chartWork) {
	workers := r.opts.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, len(works)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(works); i = next.Add(1) - 1 {
				works[i].out, works[i].err = r.render(works[i].src, works[i].budget)
			}
		})
	}
	wg.Wait()
}

// finish takes over what a chart gave.
func (r *renderer) finish(w *chartWork) {
	c, src, out := w.chart, w.src, w.out
	defer func() {
		if p := recover(); p != nil {
			c.Failure = r.failure(src, w.budget, bugError(p))
		}
	}()
	switch {
	case w.err != nil:
		c.Failure = r.failure(src, w.budget, w.err)
	case out.library:
		c.Rendered = true
		r.forget(src)
	default:
		c.Rendered = true
		r.forget(src)
		r.absorb(src, out)
		r.gaps(c, src, out)
		c.Switches = r.switches(src, out)
	}
}

func bugError(p any) error {
	return fmt.Errorf("rendering failed: %v (please report this as a bug: %s)", p, source.FirstFrame(debug.Stack()))
}

// render reads a chart and renders it; whatever goes wrong is an error.
func (r *renderer) render(src *chartSource, b *budget) (out *rendered, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = bugError(p)
		}
	}()
	if err := src.read(); err != nil {
		return nil, err
	}
	b.files = src.files
	for i := range src.files {
		f := &src.files[i]
		if !f.template {
			continue
		}
		var only *templateMark
		f.file, only = r.templateFile(src, f)
		f.woven = src.weaver.weave(string(f.data), f.file, only)
		if src.weaver.err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, src.weaver.err)
		}
	}
	namespace := r.opts.Namespace
	if namespace == "" {
		namespace = unknownNamespace
	}
	return src.render(r.values, namespace, b)
}
