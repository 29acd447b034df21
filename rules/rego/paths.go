package rego

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// checkPaths refuses an "at" that leads to no fact, in a result or in one of
// its related places. Of a step that is not a constant it is known only that
// it is an index or some field.
func (s *scan) checkPaths(facts *schema, input string) error {
	var errs []error
	for _, r := range s.rules {
		ast.WalkTerms(r, func(t *ast.Term) bool {
			if object, ok := t.Value.(ast.Object); ok {
				if at := object.Get(ast.StringTerm("at")); at != nil {
					errs = append(errs, facts.leads(input, at))
				}
			}
			return false
		})
	}
	return errors.Join(errs...)
}

// leads follows the steps of an "at" from the facts of an input.
func (s *schema) leads(input string, at *ast.Term) error {
	steps, ok := at.Value.(*ast.Array)
	if !ok {
		return nil // a variable, or no path at all: that is seen when the rule fires
	}
	here, path := []*schema{s.Properties[input]}, "input."+input
	for i := range steps.Len() {
		next, known := step(here, steps.Elem(i).Value)
		name := anyStep
		switch v := steps.Elem(i).Value.(type) {
		case ast.String:
			name = string(v)
		case ast.Number:
			name = v.String()
		}
		path += "." + name
		if len(next) > 0 {
			here = next
			continue
		}
		text := "no such fact: " + path
		if len(known) > 0 {
			text += "; one of " + strings.Join(known, ", ") + DidYouMean(name, known)
		}
		return fmt.Errorf("%s:%d: %s", at.Location.File, at.Location.Row, text)
	}
	return nil
}

// step returns what one step may lead to, and the names that it could be.
func step(from []*schema, to ast.Value) (next []*schema, known []string) {
	for _, f := range from {
		name, constant := to.(ast.String)
		_, number := to.(ast.Number)
		names := slices.Sorted(maps.Keys(f.Properties))
		known = append(known, names...)
		for _, n := range names {
			if !number && (!constant || string(name) == n) {
				next = append(next, f.Properties[n])
			}
		}
		if f.Items != nil && !constant {
			next = append(next, f.Items)
		}
	}
	slices.Sort(known)
	return next, slices.Compact(known)
}
