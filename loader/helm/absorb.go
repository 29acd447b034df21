package helm

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// templateFile is the file that findings of a template stand in. What lies in a
// packed dependency is edited nowhere but where the chart asks for it.
func (r *renderer) templateFile(src *chartSource, f *chartFile) (*yaml.File, *templateMark) {
	if !strings.Contains(f.name, packedSuffix+"/") {
		name := path.Join(src.root, f.name)
		if f.lent != "" {
			name = f.lent
		}
		if i, ok := r.files[name]; ok {
			return r.readings[i].File, nil
		}
		return &yaml.File{Name: name, Data: f.data}, nil
	}
	chart := r.readings[r.files[path.Join(src.root, "Chart.yaml")]].File
	m := templateMark{file: chart, end: len(chart.Line(1))}
	archive, _, _ := strings.Cut(f.name, packedSuffix+"/")
	for _, item := range yaml.FirstDocument(chart.Data).Get("dependencies").List() {
		if name := item.Get("name"); name != nil && strings.HasPrefix(path.Base(archive), name.Text) {
			m.start = chart.Offset(name.Pos)
			m.end = m.start + len(name.Text)
		}
	}
	return chart, &m
}

// forget drops what was read of a chart's templates as they lie there, and of
// what they read themselves (`.Files.Get "files/crd.yaml"`). Helm applies
// nothing else of a chart but crds/: other manifests in its directory are
// examples, tests or another tree, and no part of its set.
func (r *renderer) forget(src *chartSource) {
	for _, m := range r.charts[src.root] {
		rd := r.readings[m.index]
		_, rest := walk.WithinCharts(m.rel)
		switch {
		case len(rd.Unbuilt) > 0: // a link that leads away, of which Helm knows more
			rd.Gaps = nil
		case rd.Unread || strings.HasPrefix(rest, "crds/"),
			!strings.HasPrefix(rest, "templates/") && len(rd.Objects)+len(rd.Problems)+len(rd.Gaps) == 0:
		case strings.HasPrefix(rest, "templates/") || src.asksFor(rest):
			rd.Objects, rd.Problems, rd.Skips, rd.Gaps, rd.Documents = nil, nil, nil, nil, 0
		default:
			r.apart[rd.File.Name] = true
		}
	}
}

// absorb reads what the templates gave. A template that was not to be read
// (excluded, ignored by git) is left out, which leaves a gap: its objects are
// applied with the others.
func (r *renderer) absorb(src *chartSource, out *rendered) {
	home := r.readings[r.files[path.Join(src.root, "Chart.yaml")]]
	for _, name := range slices.Sorted(maps.Keys(out.texts)) {
		text := withoutMarks(name, out.texts[name], &src.weaver)
		if strings.TrimSpace(string(text.file.Data)) == "" || len(text.segments) == 0 {
			continue
		}
		file := src.weaver.marks[text.segments[0].mark].file
		to := home
		if src.lent[file.Name] {
			r.template(to, text, walk.IsManifestName(path.Base(name)))
			continue
		}
		if i, ok := r.files[file.Name]; ok {
			to = r.readings[i]
		} else if walk.IsManifestName(path.Base(file.Name)) {
			leftOut(home, text, file)
			continue
		}
		text.values = r.valuesOf(src, file.Name)
		r.template(to, text, walk.IsManifestName(path.Base(name)))
	}
}

func leftOut(home *source.Reading, text *renderedText, file *yaml.File) {
	for _, p := range yaml.Split(text.file.Data) {
		if p.Blank {
			continue
		}
		for _, kind := range diagnose.SniffKinds(p.Data, p.At) {
			home.Gaps = append(home.Gaps, source.Gap{Kind: kind, File: file.Name, Reason: "template that was left out"})
		}
	}
}

// template reads the documents that one template gave, as those of a file.
func (r *renderer) template(to *source.Reading, text *renderedText, manifest bool) {
	raw := &source.Reading{File: text.file}
	for _, p := range yaml.Split(text.file.Data) {
		if !p.Blank {
			raw.Documents++
			raw.ReadDocument(p, r.Namespace)
		}
	}
	for _, o := range raw.Objects {
		if isTestHook(o) {
			continue
		}
		r.place(o, text)
		to.Objects = append(to.Objects, o)
	}
	if !manifest {
		return
	}
	to.Documents += raw.Documents
	for _, p := range raw.Problems {
		p.Message, p.Help = text.lines(p.Message), text.lines(p.Help)
		p.Span = text.span(p.Span)
		for i := range p.Related {
			p.Related[i].Message = text.lines(p.Related[i].Message)
			p.Related[i].Span = text.span(p.Related[i].Span)
		}
		to.Problems = append(to.Problems, p)
	}
	for _, s := range raw.Skips {
		at := text.span(yaml.Span{File: text.file, Start: yaml.Pos{Line: s.Line, Col: 1}, End: yaml.Pos{Line: s.Line, Col: 2}})
		to.Skips = append(to.Skips, source.Skip{Reason: s.Reason, File: at.File.Name, Line: at.Start.Line})
	}
	for _, g := range raw.Gaps {
		g.File = to.File.Name
		to.Gaps = append(to.Gaps, g)
	}
}

// place moves an object from the rendered text into the templates.
func (r *renderer) place(o *source.Object, text *renderedText) {
	o.Places = text
	for i := range o.Duplicates {
		d := &o.Duplicates[i]
		d.First, d.Second = text.span(yaml.Span{File: text.file, Start: d.First, End: d.First}).Start, text.span(yaml.Span{File: text.file, Start: d.Second, End: d.Second}).Start
	}
	o.File = text.span(text.file.Span(o.Root)).File
	if o.Namespace == unknownNamespace {
		o.Namespace = r.Namespace
		if n := o.Root.Get("metadata").Get("namespace"); n != nil {
			n.Kind, n.Text, n.Style = yaml.Null, "", yaml.Plain
		}
	}
}

// isTestHook recognises objects that `helm test` alone makes.
// https://helm.sh/docs/topics/chart_tests/
func isTestHook(o *source.Object) bool {
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
func (r *renderer) gaps(c *source.Chart, src *chartSource, out *rendered) {
	name := path.Join(src.root, "Chart.yaml")
	to := r.readings[r.files[name]]
	lost := func(file, what string, foreign bool) {
		c.Missing = append(c.Missing, what)
		to.Gaps = append(to.Gaps, source.Gap{
			File: file, Reason: "helm chart that was rendered without " + what, Foreign: foreign && !source.DecidesConnections(what),
		})
	}
	for _, dependency := range out.missing {
		lost(name, "dependency `"+diagnose.Printable(dependency)+"`, which is not under charts/", true)
	}
	r.lackDependencies(src, out.missing)
	for _, rel := range src.escapes {
		if isChartPart(rel) || strings.HasPrefix(rel, "charts/") || rel == "templates" {
			lost(path.Join(src.root, rel), "`"+diagnose.Printable(rel)+"`, a link that leads out of it", false)
		}
	}
}

// lackDependencies notes what `helm dependency build` would bring, once for a
// chart.
func (r *renderer) lackDependencies(src *chartSource, names []string) {
	if len(names) == 0 {
		return
	}
	chart := r.readings[r.files[path.Join(src.root, "Chart.yaml")]].File
	at := yaml.Span{File: chart, Start: yaml.Pos{Line: 1, Col: 1}, End: yaml.Pos{Line: 1, Col: 2}}
	for _, item := range yaml.FirstDocument(chart.Data).Get("dependencies").List() {
		if name := item.Get("name"); name != nil && name.Text == names[0] {
			at = chart.Span(name)
		}
	}
	word, they := "dependency", "is"
	if len(names) > 1 {
		word, they = "dependencies", "are"
	}
	root := diagnose.Printable(src.root)
	r.unbuilt = append(r.unbuilt, source.Unbuilt{
		Cause: source.Refused, Span: at,
		Message: "Helm chart `" + root + "` is rendered without " + word + " `" + diagnose.Printable(strings.Join(names, "`, `")) + "`, which " + they + " not under charts/",
		Help:    "run `helm dependency build " + root + "`",
	})
}
