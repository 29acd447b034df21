package diagnose

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

func flowFault(lines []yaml.Line, i int, said string) *Fault {
	closing := strings.Trim(strings.TrimPrefix(said, "did not find expected ',' or "), "'")
	opening := map[string]string{"]": "[", "}": "{"}[closing]
	text := lines[i].Text
	for _, pair := range []string{"[]", "{}"} {
		open := bytes.LastIndexByte(text, pair[0])
		if said == "did not find expected node content" && open > bytes.LastIndexByte(text, pair[1]) {
			opening, closing = pair[:1], pair[1:]
		}
	}
	off := bytes.LastIndex(text, []byte(opening))
	if opening == "" || off < 0 {
		return nil
	}
	col := column(lines[i].Text, off)
	return &Fault{
		Pos: lines[i].Pos(col), End: lines[i].Pos(col + 1),
		Message: fmt.Sprintf("the `%s` that opens here lacks a comma between its members or its closing `%s`", opening, closing),
		Help:    fmt.Sprintf("add the comma or the `%s`; text that holds brackets, braces or `: ` needs quotes", closing),
	}
}

// colonFault explains a colon too many and a line without one.
func colonFault(lines []yaml.Line, i int, said string) *Fault {
	l := lines[i]
	switch said {
	case "could not find expected ':'":
		return &Fault{
			Pos: firstToken(l), End: lineEnd(l),
			Message: fmt.Sprintf("found `%s` where a field (`key: value`) was expected", excerpt(l.Text)),
			Help:    "write it as `key: value`, or indent it if it continues the text above",
		}
	case "mapping values are not allowed in this context":
		return nestedColon(lines, i)
	case "block sequence entries are not allowed in this context":
		return &Fault{
			Pos: firstToken(l), End: lineEnd(l),
			Message: "a list item begins on the line of its key",
			Help:    "begin the list on the next line, each item behind its own `- `",
		}
	}
	return nil
}

func nestedColon(lines []yaml.Line, i int) *Fault {
	l := lines[i]
	value := valueOffset(l.Text)
	rest := l.Text[min(value, len(l.Text)):]
	off := bytes.Index(rest, []byte(": "))
	if off < 0 && bytes.HasSuffix(bytes.TrimRight(rest, " \t"), []byte{':'}) {
		off = bytes.LastIndexByte(rest, ':')
	}
	indent, _ := indentation(l.Text)
	if off >= 0 && value > len(indent) && bytes.Contains(l.Text[:value], []byte(": ")) {
		col := column(l.Text, value+off)
		return &Fault{
			Pos: l.Pos(col), End: l.Pos(col + 1),
			Message: "found a second `: ` in this line, where the value was expected to end",
			Help:    "put the value into quotes if the colon belongs to it",
		}
	}
	return &Fault{
		Pos: firstToken(l), End: lineEnd(l),
		Message: fmt.Sprintf("bad indentation: `%s` is indented deeper than its neighbours, but the line above already has a value", excerpt(l.Text)),
		Help:    "align it with the fields it belongs to",
	}
}

func starFault(lines []yaml.Line, i int, said string) *Fault {
	l := lines[i]
	if name, ok := strings.CutPrefix(said, "unknown anchor '"); ok {
		name = strings.TrimSuffix(name, "' referenced")
		off := max(bytes.Index(l.Text, []byte("*"+name)), 0)
		col := column(l.Text, off)
		return &Fault{
			Pos: l.Pos(col), End: l.Pos(col + 1 + utf8.RuneCountInString(name)),
			Message: fmt.Sprintf("the alias `*%s` refers to an anchor that this document does not have", Printable(name)),
			Help:    fmt.Sprintf("put it in quotes if the asterisk belongs to the text, or define `&%s` above it in the same document", Printable(name)),
		}
	}
	if said != "did not find expected alphabetic or numeric character" {
		return nil
	}
	off := max(bytes.IndexAny(l.Text, "*&"), 0)
	return &Fault{
		Pos: l.Pos(column(l.Text, off)), End: lineEnd(l),
		Message: fmt.Sprintf("found `%s`: a value that begins with `%c` is an alias or anchor and needs a name", excerpt(l.Text[off:]), l.Text[off]),
		Help:    fmt.Sprintf("put it in quotes: \"%s\"", excerpt(l.Text[off:])),
	}
}

func tokenFault(lines []yaml.Line, i int, said string) *Fault {
	l := lines[i]
	if said != "found character that cannot start any token" {
		return nil
	}
	names := map[byte]string{'@': "`@`", '%': "`%`", '`': "a back tick", '\t': "a tab"}
	indent, _ := indentation(l.Text)
	for _, off := range []int{len(indent), valueOffset(l.Text)} {
		if off >= len(l.Text) || names[l.Text[off]] == "" {
			continue
		}
		col := column(l.Text, off)
		return &Fault{
			Pos: l.Pos(col), End: l.Pos(col + 1),
			Message: fmt.Sprintf("found %s, with which no name and no unquoted value can begin", names[l.Text[off]]),
			Help:    "delete it, or put the text into quotes",
		}
	}
	return nil
}

// missingSpace finds `key:value`, which makes one word of the two. The parser
// notices only at the next colon.
func missingSpace(lines []yaml.Line, i int, said string) *Fault {
	if said != "mapping values are not allowed in this context" && said != "could not find expected ':'" {
		return nil
	}
	for j := i; j >= max(i-1, 0); j-- {
		_, rest := indentation(lines[j].Text)
		rest = bytes.TrimPrefix(rest, []byte("- "))
		colon := bytes.IndexByte(rest, ':')
		if colon <= 0 || colon+1 >= len(rest) || !yaml.IsName(rest[:colon]) || rest[colon+1] == ' ' || rest[colon+1] == '/' {
			continue
		}
		off := len(lines[j].Text) - len(rest) + colon
		key, value := excerpt(rest[:colon]), excerpt(rest[colon+1:])
		return &Fault{
			Pos: lines[j].Pos(column(lines[j].Text, off)), End: lineEnd(lines[j]),
			Message: fmt.Sprintf("`%s:%s` has no space after the colon, so it is one word and no field", key, value),
			Help:    fmt.Sprintf("write `%s: %s`", key, value),
		}
	}
	return nil
}
