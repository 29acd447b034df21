package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// encode writes v for programs and for people who look: indented by two
// blanks, `<` as it is, nothing hidden.
func encode(w *bytes.Buffer, v any) error {
	var compact bytes.Buffer
	e := json.NewEncoder(&compact)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	w.Grow(3 * compact.Len())
	indent(w, compact.Bytes())
	return nil
}

// indent lays out compact JSON as json.Indent does, which parses it once more
// and so takes longer than the encoding itself.
func indent(w *bytes.Buffer, compact []byte) {
	margin := []byte{'\n'}
	newline := func() { w.Write(margin) }
	for i := 0; i < len(compact); i++ {
		switch c := compact[i]; c {
		case '"':
			n := stringLength(compact[i:])
			plainString(w, compact[i:i+n])
			i += n - 1
		case '{', '[':
			w.WriteByte(c)
			if next := compact[i+1]; next == '}' || next == ']' {
				w.WriteByte(next)
				i++
				continue
			}
			margin = append(margin, "  "...)
			newline()
		case '}', ']':
			margin = margin[:len(margin)-2]
			newline()
			w.WriteByte(c)
		case ',':
			w.WriteByte(c)
			newline()
		case ':':
			w.WriteString(": ")
		default:
			w.WriteByte(c)
		}
	}
}

// stringLength is the length of the JSON string that src begins with.
func stringLength(src []byte) int {
	for i := 1; ; i++ {
		switch src[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// plainString writes a JSON string with its hidden characters escaped: the same
// value, and harmless in a terminal or a CI log.
func plainString(w *bytes.Buffer, src []byte) {
	done := 0
	for i := 0; i < len(src); {
		if src[i] < 0x7f {
			i++
			continue
		}
		r, size := utf8.DecodeRune(src[i:])
		if isHidden(r) {
			w.Write(src[done:i])
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(w, `\u%04x`, unit)
			}
			done = i + size
		}
		i += size
	}
	w.Write(src[done:])
}
