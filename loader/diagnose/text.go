package diagnose

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable writes text for a message: what a terminal would hide or obey is
// shown by its code point.
func Printable(text string) string {
	plain := true
	for _, r := range text {
		plain = plain && isPrintable(r)
	}
	if plain {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if isPrintable(r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "U+%04X", r)
	}
	return b.String()
}

// isPrintable reports whether a terminal shows a character and does not obey it.
func isPrintable(r rune) bool {
	return r == ' ' || r != utf8.RuneError && unicode.IsGraphic(r) && !unicode.IsSpace(r)
}

// excerpt is the part of a line that a message may quote.
func excerpt(line []byte) string {
	const most = 60
	text := []rune(string(bytes.TrimSpace(line)))
	if len(text) > most {
		return Printable(string(text[:most])) + "…"
	}
	return Printable(string(text))
}

// isOddSpace reports whether r looks like a space, or like nothing, and is not
// a space to YAML.
func isOddSpace(r rune) bool {
	switch r {
	case '\u00A0', '\u200B', '\u202F', '\u205F', '\u2060', '\u3000', '\uFEFF':
		return true
	}
	return r >= '\u2000' && r <= '\u200A'
}

// indentation splits a line into what looks like its indentation and the rest.
func indentation(line []byte) (indent, rest []byte) {
	for off := 0; off < len(line); {
		r, size := utf8.DecodeRune(line[off:])
		if r != ' ' && r != '\t' && !isOddSpace(r) {
			return line[:off], line[off:]
		}
		off += size
	}
	return line, nil
}

// oddRune returns the first space of text that is none to YAML.
func oddRune(text []byte) (rune, int, bool) {
	col := 1
	for _, r := range string(text) {
		if isOddSpace(r) {
			return r, col, true
		}
		col++
	}
	return 0, 0, false
}
