package rego

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// readable writes OPA's errors in one line each: file:line: what is wrong.
func readable(err error) error {
	var list ast.Errors
	if !errors.As(err, &list) {
		return err
	}
	var lines []string
	for _, e := range list {
		text := e.Message
		if d, ok := e.Details.(*ast.RefErrInvalidDetail); ok {
			text = undefinedField(d)
		}
		if e.Location != nil {
			text = fmt.Sprintf("%s:%d: %s", e.Location.File, e.Location.Row, text)
		}
		lines = append(lines, text)
	}
	slices.Sort(lines)
	return errors.New(strings.Join(slices.Compact(lines), "\n"))
}

func undefinedField(d *ast.RefErrInvalidDetail) string {
	text := fmt.Sprintf("no such field: %s", d.Ref)
	var known []string
	for _, v := range d.OneOf {
		if s, ok := v.(ast.String); ok {
			known = append(known, string(s))
		}
	}
	if len(known) == 0 {
		return text
	}
	have := ""
	if s, ok := d.Ref[d.Pos].Value.(ast.String); ok {
		have = string(s)
	}
	return fmt.Sprintf("%s; one of %s%s", text, strings.Join(known, ", "), DidYouMean(have, known))
}

// DidYouMean ends a sentence about an unknown name with the known one that was
// most likely meant (fact.Nearest). It is empty where none is near.
func DidYouMean(name string, known []string) string {
	near := fact.Nearest(name, known)
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean `%s`?", near)
}
