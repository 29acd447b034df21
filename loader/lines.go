package loader

import (
	"unicode/utf8"
)

// textLine is one line of a document with its number in the file.
type textLine struct {
	text []byte // without its line ending
	at   Pos
}

func (l textLine) pos(col int) Pos { return Pos{l.at.Line, l.at.Col + col - 1} }

// textLines cuts a piece into its lines as the YAML parser counts them.
func textLines(data []byte, at Pos) []textLine {
	o := newOffsets(data, at)
	starts := parserLines(data)
	out := make([]textLine, len(starts))
	for i, off := range starts {
		end := len(data)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		text := data[off:end]
		for len(text) > 0 && isBreakEnd(text) {
			_, size := utf8.DecodeLastRune(text)
			text = text[:len(text)-size]
		}
		out[i] = textLine{text, o.pos(i+1, 1)}
	}
	return out
}

func isBreakEnd(text []byte) bool {
	r, _ := utf8.DecodeLastRune(text)
	return r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// contentLine returns the line of the piece's first content.
func (p piece) contentLine() int {
	for _, l := range textLines(p.data, p.at) {
		if !insignificant(l.text) && !isMarker(l.text, '-') && l.text[0] != '%' {
			return l.at.Line
		}
	}
	return p.at.Line
}
