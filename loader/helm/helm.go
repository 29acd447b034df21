package helm

import (
	"errors"
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
	// APIVersions are assumed of the cluster beside our own, KubeVersion instead
	// of it, as by `helm template --api-versions` and `--kube-version`.
	APIVersions []string
	KubeVersion string
	Workers     int // charts rendered at a time; 0 is GOMAXPROCS
}

// Result is what rendering gave beside what the readings hold now.
type Result struct {
	Charts map[string]*source.Chart // by directory
	Apart  map[string]bool          // names of files that lie in a rendered chart's directory and are not part of it
	// Unbuilt is what charts were rendered without, or why they were not.
	Unbuilt []source.Unbuilt
}

// trial is a way to render a chart that stops.
type trial struct {
	values  *source.Object // a values file that it brings
	without []string       // templates that are left out
	stopped []error        // why, of each
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
	given    []*source.Object  // --helm-values, as objects
	dirs     map[string]string // of charts, by their names, on the disk
	cluster  cluster
	unbuilt  []source.Unbuilt
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
		apart: map[string]bool{}, dirs: map[string]string{},
	}
	for i, e := range entries {
		r.files[e.Name] = i
		chart, rel := rd.Charts.Of(e)
		if chart == "" {
			continue
		}
		r.charts[chart] = append(r.charts[chart], chartMember{i, rel})
		if rel == "Chart.yaml" {
			r.dirs[chart] = filepath.Dir(e.Open)
		}
	}
	off := opts.Off || !embedded
	if !off {
		var err error
		r.cluster, err = newCluster(opts)
		if err := errors.Join(err, r.readValues()); err != nil {
			return Result{}, err
		}
	}
	out := make(map[string]*source.Chart, len(r.dirs))
	var works []*chartWork
	for _, root := range slices.Sorted(maps.Keys(r.dirs)) {
		c := &source.Chart{ValuesFiles: r.valuesFiles(root)}
		out[root] = c
		if !off {
			works = append(works, newChartWork(c, &chartSource{root: root, dir: r.dirs[root]}))
		}
	}
	r.renderAll(works)
	for _, w := range works {
		r.finish(w)
	}
	return Result{Charts: out, Apart: r.apart, Unbuilt: r.unbuilt}, nil
}

// chartWork is the rendering of one chart.
type chartWork struct {
	chart  *source.Chart
	src    *chartSource
	budget *budget
	out    *rendered
	err    error
	how    trial
	first  error // why the chart does not render as it is; nil if it does
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
				r.renderAnyhow(works[i])
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
		c.Failure = r.failure(src, w.budget, w.first)
		r.notRendered(w)
	case out.library:
		c.Rendered = true
		r.forget(src)
	default:
		c.Rendered = true
		r.forget(src)
		r.absorb(src, out)
		r.gaps(c, src, out)
		r.renderedInPart(w)
		c.Switches = r.switches(src, out)
	}
}

// bug is a panic.
type bug struct{ text string }

func (b *bug) Error() string { return b.text }

func bugError(p any) error {
	return &bug{fmt.Sprintf("rendering failed: %v (please report this as a bug: %s)", p, source.FirstFrame(debug.Stack()))}
}

// open reads a chart and weaves its templates.
func (r *renderer) open(src *chartSource, b *budget) error {
	if err := src.read(); err != nil {
		return err
	}
	if err := r.borrow(src, src.root, "", 0); err != nil {
		return err
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
			return fmt.Errorf("%s: %w", f.name, src.weaver.err)
		}
	}
	src.all = src.files
	return nil
}

// render renders a chart that was read; whatever goes wrong is an error.
func (r *renderer) render(src *chartSource, values map[string]any, b *budget) (out *rendered, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = bugError(p)
		}
	}()
	namespace := r.opts.Namespace
	if namespace == "" {
		namespace = unknownNamespace
	}
	return src.render(values, namespace, r.cluster, b)
}
