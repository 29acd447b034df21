package diagnose

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

func quoteFault(lines []yaml.Line, i int, said string) *Fault {
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

func openQuote(lines []yaml.Line, i int) *Fault {
	off := bytes.IndexAny(lines[i].Text, `"'`)
	if off < 0 {
		return nil
	}
	quote := string(lines[i].Text[off : off+1])
	return &Fault{
		Pos: lines[i].Pos(column(lines[i].Text, off)), End: lineEnd(lines[i]),
		Message: fmt.Sprintf("the quote (%s) that opens here is never closed", quote),
		Help:    fmt.Sprintf("add the closing %s, or delete the opening one", quote),
	}
}

func badEscape(l yaml.Line) *Fault {
	for off := 0; off+1 < len(l.Text); off++ {
		if l.Text[off] != '\\' {
			continue
		}
		r, size := utf8.DecodeRune(l.Text[off+1:])
		if strings.ContainsRune("0abt\tnvfre \"/\\N_LPxuU", r) {
			off += size
			continue
		}
		return &Fault{
			Pos: l.Pos(column(l.Text, off)), End: l.Pos(column(l.Text, off) + 2),
			Message: fmt.Sprintf("`\\%s` is no escape that YAML knows in double quotes", Printable(string(r))),
			Help:    fmt.Sprintf("write the value in single quotes, or double the backslash: `\\\\%s`", Printable(string(r))),
		}
	}
	return nil
}

// textAfterQuote finds a quoted value with more text behind it.
func textAfterQuote(lines []yaml.Line, i int) *Fault {
	text := lines[i].Text
	value := valueOffset(text)
	if value >= len(text) || text[value] != '"' && text[value] != '\'' {
		return nil
	}
	end := value + yaml.QuotedLength(text[value:])
	rest := bytes.TrimLeft(text[min(end, len(text)):], " \t")
	if len(rest) == 0 || rest[0] == '#' || rest[0] == ':' || rest[0] == ',' {
		return nil
	}
	help := "put the whole value into quotes, or none of it"
	if text[value] == '\'' {
		help = "put the whole value into quotes; a single quote inside single quotes is written twice ('')"
	}
	off := len(text) - len(rest)
	return &Fault{
		Pos: lines[i].Pos(column(text, off)), End: lineEnd(lines[i]),
		Message: fmt.Sprintf("found `%s` behind a closing quote, where the line should end", excerpt(rest)),
		Help:    help,
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
