package yaml

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

const mergeTag = "!!merge"

// pathStep is a Path's step without the cost of an interface.
type pathStep struct {
	key   string
	index int // -1 for a key
}

// currentPath copies where the converter is, with one more key.
func (c *converter) currentPath(key string) Path {
	out := make(Path, 0, len(c.path)+1)
	for _, s := range c.path {
		if s.index < 0 {
			out = append(out, s.key)
			continue
		}
		out = append(out, s.index)
	}
	return append(out, key)
}

// duplicates records the keys that a mapping holds twice.
func (c *converter) duplicates(fields []Field) {
	const few = 8 // where comparing each with each is cheaper than hashing
	if len(fields) <= few {
		for i := range fields {
			c.duplicateOf(fields[:i], fields[i].Key)
		}
		return
	}
	if c.seen == nil {
		c.seen = make(map[string]int, len(fields))
	}
	clear(c.seen)
	for i := range fields {
		key := fields[i].Key
		if key.Kind >= Map {
			continue
		}
		if j, ok := c.seen[key.Text]; ok {
			c.duplicate(fields[j].Key, key)
			continue
		}
		c.seen[key.Text] = i
	}
}

func (c *converter) duplicateOf(earlier []Field, key *Node) {
	for i := range earlier {
		if sameKey(earlier[i].Key, key) {
			c.duplicate(earlier[i].Key, key)
			return
		}
	}
}

func sameKey(a, b *Node) bool { return a.Text == b.Text && a.Kind < Map && b.Kind < Map }

func (c *converter) duplicate(first, second *Node) {
	c.found.Duplicates = append(c.found.Duplicates,
		Duplicate{Path: c.currentPath(second.Text), First: first.Pos, Second: second.Pos})
}

// merge appends what the merge keys bring in: own keys win over merged ones,
// earlier sources over later ones.
func (c *converter) merge(n *Node, merges []Field) {
	have := make(map[string]bool, len(n.Fields))
	for i := range n.Fields {
		have[n.Fields[i].Key.Text] = true
	}
	for _, m := range merges {
		sources := []*Node{m.Value}
		if m.Value.Kind == List {
			sources = m.Value.Items
		}
		for _, source := range sources {
			if c.err != nil {
				return
			}
			if source.Kind != Map {
				c.err = &Error{BadMerge, source.Pos, source.Kind.String()}
				return
			}
			c.mergeFrom(n, source, have)
		}
	}
}

func (c *converter) mergeFrom(n, source *Node, have map[string]bool) {
	c.grow(len(source.Fields), source.Pos)
	for _, f := range slices.Backward(source.Fields) { // of a duplicate, the last counts
		if have[f.Key.Text] {
			continue
		}
		have[f.Key.Text] = true
		n.Fields = append(n.Fields, Field{Key: f.Key, Value: f.Value, Merged: true})
	}
}

// skipProperties returns the place of the value behind an anchor or a tag, at
// which the parser lets the node begin.
func (c *converter) skipProperties(line, col int) Pos {
	if c.lines == nil {
		c.lines = LineStarts(c.data)
	}
	if line > len(c.lines) {
		return c.offsets.pos(line, col)
	}
	rest := c.data[c.lines[line-1]:]
	rest = rest[runeOffset(rest, col-1):]
	start := rest
	for len(rest) > 0 && (rest[0] == '&' || rest[0] == '!') {
		end := bytes.IndexAny(rest, " \t\r\n,]}")
		if end < 0 {
			end = len(rest)
		}
		after := skipSpace(rest[end:])
		if len(after) == 0 || len(after) == len(rest) {
			break // nothing follows: an empty value, which stays at its anchor
		}
		rest = after
	}
	return Advance(c.offsets.pos(line, col), start[:len(start)-len(rest)])
}

// skipSpace skips blanks, line breaks and comments.
func skipSpace(text []byte) []byte {
	for {
		text = bytes.TrimLeft(text, " \t\r\n")
		if len(text) == 0 || text[0] != '#' {
			return text
		}
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			return nil
		}
		text = text[end:]
	}
}

// LineStarts returns the offset of each line as the parser counts them.
func LineStarts(data []byte) []int {
	lines := []int{0}
	for off := 0; off < len(data); {
		n := breakWidth(data[off:])
		if n == 0 {
			off++
			continue
		}
		off += n
		lines = append(lines, off)
	}
	return lines
}

// runeOffset returns the length of the first n code points of text.
func runeOffset(text []byte, n int) int {
	off := 0
	for ; n > 0 && off < len(text); n-- {
		_, size := utf8.DecodeRune(text[off:])
		off += size
	}
	return off
}

// scalarKind decides what a scalar is as sigs.k8s.io/yaml does: the parser's
// own tags follow YAML 1.2 for booleans and know timestamps.
func scalarKind(tag, text string, style Style) NodeKind {
	switch tag {
	case "!!null":
		return Null
	case "!!bool":
		return Bool
	case "!!int":
		return Int
	case "!!float":
		return Float
	case "!!str":
		if style == Plain && isOldBool(text) {
			return Bool
		}
	}
	return String
}

// isOldBool reports whether text is one of the booleans that YAML 1.2 dropped.
func isOldBool(text string) bool {
	switch text {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON",
		"n", "N", "no", "No", "NO", "off", "Off", "OFF":
		return true
	}
	return false
}
