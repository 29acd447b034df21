package yaml

import (
	"unicode/utf8"
)

// Line is one line of a document with its number in the file.
type Line struct {
	Text []byte // without its line ending
	at   Pos
}

// Pos returns the place of the col-th code point of the line, counted from 1.
func (l Line) Pos(col int) Pos { return Pos{l.at.Line, l.at.Col + col - 1} }

// Lines cuts a piece into its lines as the YAML parser counts them.
func Lines(data []byte, at Pos) []Line {
	o := newOffsets(data, at)
	starts := LineStarts(data)
	out := make([]Line, len(starts))
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
		out[i] = Line{text, o.pos(i+1, 1)}
	}
	return out
}

func isBreakEnd(text []byte) bool {
	r, _ := utf8.DecodeLastRune(text)
	return r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// ContentLine returns the line of the piece's first content.
func (p Piece) ContentLine() int {
	for _, l := range Lines(p.Data, p.At) {
		if !Insignificant(l.Text) && !isMarker(l.Text, '-') && l.Text[0] != '%' {
			return l.at.Line
		}
	}
	return p.At.Line
}
