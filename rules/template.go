package rules

import (
	"fmt"
	"strings"
)

// template is a text with {placeholders}: literal text at even indices, names
// at odd ones. What is filled in is never looked at for placeholders again.
type template []string

// parseTemplate takes `{}` for itself: manifests are full of it.
func parseTemplate(text string) (template, error) {
	t := template{""}
	for {
		literal, rest, found := strings.Cut(text, "{")
		t[len(t)-1] += literal
		if strings.Contains(literal, "}") {
			return nil, fmt.Errorf("`}` without `{` in %q", literal)
		}
		if !found {
			return t, nil
		}
		name, after, _ := strings.Cut(rest, "}")
		text = after
		switch {
		case strings.HasPrefix(rest, "}"):
			t[len(t)-1] += "{}"
		case isPlaceholder(name):
			t = append(t, name, "")
		default:
			return nil, fmt.Errorf("`{%s` is no placeholder: {name}, in lower case", name)
		}
	}
}

func isPlaceholder(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// names returns the placeholders in order of their use.
func (t template) names() []string {
	var out []string
	for i := 1; i < len(t); i += 2 {
		out = append(out, t[i])
	}
	return out
}

func (t template) fill(value func(name string) string) string {
	var b strings.Builder
	for i, s := range t {
		if i%2 == 1 {
			s = value(s)
		}
		b.WriteString(s)
	}
	return b.String()
}
