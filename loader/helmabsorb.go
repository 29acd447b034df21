package loader

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// templateFile is the file that findings of a template stand in. What lies in a
// packed dependency is edited nowhere but where the chart asks for it.
func (r *renderer) templateFile(src *chartSource, f *chartFile) (*File, *templateMark) {
	if !strings.Contains(f.name, packedSuffix+"/") {
		name := path.Join(src.root, f.name)
		if i, ok := r.files[name]; ok {
			return r.readings[i].file, nil
		}
		return &File{Name: name, Data: f.data}, nil
	}
	chart := r.readings[r.files[path.Join(src.root, "Chart.yaml")]].file
	m := templateMark{file: chart, end: len(chart.Line(1))}
	archive, _, _ := strings.Cut(f.name, packedSuffix+"/")
	for _, item := range kustomizationNode(chart.Data).Get("dependencies").List() {
		if name := item.Get("name"); name != nil && strings.HasPrefix(path.Base(archive), name.Text) {
			m.start = chart.offset(name.Pos)
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
		_, rest := withinCharts(m.rel)
		switch {
		case rd.unread || strings.HasPrefix(rest, "crds/"),
			!strings.HasPrefix(rest, "templates/") && len(rd.objects)+len(rd.problems)+len(rd.gaps) == 0:
		case strings.HasPrefix(rest, "templates/") || src.asksFor(rest):
			rd.objects, rd.problems, rd.skips, rd.gaps, rd.documents = nil, nil, nil, nil, 0
		default:
			r.apart[rd.file.Name] = true
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
		if i, ok := r.files[file.Name]; ok {
			to = r.readings[i]
		} else if isManifestName(path.Base(file.Name)) {
			leftOut(home, text, file)
			continue
		}
		text.values = r.valuesOf(src, file.Name)
		r.template(to, text, isManifestName(path.Base(name)))
	}
}

func leftOut(home *reading, text *renderedText, file *File) {
	for _, p := range split(text.file.Data) {
		if p.blank {
			continue
		}
		for _, kind := range sniffKinds(p.data, p.at) {
			home.gaps = append(home.gaps, Gap{Kind: kind, File: file.Name, Reason: "template that was left out"})
		}
	}
}

// template reads the documents that one template gave, as those of a file.
func (r *renderer) template(to *reading, text *renderedText, manifest bool) {
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
func (r *renderer) place(o *Object, text *renderedText) {
	o.Places = text
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
func (r *renderer) gaps(c *Chart, src *chartSource, out *rendered) {
	name := path.Join(src.root, "Chart.yaml")
	to := r.readings[r.files[name]]
	lost := func(file, what string) {
		c.Missing = append(c.Missing, what)
		to.gaps = append(to.gaps, Gap{File: file, Reason: "helm chart that was rendered without " + what})
	}
	for _, dependency := range out.missing {
		lost(name, "dependency `"+printable(dependency)+"`, which is not under charts/")
	}
	for _, rel := range src.escapes {
		if isChartPart(rel) || strings.HasPrefix(rel, "charts/") || rel == "templates" {
			lost(path.Join(src.root, rel), "`"+printable(rel)+"`, a link that leads out of it")
		}
	}
}
