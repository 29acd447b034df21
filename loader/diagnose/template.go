package diagnose

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// HasPlaceholder reports whether text holds a placeholder of one of the usual
// template languages.
func HasPlaceholder(text []byte) bool {
	if i := bytes.Index(text, []byte("{{")); i >= 0 && bytes.Contains(text[i:], []byte("}}")) {
		return true
	}
	if i := bytes.Index(text, []byte("${")); i >= 0 && bytes.IndexByte(text[i:], '}') > 0 {
		return true
	}
	// `%{ if … }` is a directive of Terraform's templates:
	// https://developer.hashicorp.com/terraform/language/expressions/strings#directives
	return bytes.Contains(text, []byte("%{")) || bytes.Contains(text, []byte("{%")) || bytes.Contains(text, []byte("<%"))
}

// isTemplate decides why a text with placeholders does not parse: it is a
// template if the error lies at one of them, or goes away with them.
func isTemplate(data []byte, lines []yaml.Line, culprit int) bool {
	if isBraceValue(lines[culprit].Text) {
		return true
	}
	if !HasPlaceholder(data) {
		return false
	}
	for i := max(culprit-1, 0); i <= culprit && i < len(lines); i++ {
		text := lines[i].Text
		if yaml.Insignificant(text) {
			continue
		}
		if HasPlaceholder(text) || bytes.Contains(text, []byte("{{")) || bytes.Contains(text, []byte("}}")) {
			return true
		}
	}
	return yaml.Check(bytes.NewReader(withoutPlaceholders(data))) == ""
}

// isBraceValue reports whether a line's value begins with `{name}` and goes on,
// as in `image: {username}/server`: to be filled in by the reader who copies it.
func isBraceValue(text []byte) bool {
	value := text[min(valueOffset(text), len(text)):]
	if len(value) == 0 || value[0] != '{' {
		return false
	}
	end := bytes.IndexByte(value, '}')
	return end > 1 && yaml.IsName(value[1:end]) && end+1 < len(value) && !bytes.ContainsAny(value[end+1:end+2], " \t,]}#")
}

// withoutPlaceholders renders a template crudely: lines that are nothing but an
// action vanish, other actions become a word.
func withoutPlaceholders(data []byte) []byte {
	const action = `(?s:\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|\$\{[^}\n]*\})`
	alone := regexp.MustCompile(`(?m)^[ \t]*(?:` + action + `[ \t]*)+\r?$`)
	inline := regexp.MustCompile(action)
	return inline.ReplaceAll(alone.ReplaceAll(data, nil), []byte("x"))
}

// SniffKinds finds the kinds that an unreadable text would have defined: its
// `kind:` lines of least indentation. A text without one may define any kind,
// which is "".
func SniffKinds(data []byte, at yaml.Pos) []string {
	lines := yaml.Lines(data, at)
	const most = 50 // beyond, it is not a manifest, and may be anything
	var kinds []string
	least := -1
	for _, l := range lines {
		text := withoutLineNumber(l.Text)
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
func flowKind(lines []yaml.Line) string {
	for _, l := range lines {
		if len(l.Text) > 0 && l.Text[0] == '{' {
			if _, value, ok := bytes.Cut(l.Text, []byte(`"kind":`)); ok {
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
