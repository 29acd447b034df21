package loader

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// decoded is a file's content as UTF-8. Each byte or unit that was no valid text
// became U+FFFD; bad has the offsets of these.
type decoded struct {
	data []byte
	bad  []int
	// binary tells that the content is no text at all.
	binary bool
}

// decodeText turns what a file holds into UTF-8 without a byte order mark.
func decodeText(raw []byte) decoded {
	switch {
	case bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF")):
		raw = raw[3:]
	case bytes.HasPrefix(raw, []byte("\xFF\xFE")):
		return decodeUTF16(raw[2:], binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte("\xFE\xFF")):
		return decodeUTF16(raw[2:], binary.BigEndian)
	default:
		if order := guessUTF16(raw); order != nil {
			return decodeUTF16(raw, order)
		}
	}
	const head = 8000 // how far git looks for a NUL to call a file binary
	if bytes.IndexByte(raw[:min(len(raw), head)], 0) >= 0 {
		return decoded{data: raw[:0], binary: true}
	}
	if utf8.Valid(raw) {
		return decoded{data: raw}
	}
	return replaceInvalid(raw)
}

// guessUTF16 recognises UTF-16 without a mark by the NUL in every other byte
// of the ASCII characters that any manifest begins with.
func guessUTF16(raw []byte) binary.ByteOrder {
	if len(raw) < 4 || len(raw)%2 != 0 {
		return nil
	}
	switch {
	case raw[0] != 0 && raw[1] == 0 && raw[2] != 0 && raw[3] == 0:
		return binary.LittleEndian
	case raw[0] == 0 && raw[1] != 0 && raw[2] == 0 && raw[3] != 0:
		return binary.BigEndian
	}
	return nil
}

func decodeUTF16(raw []byte, order binary.ByteOrder) decoded {
	out := decoded{data: make([]byte, 0, len(raw)/2+len(raw)/8)}
	for len(raw) > 1 {
		r := rune(order.Uint16(raw))
		raw = raw[2:]
		if utf16.IsSurrogate(r) {
			pair := rune(utf8.RuneError)
			if len(raw) > 1 {
				pair = utf16.DecodeRune(r, rune(order.Uint16(raw)))
			}
			if pair == utf8.RuneError {
				out.bad = append(out.bad, len(out.data))
			} else {
				raw = raw[2:]
			}
			r = pair
		}
		out.data = utf8.AppendRune(out.data, r)
	}
	if len(raw) == 1 {
		out.bad = append(out.bad, len(out.data))
		out.data = utf8.AppendRune(out.data, utf8.RuneError)
	}
	return out
}

func replaceInvalid(raw []byte) decoded {
	out := decoded{data: make([]byte, 0, len(raw)+len(raw)/8)}
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r == utf8.RuneError && size == 1 {
			out.bad = append(out.bad, len(out.data))
		}
		out.data = utf8.AppendRune(out.data, r)
		raw = raw[size:]
	}
	return out
}

// firstBad finds the first invalid text between two offsets.
func (d decoded) firstBad(start, end int, at Pos) (Pos, bool) {
	for _, off := range d.bad {
		if off >= start && off < end {
			return advance(at, d.data[start:off]), true
		}
	}
	return Pos{}, false
}
