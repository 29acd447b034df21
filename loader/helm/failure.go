package helm

import (
	"errors"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// failure says in Helm's words why a chart was not rendered, and finds the place
// that they name.
func (r *renderer) failure(src *chartSource, b *budget, err error) *source.Problem {
	chart := r.readings[r.files[path.Join(src.root, "Chart.yaml")]].File
	p := &source.Problem{Cause: diagnose.CauseHelm, Span: yaml.Span{File: chart, Start: yaml.Pos{Line: 1, Col: 1}, End: yaml.Pos{Line: 1, Col: 2}}}
	p.Message = diagnose.Printable(shortened(strings.Join(strings.Fields(err.Error()), " ")))
	if own, ok := errors.AsType[*chartFaultError](err); ok {
		if i, read := r.files[path.Join(src.root, own.rel)]; read {
			p.Message = own.fault.Message
			p.Span = yaml.Span{File: r.readings[i].File, Start: own.fault.Pos, End: r.readings[i].File.WordEnd(own.fault.Pos)}
		}
		return p
	}
	if b.err != nil && errors.Is(err, b.err) {
		if b.last > 0 && b.last < len(src.weaver.marks) {
			m := src.weaver.marks[b.last]
			p.Span = yaml.Span{File: m.file, Start: m.file.Pos(m.start), End: m.file.Pos(m.end)}
		}
		return p
	}
	found := regexp.MustCompile(named).FindStringSubmatch(p.Message)
	if found == nil {
		return p
	}
	_, rel, _ := strings.Cut(found[1], "/")
	for i := range src.all {
		if f := &src.all[i]; f.name == rel && f.file != nil {
			line, _ := strconv.Atoi(found[2])
			column, _ := strconv.Atoi(found[3]) // counted from 0
			at := yaml.Pos{Line: line, Col: column + 1}
			p.Span = yaml.Span{File: f.file, Start: at, End: yaml.Pos{Line: at.Line, Col: at.Col + 1}}
		}
	}
	return p
}

// shortened cuts what Helm says of a text that it shows whole, and the rules that
// some charts draw around their words.
func shortened(text string) string {
	text = strings.Join(strings.Fields(regexp.MustCompile(`[━═─=*#~_-]{8,}`).ReplaceAllString(text, " ")), " ")
	const most = 600
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
