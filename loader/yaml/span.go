package yaml

import (
	"bytes"
	"unicode/utf8"
)

// Span finds the end of the token that stands at a node's place.
func (f *File) Span(n *Node) Span {
	start := n.Pos
	if n.Kind == Map && n.Style != Flow && len(n.Fields) > 0 && n.Fields[0].Key.Pos == start {
		n = n.Fields[0].Key
	}
	rest := f.Data[f.Offset(start):]
	return Span{f, start, Advance(start, rest[:tokenLength(n, rest)])}
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
		return QuotedLength(rest)
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

// QuotedLength returns the length of the quoted scalar that text begins with,
// len(text) if it does not end there.
func QuotedLength(text []byte) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case quote == '"' && text[i] == '\\':
			i++
		case text[i] != quote:
		case quote == '\'' && i+1 < len(text) && text[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return len(text)
}
