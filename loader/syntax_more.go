package loader

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// textAfterQuote finds a quoted value with more text behind it.
func textAfterQuote(lines []textLine, i int) *fault {
	text := lines[i].text
	value := valueOffset(text)
	if value >= len(text) || text[value] != '"' && text[value] != '\'' {
		return nil
	}
	end := value + quotedLength(text[value:])
	rest := bytes.TrimLeft(text[min(end, len(text)):], " \t")
	if len(rest) == 0 || rest[0] == '#' || rest[0] == ':' || rest[0] == ',' {
		return nil
	}
	help := "put the whole value into quotes, or none of it"
	if text[value] == '\'' {
		help = "put the whole value into quotes; a single quote inside single quotes is written twice ('')"
	}
	off := len(text) - len(rest)
	return &fault{
		pos: lines[i].pos(column(text, off)), end: lineEnd(lines[i]),
		message: fmt.Sprintf("found `%s` behind a closing quote, where the line should end", excerpt(rest)),
		help:    help,
	}
}

// valueOffset returns where the value of a `key: value` or `- value` line begins.
func valueOffset(text []byte) int {
	indent, rest := indentation(text)
	off := len(indent)
	for bytes.HasPrefix(rest, []byte("- ")) {
		trimmed := bytes.TrimLeft(rest[2:], " ")
		off += len(rest) - len(trimmed)
		rest = trimmed
	}
	if len(rest) > 0 && rest[0] != '"' && rest[0] != '\'' {
		if colon := bytes.Index(rest, []byte(": ")); colon >= 0 {
			value := bytes.TrimLeft(rest[colon+2:], " ")
			return len(text) - len(value)
		}
	}
	return off
}

func flowFault(lines []textLine, i int, said string) *fault {
	closing := strings.Trim(strings.TrimPrefix(said, "did not find expected ',' or "), "'")
	opening := map[string]string{"]": "[", "}": "{"}[closing]
	text := lines[i].text
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
	col := column(lines[i].text, off)
	return &fault{
		pos: lines[i].pos(col), end: lines[i].pos(col + 1),
		message: fmt.Sprintf("the `%s` that opens here lacks a comma between its members or its closing `%s`", opening, closing),
		help:    fmt.Sprintf("add the comma or the `%s`; text that holds brackets, braces or `: ` needs quotes", closing),
	}
}

// colonFault explains a colon too many and a line without one.
func colonFault(lines []textLine, i int, said string) *fault {
	l := lines[i]
	switch said {
	case "could not find expected ':'":
		return &fault{
			pos: firstToken(l), end: lineEnd(l),
			message: fmt.Sprintf("found `%s` where a field (`key: value`) was expected", excerpt(l.text)),
			help:    "write it as `key: value`, or indent it if it continues the text above",
		}
	case "mapping values are not allowed in this context":
		return nestedColon(lines, i)
	case "block sequence entries are not allowed in this context":
		return &fault{
			pos: firstToken(l), end: lineEnd(l),
			message: "a list item begins on the line of its key",
			help:    "begin the list on the next line, each item behind its own `- `",
		}
	}
	return nil
}

func nestedColon(lines []textLine, i int) *fault {
	l := lines[i]
	value := valueOffset(l.text)
	rest := l.text[min(value, len(l.text)):]
	off := bytes.Index(rest, []byte(": "))
	if off < 0 && bytes.HasSuffix(bytes.TrimRight(rest, " \t"), []byte{':'}) {
		off = bytes.LastIndexByte(rest, ':')
	}
	indent, _ := indentation(l.text)
	if off >= 0 && value > len(indent) && bytes.Contains(l.text[:value], []byte(": ")) {
		col := column(l.text, value+off)
		return &fault{
			pos: l.pos(col), end: l.pos(col + 1),
			message: "found a second `: ` in this line, where the value was expected to end",
			help:    "put the value into quotes if the colon belongs to it",
		}
	}
	return &fault{
		pos: firstToken(l), end: lineEnd(l),
		message: fmt.Sprintf("bad indentation: `%s` is indented deeper than its neighbours, but the line above already has a value", excerpt(l.text)),
		help:    "align it with the fields it belongs to",
	}
}

func starFault(lines []textLine, i int, said string) *fault {
	l := lines[i]
	if name, ok := strings.CutPrefix(said, "unknown anchor '"); ok {
		name = strings.TrimSuffix(name, "' referenced")
		off := max(bytes.Index(l.text, []byte("*"+name)), 0)
		col := column(l.text, off)
		return &fault{
			pos: l.pos(col), end: l.pos(col + 1 + utf8.RuneCountInString(name)),
			message: fmt.Sprintf("the alias `*%s` refers to an anchor that this document does not have", printable(name)),
			help:    fmt.Sprintf("put it in quotes if the asterisk belongs to the text, or define `&%s` above it in the same document", printable(name)),
		}
	}
	if said != "did not find expected alphabetic or numeric character" {
		return nil
	}
	off := max(bytes.IndexAny(l.text, "*&"), 0)
	return &fault{
		pos: l.pos(column(l.text, off)), end: lineEnd(l),
		message: fmt.Sprintf("found `%s`: a value that begins with `%c` is an alias or anchor and needs a name", excerpt(l.text[off:]), l.text[off]),
		help:    fmt.Sprintf("put it in quotes: \"%s\"", excerpt(l.text[off:])),
	}
}

func indentFault(lines []textLine, i int, said string) *fault {
	l := lines[i]
	switch said {
	case "did not find expected '-' indicator":
		return &fault{
			pos: firstToken(l), end: lineEnd(l),
			message: fmt.Sprintf("bad indentation: found `%s` among the items of a list, where `- ` was expected", excerpt(l.text)),
			help:    "indent the line under the item it belongs to, or begin it with `- `",
		}
	case "did not find expected key":
		return &fault{
			pos: firstToken(l), end: lineEnd(l),
			message: fmt.Sprintf("bad indentation: `%s` fits neither the block above nor any around it", excerpt(l.text)),
			help:    "align it with the fields it belongs to",
		}
	case "did not find expected <document start>":
		return &fault{
			pos: firstToken(l), end: lineEnd(l),
			message: "a second document begins here without a separator",
			help:    "put a line with `---` between the documents",
		}
	}
	return nil
}

func tokenFault(lines []textLine, i int, said string) *fault {
	l := lines[i]
	if said != "found character that cannot start any token" {
		return nil
	}
	names := map[byte]string{'@': "`@`", '%': "`%`", '`': "a back tick", '\t': "a tab"}
	indent, _ := indentation(l.text)
	for _, off := range []int{len(indent), valueOffset(l.text)} {
		if off >= len(l.text) || names[l.text[off]] == "" {
			continue
		}
		col := column(l.text, off)
		return &fault{
			pos: l.pos(col), end: l.pos(col + 1),
			message: fmt.Sprintf("found %s, with which no name and no unquoted value can begin", names[l.text[off]]),
			help:    "delete it, or put the text into quotes",
		}
	}
	return nil
}
