package loader

import (
	"bytes"
	"unicode/utf8"
)

// At returns the place of the field that path leads to and whether it exists.
// A scalar's place is its value, a collection's place is its key (or, in a
// list, the item's first token); a value that was left empty has the place of
// its key. For a field that does not exist it is the nearest existing
// ancestor's place. Of a duplicate key it is the last.
func (o *Object) At(path Path) (Span, bool) {
	if o.places != nil {
		return o.places.place(o, path, false)
	}
	key, value, exact := o.find(path)
	if key != nil && (value.Kind >= Map || value.isEmpty()) {
		return o.File.span(key), exact
	}
	return o.File.span(value), exact
}

// KeyAt is At, but always points at the key of a mapping entry.
func (o *Object) KeyAt(path Path) (Span, bool) {
	if o.places != nil {
		return o.places.place(o, path, true)
	}
	key, value, exact := o.find(path)
	if key != nil {
		return o.File.span(key), exact
	}
	return o.File.span(value), exact
}

// placer answers where the fields of an object stand that was not read but
// rendered: in the template, base, patch or values that a person would edit.
type placer interface {
	// place is At, or KeyAt where the key of a mapping entry is wanted.
	place(o *Object, path Path, key bool) (Span, bool)
}

// find walks path as far as it leads. key is nil for the root and for items.
func (o *Object) find(path Path) (key, value *Node, exact bool) {
	value = o.Root
	for _, step := range path {
		switch s := step.(type) {
		case string:
			f := value.field(s)
			if f == nil {
				return key, value, false
			}
			key, value = f.Key, f.Value
		case int:
			if s < 0 || s >= len(value.Items) {
				return key, value, false
			}
			key, value = nil, value.Items[s]
		default:
			return key, value, false
		}
	}
	return key, value, true
}

// Node returns the value that path leads to, nil if there is none.
func (o *Object) Node(path Path) *Node {
	_, value, exact := o.find(path)
	if !exact {
		return nil
	}
	return value
}

// isEmpty reports whether n is a null that is not written out.
func (n *Node) isEmpty() bool { return n.Kind == Null && n.Text == "" && n.Style == Plain }

// span finds the end of the token that stands at a node's place.
func (f *File) span(n *Node) Span {
	start := n.Pos
	if n.Kind == Map && n.Style != Flow && len(n.Fields) > 0 && n.Fields[0].Key.Pos == start {
		n = n.Fields[0].Key
	}
	rest := f.Data[f.offset(start):]
	return Span{f, start, advance(start, rest[:tokenLength(n, rest)])}
}

func tokenLength(n *Node, rest []byte) int {
	switch {
	case len(rest) == 0:
		return 0
	case rest[0] == '*':
		return wordLength(rest) // an alias, whatever its target is
	case n.Kind >= Map:
		_, size := utf8.DecodeRune(rest)
		return size
	case n.Style == Plain:
		return plainLength(n.Text, rest)
	case n.Style == Block:
		return wordLength(rest)
	case rest[0] == '"' || rest[0] == '\'':
		return quotedLength(rest)
	}
	return wordLength(rest)
}

// plainLength is the text's own length, or of a text of several lines the rest
// of its first.
func plainLength(text string, rest []byte) int {
	if bytes.HasPrefix(rest, []byte(text)) {
		return len(text)
	}
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	if i := bytes.Index(line, []byte(" #")); i >= 0 {
		line = line[:i]
	}
	return len(bytes.TrimRight(line, " \t\r"))
}

func wordLength(rest []byte) int {
	if i := bytes.IndexAny(rest, " \t\r\n,]}"); i >= 0 {
		return i
	}
	return len(rest)
}
