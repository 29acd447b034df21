package report

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// isHidden tells the characters that a reader does not see or that move what he
// sees: control characters (a terminal obeys them), bidirectional overrides and
// everything else of the format category, such as a zero-width space that makes
// two names look equal, and the two separators that editors break lines at.
func isHidden(r rune) bool {
	switch {
	case r < ' ' || r >= 0x7f && r < 0xa0:
		return true
	case r < 0xa0:
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// visible shows hidden characters of foreign text as \u{1b}. It is always one
// line.
func visible(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return escapeHidden(s)
		}
	}
	return s
}

func escapeHidden(s string) string {
	var b strings.Builder
	for _, r := range s { // bytes that are no UTF-8 become U+FFFD here
		if isHidden(r) {
			b.WriteString(escape(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func escape(r rune) string { return `\u{` + strconv.FormatInt(int64(r), 16) + `}` }

// columns is how many columns of a terminal r takes.
func columns(r rune) int {
	if r < 0x7f {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth: // emoji too
		return 2
	case width.Neutral, width.EastAsianAmbiguous, width.EastAsianNarrow, width.EastAsianHalfwidth:
	}
	return 1
}
