package loader

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// hasPlaceholder reports whether text holds a placeholder of one of the usual
// template languages.
func hasPlaceholder(text []byte) bool {
	if i := bytes.Index(text, []byte("{{")); i >= 0 && bytes.Contains(text[i:], []byte("}}")) {
		return true
	}
	if i := bytes.Index(text, []byte("${")); i >= 0 && bytes.IndexByte(text[i:], '}') > 0 {
		return true
	}
	return bytes.Contains(text, []byte("{%")) || bytes.Contains(text, []byte("<%"))
}

// isTemplate decides why a text with placeholders does not parse: it is a
// template if the error lies at one of them, or goes away with them.
func isTemplate(data []byte, lines []textLine, culprit int) bool {
	if isBraceValue(lines[culprit].text) {
		return true
	}
	if !hasPlaceholder(data) {
		return false
	}
	for i := max(culprit-1, 0); i <= culprit && i < len(lines); i++ {
		text := lines[i].text
		if insignificant(text) {
			continue
		}
		if hasPlaceholder(text) || bytes.Contains(text, []byte("{{")) || bytes.Contains(text, []byte("}}")) {
			return true
		}
	}
	return parserError(bytes.NewReader(withoutPlaceholders(data))) == ""
}

// isBraceValue reports whether a line's value begins with `{name}` and goes on,
// as in `image: {username}/server`: to be filled in by whoever copies it.
func isBraceValue(text []byte) bool {
	value := text[min(valueOffset(text), len(text)):]
	if len(value) == 0 || value[0] != '{' {
		return false
	}
	end := bytes.IndexByte(value, '}')
	return end > 1 && isKey(value[1:end]) && end+1 < len(value) && !bytes.ContainsAny(value[end+1:end+2], " \t,]}#")
}

// withoutPlaceholders renders a template crudely: lines that are nothing but an
// action vanish, other actions become a word.
func withoutPlaceholders(data []byte) []byte {
	const action = `(?s:\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|\$\{[^}\n]*\})`
	alone := regexp.MustCompile(`(?m)^[ \t]*(?:` + action + `[ \t]*)+\r?$`)
	inline := regexp.MustCompile(action)
	return inline.ReplaceAll(alone.ReplaceAll(data, nil), []byte("x"))
}

// sniffKinds finds the kinds that an unreadable text would have defined: its
// `kind:` lines of least indentation. A text without one may define any kind,
// which is "".
func sniffKinds(data []byte, at Pos) []string {
	lines := textLines(data, at)
	const most = 50 // beyond, it is no manifest, and may be anything
	var kinds []string
	least := -1
	for _, l := range lines {
		text := withoutLineNumber(l.text)
		indent, rest := indentation(text)
		value, ok := cutKindKey(rest)
		if !ok || least >= 0 && len(indent) > least {
			continue
		}
		if least < 0 || len(indent) < least {
			least, kinds = len(indent), nil
		}
		if kind := cleanKind(value); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
		if len(kinds) > most {
			return []string{""}
		}
	}
	if kinds == nil {
		kinds = []string{flowKind(lines)}
	}
	return kinds
}

// flowKind finds the kind of a text that is written on one line, as JSON often
// is.
func flowKind(lines []textLine) string {
	for _, l := range lines {
		if len(l.text) > 0 && l.text[0] == '{' {
			if _, value, ok := bytes.Cut(l.text, []byte(`"kind":`)); ok {
				value, _, _ = bytes.Cut(value, []byte{','})
				return cleanKind(bytes.TrimRight(value, "} "))
			}
		}
	}
	return ""
}

func cutKindKey(text []byte) ([]byte, bool) {
	for _, key := range []string{"kind:", `"kind":`, "'kind':"} {
		if value, ok := bytes.CutPrefix(text, []byte(key)); ok {
			return value, true
		}
	}
	return nil, false
}

// cleanKind returns the kind that a `kind:` line names, "" for a placeholder or
// a list of who knows what.
func cleanKind(value []byte) string {
	fields := bytes.Fields(value)
	if len(fields) == 0 {
		return ""
	}
	kind := string(bytes.Trim(fields[0], `"',`))
	for _, r := range kind {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return ""
		}
	}
	return strings.TrimSuffix(kind, "List") // PodList has Pods, and List anything
}
