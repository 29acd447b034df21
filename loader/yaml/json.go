package yaml

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
)

// jsonForYAML makes JSON digestible for a YAML parser, which rejects two things
// that JSON allows: tabs as indentation and surrogate pairs in escapes. Every
// token keeps its place.
func jsonForYAML(data []byte) []byte {
	text := skipSpace(data)
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return data
	}
	if bytes.IndexByte(data, '\t') < 0 && !bytes.Contains(data, []byte(`\u`)) {
		return data
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		switch data[i] {
		case '\t':
			out = append(out, ' ')
			i++
		case '"':
			n := jsonString(data[i:])
			out = appendJSONString(out, data[i:i+n])
			i += n
		default:
			out = append(out, data[i])
			i++
		}
	}
	return out
}

// jsonString returns the length of the string that data begins with.
func jsonString(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// appendJSONString writes surrogate pairs as one escape and makes up for the
// two characters that this saves behind the closing quote.
func appendJSONString(out, text []byte) []byte {
	saved := 0
	for i := 0; i < len(text); {
		if text[i] == '\\' && i+1 < len(text) {
			if r, ok := surrogatePair(text[i:]); ok {
				out = fmt.Appendf(out, `\U%08x`, r)
				i += 12
				saved++
				continue
			}
			out = append(out, text[i], text[i+1])
			i += 2
			continue
		}
		out = append(out, text[i])
		i++
	}
	return append(out, bytes.Repeat([]byte("  "), saved)...)
}

func surrogatePair(text []byte) (rune, bool) {
	if len(text) < 12 || text[1] != 'u' || text[6] != '\\' || text[7] != 'u' {
		return 0, false
	}
	high, err1 := strconv.ParseUint(string(text[2:6]), 16, 16)
	low, err2 := strconv.ParseUint(string(text[8:12]), 16, 16)
	if err1 != nil || err2 != nil {
		return 0, false
	}
	r := utf16.DecodeRune(rune(high), rune(low))
	return r, r != 0xFFFD
}
