package yaml

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// Decoded is a file's content as UTF-8. Each byte or unit that was no valid text
// became U+FFFD; bad has the offsets of these.
type Decoded struct {
	Data []byte
	bad  []int
	// binary tells that the content is not text at all.
	Binary bool
}

// Decode turns what a file holds into UTF-8 without a byte order mark.
func Decode(raw []byte) Decoded {
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
		return Decoded{Data: raw[:0], Binary: true}
	}
	if utf8.Valid(raw) {
		return Decoded{Data: raw}
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

func decodeUTF16(raw []byte, order binary.ByteOrder) Decoded {
	out := Decoded{Data: make([]byte, 0, len(raw)/2+len(raw)/8)}
	for len(raw) > 1 {
		r := rune(order.Uint16(raw))
		raw = raw[2:]
		if utf16.IsSurrogate(r) {
			pair := rune(utf8.RuneError)
			if len(raw) > 1 {
				pair = utf16.DecodeRune(r, rune(order.Uint16(raw)))
			}
			if pair == utf8.RuneError {
				out.bad = append(out.bad, len(out.Data))
			} else {
				raw = raw[2:]
			}
			r = pair
		}
		out.Data = utf8.AppendRune(out.Data, r)
	}
	if len(raw) == 1 {
		out.bad = append(out.bad, len(out.Data))
		out.Data = utf8.AppendRune(out.Data, utf8.RuneError)
	}
	return out
}

func replaceInvalid(raw []byte) Decoded {
	out := Decoded{Data: make([]byte, 0, len(raw)+len(raw)/8)}
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r == utf8.RuneError && size == 1 {
			out.bad = append(out.bad, len(out.Data))
		}
		out.Data = utf8.AppendRune(out.Data, r)
		raw = raw[size:]
	}
	return out
}

// FirstBad finds the first invalid text between two offsets.
func (d Decoded) FirstBad(start, end int, at Pos) (Pos, bool) {
	for _, off := range d.bad {
		if off >= start && off < end {
			return Advance(at, d.Data[start:off]), true
		}
	}
	return Pos{}, false
}
