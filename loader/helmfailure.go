package loader

import (
	"errors"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// failure says in Helm's words why a chart was not rendered, and finds the place
// that they name.
func (r *renderer) failure(src *chartSource, b *budget, err error) *Problem {
	chart := r.readings[r.files[path.Join(src.root, "Chart.yaml")]].file
	p := &Problem{Cause: CauseHelm, Span: Span{chart, Pos{1, 1}, Pos{1, 2}}}
	p.Message = printable(shortened(strings.Join(strings.Fields(err.Error()), " ")))
	if own, ok := errors.AsType[*chartFaultError](err); ok {
		if i, read := r.files[path.Join(src.root, own.rel)]; read {
			p.Message = own.fault.message
			p.Span = Span{r.readings[i].file, own.fault.pos, r.readings[i].file.wordEnd(own.fault.pos)}
		}
		return p
	}
	if b.err != nil && errors.Is(err, b.err) {
		if b.last > 0 && b.last < len(src.weaver.marks) {
			m := src.weaver.marks[b.last]
			p.Span = Span{m.file, m.file.place(m.start), m.file.place(m.end)}
		}
		return p
	}
	named := regexp.MustCompile(`([^\s()":]+/templates/[^\s()":]+):(\d+)(?::(\d+))?`).FindStringSubmatch(p.Message)
	if named == nil {
		return p
	}
	_, rel, _ := strings.Cut(named[1], "/")
	for i := range src.files {
		if f := &src.files[i]; f.name == rel && f.file != nil {
			line, _ := strconv.Atoi(named[2])
			column, _ := strconv.Atoi(named[3]) // counted from 0
			at := Pos{line, column + 1}
			p.Span = Span{f.file, at, Pos{at.Line, at.Col + 1}}
		}
	}
	return p
}

// shortened cuts what Helm says of a text that it shows whole.
func shortened(text string) string {
	const most = 600
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
