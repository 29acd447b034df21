package report

import (
	"strings"
	"unicode/utf8"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// frameWidth is how many columns of a source line are shown; a longer line is
// cut around its region.
const frameWidth = 100

// cursor finds byte offsets of places. Findings come sorted, and a manifest may
// be one line of megabytes (`kubectl get -o json | jq -c`): it goes on from
// the place before instead of counting each line from its start.
type cursor struct {
	file *yaml.File
	pos  yaml.Pos
	text string // the line
	off  int    // of pos in text
}

// seek returns the line of a place and the place's offset in it; false where
// there is no such line.
func (c *cursor) seek(file *yaml.File, pos yaml.Pos) (line string, off int, ok bool) {
	if file == nil || len(file.Data) == 0 || pos.Line < 1 || pos.Line > file.Lines() {
		return "", 0, false
	}
	if c.file != file || c.pos.Line != pos.Line {
		*c = cursor{file: file, text: file.Line(pos.Line)}
	}
	if c.pos.Line == 0 || pos.Col < c.pos.Col {
		c.pos, c.off = yaml.Pos{Line: pos.Line, Col: 1}, 0
	}
	for c.pos.Col < pos.Col && c.off < len(c.text) {
		_, size := utf8.DecodeRuneInString(c.text[c.off:])
		c.off += size
		c.pos.Col++
	}
	return c.text, c.off, true
}

// excerpt returns what to show of a line and the marks to put below it, for a
// region of count characters that begins at from; count is -1 for a region that
// goes on to the line's end and beyond.
func excerpt(line string, from, count int) (shown, marks string) {
	a, b := window(line, from)
	var src, under strings.Builder
	if a > 0 {
		src.WriteString("…")
		under.WriteByte(' ')
	}
	marked := 0
	for i, r := range line[a:b] {
		wide := cellWidth(r)
		if isHidden(r) && r != '\t' {
			src.WriteString(escape(r))
		} else {
			src.WriteRune(r)
		}
		switch {
		case a+i >= from && count != 0:
			count--
			marked += wide
		case a+i < from && r == '\t':
			under.WriteByte('\t') // as wide as the tab above it, whatever that is
		case a+i < from:
			under.WriteString(strings.Repeat(" ", wide))
		}
	}
	if b < len(line) {
		src.WriteString("…")
	}
	under.WriteByte('^')
	if marked > 1 {
		under.WriteString(strings.Repeat("~", marked-1))
	}
	return strings.TrimRight(src.String(), " \t"), under.String()
}

// window returns which bytes of a line are shown.
func window(line string, from int) (a, b int) {
	if b = forward(line, 0, frameWidth); b == len(line) {
		return 0, b
	}
	a = from
	for room := frameWidth / 3; a > 0; {
		r, size := utf8.DecodeLastRuneInString(line[:a])
		if room -= cost(r); room < 0 {
			break
		}
		a -= size
	}
	return a, forward(line, a, frameWidth)
}

// forward returns the offset up to which a line takes at most room columns.
func forward(line string, off, room int) int {
	for off < len(line) {
		r, size := utf8.DecodeRuneInString(line[off:])
		if room -= cost(r); room < 0 {
			break
		}
		off += size
	}
	return off
}

// cost is the columns of r in the count of a window: a tab may take eight, and
// what takes none must not make a window endless.
func cost(r rune) int {
	const tab = 8
	if r == '\t' {
		return tab
	}
	return max(cellWidth(r), 1)
}

// cellWidth is the columns of r as excerpt shows it.
func cellWidth(r rune) int {
	switch {
	case r == '\t':
		return 1
	case isHidden(r):
		return len(escape(r))
	}
	return columns(r)
}
