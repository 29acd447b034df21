package loader

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"
)

// diagnose turns the parser's error into a fault for a person. It returns nil
// if the text is a template, which is no error.
func diagnose(data []byte, at Pos) *fault {
	lines := textLines(data, at)
	if f := controlCharacter(lines); f != nil {
		return f
	}
	culprit, said := locate(data, lines)
	if f := pasteFault(lines); f != nil {
		return f
	}
	if isTemplate(data, lines, culprit) {
		return nil
	}
	if f := flattenedText(lines); f != nil {
		return f
	}
	f := syntaxFault(lines, culprit, said)
	if strings.HasPrefix(said, "exceeded max depth") {
		return tooDeep(f.pos)
	}
	return f
}

// syntaxFault explains a true syntax error.
func syntaxFault(lines []textLine, i int, said string) *fault {
	for _, explain := range []func([]textLine, int, string) *fault{
		tabFault, missingSpace, quoteFault, flowFault, colonFault, starFault, indentFault, tokenFault,
	} {
		if f := explain(lines, i, said); f != nil {
			f.cause = cmp.Or(f.cause, CauseSyntax)
			return f
		}
	}
	return &fault{
		cause: CauseSyntax, pos: firstToken(lines[i]), end: lineEnd(lines[i]),
		message: "this is no valid YAML: the parser " + printable(said),
		help:    "check the indentation and the punctuation of this line and the one before it",
	}
}

func firstToken(l textLine) Pos {
	indent, _ := indentation(l.text)
	return l.pos(utf8.RuneCount(indent) + 1)
}

func lineEnd(l textLine) Pos {
	return l.pos(utf8.RuneCount(bytes.TrimRight(l.text, " \t")) + 1)
}

// column returns the 1-based column of the byte offset.
func column(text []byte, off int) int { return utf8.RuneCount(text[:off]) + 1 }

func controlCharacter(lines []textLine) *fault {
	for _, l := range lines {
		col := 0
		for _, r := range string(l.text) {
			col++
			if r >= ' ' && (r < 0x7F || r > 0x9F) && r != 0xFFFE && r != 0xFFFF || r == '\t' || r == 0x85 {
				continue
			}
			return &fault{
				cause: CauseSyntax, pos: l.pos(col), end: l.pos(col + 1),
				message: fmt.Sprintf("found the control character U+%04X, which YAML does not allow", r),
				help:    `delete it, or write it as an escape ("\xNN") in double quotes`,
			}
		}
	}
	return nil
}

// tabFault finds the tab in the indentation of the culprit or the line above.
func tabFault(lines []textLine, i int, said string) *fault {
	if !strings.Contains(said, "tab character") && said != "found character that cannot start any token" {
		return nil
	}
	for _, l := range lines[max(i-1, 0):min(i+2, len(lines))] {
		indent, rest := indentation(l.text)
		tab := bytes.IndexByte(indent, '\t')
		if tab < 0 || len(rest) == 0 {
			continue
		}
		return &fault{
			cause: CauseTabIndent, pos: l.pos(column(l.text, tab)), end: l.pos(column(l.text, len(indent))),
			message: "the line is indented with a tab, which YAML does not allow",
			help:    "indent with spaces",
		}
	}
	return nil
}

// missingSpace finds `key:value`, which makes one word of the two. The parser
// notices only at the next colon.
func missingSpace(lines []textLine, i int, said string) *fault {
	if said != "mapping values are not allowed in this context" && said != "could not find expected ':'" {
		return nil
	}
	for j := i; j >= max(i-1, 0); j-- {
		_, rest := indentation(lines[j].text)
		rest = bytes.TrimPrefix(rest, []byte("- "))
		colon := bytes.IndexByte(rest, ':')
		if colon <= 0 || colon+1 >= len(rest) || !isKey(rest[:colon]) || rest[colon+1] == ' ' || rest[colon+1] == '/' {
			continue
		}
		off := len(lines[j].text) - len(rest) + colon
		key, value := excerpt(rest[:colon]), excerpt(rest[colon+1:])
		return &fault{
			pos: lines[j].pos(column(lines[j].text, off)), end: lineEnd(lines[j]),
			message: fmt.Sprintf("`%s:%s` has no space after the colon, so it is one word and no field", key, value),
			help:    fmt.Sprintf("write `%s: %s`", key, value),
		}
	}
	return nil
}

func quoteFault(lines []textLine, i int, said string) *fault {
	switch said {
	case "found unexpected end of stream", "found unexpected document indicator":
		return openQuote(lines, i)
	case "found unknown escape character":
		return badEscape(lines[i])
	case "did not find expected key", "did not find expected ',' or ']'", "did not find expected ',' or '}'",
		"did not find expected '-' indicator":
		return textAfterQuote(lines, i)
	}
	return nil
}

func openQuote(lines []textLine, i int) *fault {
	off := bytes.IndexAny(lines[i].text, `"'`)
	if off < 0 {
		return nil
	}
	quote := string(lines[i].text[off : off+1])
	return &fault{
		pos: lines[i].pos(column(lines[i].text, off)), end: lineEnd(lines[i]),
		message: fmt.Sprintf("the quote (%s) that opens here is never closed", quote),
		help:    fmt.Sprintf("add the closing %s, or delete the opening one", quote),
	}
}

func badEscape(l textLine) *fault {
	for off := 0; off+1 < len(l.text); off++ {
		if l.text[off] != '\\' {
			continue
		}
		r, size := utf8.DecodeRune(l.text[off+1:])
		if strings.ContainsRune("0abt\tnvfre \"/\\N_LPxuU", r) {
			off += size
			continue
		}
		return &fault{
			pos: l.pos(column(l.text, off)), end: l.pos(column(l.text, off) + 2),
			message: fmt.Sprintf("`\\%s` is no escape that YAML knows in double quotes", printable(string(r))),
			help:    fmt.Sprintf("write the value in single quotes, or double the backslash: `\\\\%s`", printable(string(r))),
		}
	}
	return nil
}
