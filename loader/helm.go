package loader

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

const (
	// releaseName is the one that `helm template` takes when it is given none.
	releaseName = "release-name"
	// unknownNamespace is what templates see as the release's namespace without
	// -n. It is written as a placeholder, so that what they build of it matches
	// nothing; an object in it is one that names none.
	unknownNamespace = "${namespace}"
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
	for _, root := range slices.Sorted(maps.Keys(dirs)) {
		c := &Chart{ValuesFiles: r.valuesFiles(root)}
		out[root] = c
		if !off {
			r.chart(c, &chartSource{root: root, dir: dirs[root]})
		}
	}
	return out, nil
}

// readValues reads what --helm-values and --set give to every chart.
func (r *rendering) readValues() error {
	var files []*File
	for _, name := range r.opts.HelmValues {
		raw, err := r.content(entry{open: name, name: filepath.ToSlash(name)})
		if err != nil {
			return fmt.Errorf("--helm-values: %w", err)
		}
		f := &File{Name: filepath.ToSlash(filepath.Clean(name)), Data: decodeText(raw).data}
		files = append(files, f)
		if root := kustomizationNode(f.Data); root != nil {
			r.given = append(r.given, &Object{File: f, Root: root})
		}
	}
	values, err := helmValues(files, r.opts.HelmSet)
	if err != nil {
		return err
	}
	r.values = values
	return nil
}

// valuesFiles lists the values files that a chart brings for other occasions.
func (r *rendering) valuesFiles(root string) []string {
	var out []string
	for _, m := range r.charts[root] {
		dir, base := path.Split(m.rel)
		if dir == "ci/" || dir == "" && isValuesFile(base) && base != "values.yaml" {
			out = append(out, r.readings[m.index].file.Name)
		}
	}
	return out
}

// chart renders one chart.
func (r *rendering) chart(c *Chart, source *chartSource) {
	b := &budget{left: helmSteps, weaver: &source.weaver, woven: map[string]string{}}
	out, err := r.render(source, b)
	switch {
	case err != nil:
		c.Failure = r.failure(source, b, err)
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

func (r *rendering) render(source *chartSource, b *budget) (out *rendered, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("rendering failed: %v (please report this as a bug: %s)", p, firstFrame(debug.Stack()))
		}
	}()
	if err := source.read(); err != nil {
		return nil, err
	}
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

// templateFile is the file that findings of a template stand in. What lies in a
// packed dependency is edited nowhere but where the chart asks for it.
func (r *rendering) templateFile(source *chartSource, f *chartFile) (*File, *templateMark) {
	if !strings.Contains(f.name, packedSuffix+"/") {
		name := path.Join(source.root, f.name)
		if i, ok := r.files[name]; ok {
			return r.readings[i].file, nil
		}
		return &File{Name: name, Data: f.data}, nil
	}
	chart := r.readings[r.files[path.Join(source.root, "Chart.yaml")]].file
	m := templateMark{file: chart, end: len(chart.line(1))}
	for item := range listItems(kustomizationNode(chart.Data).Get("dependencies")) {
		if name := item.Get("name"); name != nil && strings.HasPrefix(path.Base(f.name[:strings.Index(f.name, packedSuffix)]), name.Text) {
			m.start = chart.offset(name.Pos)
			m.end = m.start + len(name.Text)
		}
	}
	return chart, &m
}

func listItems(n *Node) func(yield func(*Node) bool) { return slices.Values(n.List()) }

// forget drops what was read of a chart's templates as they lie there, and of
// what they read themselves (`.Files.Get "files/crd.yaml"`). Helm applies
// nothing else of a chart but crds/: other manifests in its directory are
// examples, tests or another tree, and no part of its set.
func (r *rendering) forget(source *chartSource) {
	for _, m := range r.charts[source.root] {
		rd := r.readings[m.index]
		_, rest := withinCharts(m.rel)
		switch {
		case rd.unread || strings.HasPrefix(rest, "crds/"),
			!strings.HasPrefix(rest, "templates/") && len(rd.objects)+len(rd.problems)+len(rd.gaps) == 0:
		case strings.HasPrefix(rest, "templates/") || source.asksFor(rest):
			rd.objects, rd.problems, rd.skips, rd.gaps, rd.documents = nil, nil, nil, nil, 0
		default:
			r.reader.charts.apart(rd.file.Name)
		}
	}
}

// absorb reads what the templates gave. A template that was not to be read
// (excluded, ignored by git) is left out.
func (r *rendering) absorb(source *chartSource, out *rendered) {
	home := r.readings[r.files[path.Join(source.root, "Chart.yaml")]]
	for _, name := range slices.Sorted(maps.Keys(out.texts)) {
		text := unmark(name, out.texts[name], &source.weaver)
		if strings.TrimSpace(string(text.file.Data)) == "" || len(text.segments) == 0 {
			continue
		}
		file := source.weaver.marks[text.segments[0].mark].file
		to := home
		if i, ok := r.files[file.Name]; ok {
			to = r.readings[i]
		} else if isManifestName(path.Base(file.Name)) {
			continue
		}
		text.values = r.valuesOf(source, file.Name)
		r.template(to, text, isManifestName(path.Base(name)))
	}
}

func (r *rendering) template(to *reading, text *renderedText, manifest bool) {
	raw := &reading{file: text.file}
	for _, p := range split(text.file.Data) {
		if !p.blank {
			raw.documents++
			raw.document(p, r.namespace)
		}
	}
	for _, o := range raw.objects {
		if isTestHook(o) {
			continue
		}
		r.place(o, text)
		to.objects = append(to.objects, o)
	}
	if !manifest {
		return
	}
	to.documents += raw.documents
	for _, p := range raw.problems {
		p.Span = text.span(p.Span)
		for i := range p.Related {
			p.Related[i].Span = text.span(p.Related[i].Span)
		}
		to.problems = append(to.problems, p)
	}
	for _, s := range raw.skips {
		at := text.span(Span{text.file, Pos{s.Line, 1}, Pos{s.Line, 2}})
		to.skips = append(to.skips, Skip{Reason: s.Reason, File: at.File.Name, Line: at.Start.Line})
	}
	for _, g := range raw.gaps {
		g.File = to.file.Name
		to.gaps = append(to.gaps, g)
	}
}

// place moves an object from the rendered text into the templates.
func (r *rendering) place(o *Object, text *renderedText) {
	o.places = text
	for i := range o.Duplicates {
		d := &o.Duplicates[i]
		d.First, d.Second = text.span(Span{text.file, d.First, d.First}).Start, text.span(Span{text.file, d.Second, d.Second}).Start
	}
	o.File = text.span(text.file.span(o.Root)).File
	if o.Namespace == unknownNamespace {
		o.Namespace = r.namespace
		if n := o.Root.Get("metadata").Get("namespace"); n != nil {
			n.Kind, n.Text, n.Style = Null, "", Plain
		}
	}
}

// isTestHook recognises objects that `helm test` alone makes.
// https://helm.sh/docs/topics/chart_tests/
func isTestHook(o *Object) bool {
	hooks, ok := o.Root.Get("metadata").Get("annotations").Get("helm.sh/hook").Str()
	if !ok {
		return false
	}
	for hook := range strings.SplitSeq(hooks, ",") {
		switch strings.TrimSpace(hook) {
		case "test", "test-success", "test-failure":
		default:
			return false
		}
	}
	return true
}

// gaps notes what of a chart was not there to be rendered.
func (r *rendering) gaps(c *Chart, source *chartSource, out *rendered) {
	name := path.Join(source.root, "Chart.yaml")
	to := r.readings[r.files[name]]
	lost := func(file, what string) {
		c.Missing = append(c.Missing, what)
		to.gaps = append(to.gaps, Gap{File: file, Reason: "helm chart that was rendered without " + what})
	}
	for _, dependency := range out.missing {
		lost(name, "dependency `"+printable(dependency)+"`, which is not under charts/")
	}
	for _, rel := range source.escapes {
		if isChartPart(rel) || strings.HasPrefix(rel, "charts/") || rel == "templates" {
			lost(path.Join(source.root, rel), "`"+printable(rel)+"`, a link that leads out of it")
		}
	}
}

// failure says in Helm's words why a chart was not rendered, and finds the place
// that they name.
func (r *rendering) failure(source *chartSource, b *budget, err error) *Problem {
	chart := r.readings[r.files[path.Join(source.root, "Chart.yaml")]].file
	p := &Problem{Cause: CauseHelm, Span: Span{chart, Pos{1, 1}, Pos{1, 2}}}
	p.Message = printable(strings.Join(strings.Fields(err.Error()), " "))
	if own, ok := errors.AsType[*chartFaultError](err); ok {
		if i, read := r.files[path.Join(source.root, own.rel)]; read {
			p.Message = own.fault.message
			p.Span = Span{r.readings[i].file, own.fault.pos, r.readings[i].file.wordEnd(own.fault.pos)}
		}
		return p
	}
	if b.err != nil && errors.Is(err, b.err) {
		if b.last > 0 && b.last < len(source.weaver.marks) {
			m := source.weaver.marks[b.last]
			p.Span = Span{m.file, m.file.place(m.start), m.file.place(m.end)}
		}
		return p
	}
	named := regexp.MustCompile(`([^\s()":]+/templates/[^\s()":]+):(\d+)(?::(\d+))?`).FindStringSubmatch(p.Message)
	if named == nil {
		return p
	}
	_, rel, _ := strings.Cut(named[1], "/")
	for i := range source.files {
		if f := &source.files[i]; f.name == rel && f.file != nil {
			line, _ := strconv.Atoi(named[2])
			column, _ := strconv.Atoi(named[3]) // counted from 0
			at := Pos{line, column + 1}
			p.Span = Span{f.file, at, Pos{at.Line, at.Col + 1}}
		}
	}
	return p
}

// valuesOf finds values by their path for the templates of the chart that a
// template lies in: in the files that were given, in the values of the chart
// around it, and in its own.
func (r *rendering) valuesOf(source *chartSource, template string) func([]string) []valuePlace {
	rel := strings.TrimPrefix(strings.TrimPrefix(template, source.root), "/")
	if source.root == "." {
		rel = template
	}
	charts, _ := withinCharts(rel)
	dir := source.root
	var own []*Object
	for i := 0; ; i++ {
		own = append(own, r.valuesObject(path.Join(dir, "values.yaml")))
		if i == len(charts) {
			break
		}
		dir = path.Join(dir, "charts", charts[i])
	}
	return func(names []string) []valuePlace {
		var out []valuePlace
		from := func(o *Object, above []string) {
			if o == nil {
				return
			}
			if names[0] == "global" {
				above = nil
			}
			at := make(Path, 0, len(above)+len(names))
			for _, name := range slices.Concat(above, names) {
				at = append(at, name)
			}
			out = append(out, valuePlace{o, at})
		}
		for _, o := range slices.Backward(r.given) {
			from(o, charts)
		}
		for i, o := range own {
			from(o, charts[i:])
		}
		return out
	}
}

// valuesObject is a values file as an object, nil if there is none.
func (r *rendering) valuesObject(name string) *Object {
	i, ok := r.files[name]
	if !ok {
		return nil
	}
	f := r.readings[i].file
	root := kustomizationNode(f.Data)
	if root == nil {
		return nil
	}
	return &Object{File: f, Root: root}
}
