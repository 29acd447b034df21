package helm

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// renderedText is what one template gave, and where each stretch of it comes
// from.
type renderedText struct {
	file     *yaml.File // the text without marks
	weaver   *weaver
	segments []segment
	values   func(path []string) []valuePlace
}

// segment is a stretch of the text that begins at an offset.
type segment struct{ at, mark int }

// withoutMarks takes the marks out of a text.
func withoutMarks(name, text string, w *weaver) *renderedText {
	var b strings.Builder
	r := &renderedText{weaver: w}
	for {
		before, rest, found := strings.Cut(text, string(markStart))
		b.WriteString(before)
		if !found {
			break
		}
		number, after, closed := strings.Cut(rest, string(markEnd))
		id, err := strconv.Atoi(number)
		if !closed || err != nil || id <= 0 || id >= len(w.marks) {
			text = rest
			continue
		}
		r.segments = append(r.segments, segment{b.Len(), id})
		text = after
	}
	r.file = &yaml.File{Name: name, Data: []byte(b.String())}
	return r
}

// markAt returns the mark that an offset lies in, and the offset there.
func (r *renderedText) markAt(off int) (m *templateMark, at int) {
	i, found := slices.BinarySearchFunc(r.segments, off, func(s segment, off int) int { return cmp.Compare(s.at, off) })
	if !found {
		i--
	}
	for found && i+1 < len(r.segments) && r.segments[i+1].at == off {
		i++ // of several that begin here, all but the last are empty
	}
	if i < 0 {
		return nil, 0
	}
	m = &r.weaver.marks[r.segments[i].mark]
	at = m.start
	if m.text {
		at = min(m.start+off-r.segments[i].at, m.end)
	}
	return m, at
}

// span finds where a stretch of the text was written.
func (r *renderedText) span(s yaml.Span) yaml.Span {
	off := r.file.Offset(s.Start)
	m, at := r.markAt(off)
	if m == nil || m.file == nil {
		return s
	}
	start := m.file.Pos(at)
	end := m.file.Pos(m.end)
	if last, lastAt := r.markAt(max(r.file.Offset(s.End)-1, off)); last != nil && last.file == m.file {
		end = m.file.Pos(last.end)
		if last.text {
			end = m.file.Pos(lastAt + 1)
		}
	}
	if !start.Before(end) || m.text && end.Line != start.Line {
		end = m.file.WordEnd(start)
	}
	return yaml.Span{File: m.file, Start: start, End: end}
}

// lines writes a sentence that names lines of the text with those of the
// template.
func (r *renderedText) lines(sentence string) string {
	return regexp.MustCompile(`\bline (\d+)`).ReplaceAllStringFunc(sentence, func(word string) string {
		line, err := strconv.Atoi(strings.TrimPrefix(word, "line "))
		if err != nil {
			return word
		}
		at := yaml.Pos{Line: line, Col: 1}
		return "line " + strconv.Itoa(r.span(yaml.Span{File: r.file, Start: at, End: at}).Start.Line)
	})
}

// Place implements source.Placer.
func (r *renderedText) Place(o *source.Object, path yaml.Path, key bool) (yaml.Span, bool) {
	k, value, exact := o.Find(path)
	n := value
	if k != nil && (key || value.Kind >= yaml.Map || value.IsEmpty()) {
		n = k
	}
	return r.span(r.file.Span(n)), exact
}

// Base finds the values that printed a field. An action may have printed a
// whole mapping, of which the field is a part; that the value found is the
// field's is seen by comparing them.
func (r *renderedText) Base(o *source.Object, path yaml.Path) (yaml.Span, bool) {
	_, value, exact := o.Find(path)
	if !exact || r.values == nil {
		return yaml.Span{}, false
	}
	m, _ := r.markAt(r.file.Offset(value.Pos))
	if m == nil || len(m.values) == 0 {
		return yaml.Span{}, false
	}
	for from := r.ownSteps(o, path, m); from <= len(path); from++ {
		for _, v := range r.values(m.values) {
			at := v.path.Join(path[from:]...)
			if n := v.object.Node(at); n != nil && sameValue(n, value) {
				return v.object.At(at)
			}
		}
	}
	return yaml.Span{}, false
}

// ownSteps counts the steps of a path that the template wrote itself, before
// the action that wrote the rest.
func (r *renderedText) ownSteps(o *source.Object, path yaml.Path, m *templateMark) int {
	from := len(path)
	for from > 0 {
		key, outer, _ := o.Find(path[:from])
		if key == nil {
			key = outer
		}
		if at, _ := r.markAt(r.file.Offset(key.Pos)); at != m {
			break
		}
		from--
	}
	return from
}

func sameValue(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && (a.Kind >= yaml.Map || a.Text == b.Text)
}

// valuePlace is where a values file, read as an object, may hold a value.
type valuePlace struct {
	object *source.Object
	path   yaml.Path
}

// FromValues implements source.Placer.
func (r *renderedText) FromValues() bool { return true }
