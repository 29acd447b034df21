package yaml

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// File is one file of the tree. Name is relative to the working directory and
// `/`-separated ("<stdin>" for the standard input); Data is UTF-8 whatever the
// encoding on disk, without a byte order mark. A File must not be copied.
type File struct {
	Name string
	Data []byte

	index sync.Once
	lines []int // offset of each line's first byte
}

// Line returns the text of the n-th line, counted from 1, without its line
// ending; "" for a line that the file does not have. It may be called
// concurrently.
func (f *File) Line(n int) string { return string(f.line(n)) }

// Lines returns the number of lines; a line ending at the very end of the file
// opens a last, empty line.
func (f *File) Lines() int {
	f.index.Do(f.buildIndex)
	return len(f.lines)
}

func (f *File) line(n int) []byte {
	if n < 1 || n > f.Lines() {
		return nil
	}
	text := f.Data[f.lines[n-1]:]
	if n < len(f.lines) {
		text = text[:f.lines[n]-f.lines[n-1]-1]
	}
	return bytes.TrimSuffix(text, []byte{'\r'})
}

// buildIndex counts lines as editors do, by line feeds alone.
func (f *File) buildIndex() {
	f.lines = make([]int, 1, bytes.Count(f.Data, []byte{'\n'})+1)
	for off, rest := 0, f.Data; ; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			return
		}
		off, rest = off+i+1, rest[i+1:]
		f.lines = append(f.lines, off)
	}
}

// Offset returns where in Data a place lies, clamped to the file.
func (f *File) Offset(p Pos) int {
	if p.Line < 1 {
		return 0
	}
	if p.Line > f.Lines() {
		return len(f.Data)
	}
	off := f.lines[p.Line-1]
	for range p.Col - 1 {
		if off >= len(f.Data) || f.Data[off] == '\n' {
			break
		}
		_, size := utf8.DecodeRune(f.Data[off:])
		off += size
	}
	return off
}

// WordEnd returns the end of the name or word that stands at p, or the place
// behind p's character if it is not a word.
func (f *File) WordEnd(p Pos) Pos {
	rest := f.Data[f.Offset(p):]
	n := 0
	for n < len(rest) && IsName(rest[n:n+1]) {
		n++
	}
	return Pos{p.Line, p.Col + max(n, 1)}
}

// Advance returns the place behind text, which begins at p.
func Advance(p Pos, text []byte) Pos {
	for {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			break
		}
		p, text = Pos{p.Line + 1, 1}, text[i+1:]
	}
	p.Col += utf8.RuneCount(text)
	return p
}

// IsName reports whether text has nothing but letters, digits and `.`, `_`, `-`,
// `/`, as the name of a field has.
func IsName(text []byte) bool {
	for _, c := range text {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._-/", rune(c)) {
			return false
		}
	}
	return len(text) > 0
}

// Pos is the inverse of offset.
func (f *File) Pos(off int) Pos {
	off = min(max(off, 0), len(f.Data))
	f.Lines() // builds the index
	line, found := slices.BinarySearch(f.lines, off)
	if !found {
		line--
	}
	return Advance(Pos{line + 1, 1}, f.Data[f.lines[line]:off])
}
