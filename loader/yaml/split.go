package yaml

import (
	"bytes"
	"unicode/utf8"
)

// Piece is one document's stretch of a file. Pieces are adjacent: together
// they are the file.
type Piece struct {
	Data  []byte
	At    Pos  // of its first byte
	Blank bool // nothing but comments, directives and markers
}

// Split cuts a stream at its document markers. In YAML a `---` or `...` at
// column 0 is a marker even inside a block scalar, so bytes decide exactly. A
// piece that holds only comments and directives belongs to the document that
// follows it.
func Split(data []byte) []Piece {
	s := splitter{data: data, foreign: foreignBreaks(data), at: Pos{1, 1}, blank: true}
	s.here = s.at
	for off := 0; off < len(data); {
		next := s.lineEnd(off)
		s.line(off, next)
		s.here = Advance(s.here, data[off:next])
		if s.ended {
			s.cut(next)
		}
		off = next
	}
	if s.start < len(data) {
		s.cut(len(data))
	}
	return s.pieces
}

type splitter struct {
	data    []byte
	foreign bool // the text has line breaks that editors do not know
	pieces  []Piece

	start  int  // of the current piece
	at     Pos  // of start
	here   Pos  // of the current line's first byte
	opened bool // the current piece has its `---`
	blank  bool
	ended  bool // the current piece has its `...`
}

func (s *splitter) line(off, next int) {
	text := s.data[off:next]
	switch {
	case isMarker(text, '-'):
		if s.opened || !s.blank {
			s.cut(off)
		}
		s.opened = true
		s.blank = Insignificant(text[3:])
	case isMarker(text, '.'):
		s.ended = true
	case s.blank && !Insignificant(text) && (text[0] != '%' || s.opened):
		s.blank = false
	}
}

func (s *splitter) cut(end int) {
	s.pieces = append(s.pieces, Piece{s.data[s.start:end:end], s.at, s.blank})
	s.start, s.at = end, s.here
	s.opened, s.blank, s.ended = false, true, false
}

// lineEnd returns the offset behind the line break that follows off.
func (s *splitter) lineEnd(off int) int {
	if !s.foreign {
		if i := bytes.IndexByte(s.data[off:], '\n'); i >= 0 {
			return off + i + 1
		}
		return len(s.data)
	}
	for off < len(s.data) {
		if n := breakWidth(s.data[off:]); n > 0 {
			return off + n
		}
		off++
	}
	return off
}

// isMarker reports whether a line is a document marker: three times c, then a
// blank, a line break or the end.
func isMarker(line []byte, c byte) bool {
	if len(line) < 3 || line[0] != c || line[1] != c || line[2] != c {
		return false
	}
	return len(line) == 3 || line[3] == ' ' || line[3] == '\t' || breakWidth(line[3:]) > 0
}

// Insignificant reports whether a line is blank or a comment.
func Insignificant(line []byte) bool {
	for i, c := range line {
		switch {
		case c == '#':
			return true
		case c != ' ' && c != '\t' && c != '\n' && c != '\r' && breakWidth(line[i:]) == 0:
			return false
		case c >= utf8.RuneSelf:
			return true // a foreign line break is always a line's last character
		}
	}
	return true
}

// foreignBreaks reports whether data has a line break that the YAML parser
// counts and editors do not: U+0085, U+2028, U+2029 or a lone carriage return.
func foreignBreaks(data []byte) bool {
	if cr := bytes.Count(data, []byte{'\r'}); cr > 0 && cr != bytes.Count(data, []byte("\r\n")) {
		return true
	}
	return bytes.Contains(data, []byte("\u0085")) ||
		bytes.Contains(data, []byte("\u2028")) || bytes.Contains(data, []byte("\u2029"))
}

// breakWidth returns the length of the line break that data begins with, 0 if
// it begins with none.
func breakWidth(data []byte) int {
	switch {
	case len(data) == 0:
		return 0
	case data[0] == '\n':
		return 1
	case data[0] == '\r':
		if len(data) > 1 && data[1] == '\n' {
			return 2
		}
		return 1
	case data[0] == 0xC2 && len(data) > 1 && data[1] == 0x85:
		return 2
	case data[0] == 0xE2 && len(data) > 2 && data[1] == 0x80 && (data[2] == 0xA8 || data[2] == 0xA9):
		return 3
	}
	return 0
}

// lineTable says where in the file each of the parser's lines begins. It is
// nil when the parser counts lines as the file does.
type lineTable []Pos

func newLineTable(data []byte, at Pos) lineTable {
	if !foreignBreaks(data) {
		return nil
	}
	table := lineTable{at}
	for off, from := 0, 0; off < len(data); {
		n := breakWidth(data[off:])
		if n == 0 {
			off++
			continue
		}
		off += n
		at = Advance(at, data[from:off])
		from = off
		table = append(table, at)
	}
	return table
}

// offsets translates the parser's places in one document to places in the file.
type offsets struct {
	at    Pos
	table lineTable
}

func newOffsets(data []byte, at Pos) offsets { return offsets{at, newLineTable(data, at)} }

func (o *offsets) pos(line, col int) Pos {
	switch {
	case o.table == nil && line == 1:
		return Pos{o.at.Line, o.at.Col + col - 1}
	case o.table == nil:
		return Pos{o.at.Line + line - 1, col}
	case line > len(o.table):
		line = len(o.table)
	case line < 1:
		line = 1
	}
	start := o.table[line-1]
	return Pos{start.Line, start.Col + col - 1}
}
