package yaml

import (
	"strconv"
	"strings"
)

// Pos is a place in a file. Both numbers are 1-based; Col counts Unicode code
// points. The zero Pos is "no place".
type Pos struct{ Line, Col int }

// Before reports whether p comes before q.
func (p Pos) Before(q Pos) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Col < q.Col
}

// Span is a stretch of a file; End is the place just behind its last character.
type Span struct {
	File       *File
	Start, End Pos
}

// Path leads from an object's root to a field: a string names a mapping key,
// an int a list item.
type Path []any

// String writes a path as spec.ingress[0].from or metadata.labels["a.b/c"].
func (p Path) String() string {
	var b strings.Builder
	for _, step := range p {
		switch s := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(s) + "]")
		case string:
			if s == "" || strings.ContainsAny(s, ".[]\" ") {
				b.WriteString("[" + strconv.Quote(s) + "]")
				continue
			}
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s)
		}
	}
	return b.String()
}

// Join returns p with steps appended, never sharing memory with p.
func (p Path) Join(steps ...any) Path {
	out := make(Path, 0, len(p)+len(steps))
	return append(append(out, p...), steps...)
}

// Duplicate is a key that a mapping holds twice.
type Duplicate struct {
	Path          Path // leads to the key
	First, Second Pos
}
