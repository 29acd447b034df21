package rego

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// schema is as much of a JSON schema as tells the values of a fact.
type schema struct {
	Properties map[string]*schema
	Items      *schema
	Enum       []string
}

// values returns what may stand at a path, nil if that is not a closed list.
func (s *schema) values(path []string) []string {
	for _, step := range path {
		if s == nil {
			return nil
		}
		if step == anyStep {
			s = s.Items
			continue
		}
		s = s.Properties[step]
	}
	if s == nil {
		return nil
	}
	return s.Enum
}

// checkValues refuses comparisons with a text that the fact never is. OPA's
// type checker knows fields, but no values.
func (s *scan) checkValues(facts *schema) error {
	var errs []error
	check := func(fact, constant *ast.Term, below ...string) {
		for _, path := range s.pathsOf(fact) {
			errs = append(errs, facts.compare(append(path, below...), constant))
		}
	}
	for _, r := range s.rules {
		ast.WalkExprs(r, func(e *ast.Expr) bool {
			if !e.IsCall() || len(e.Operands()) != 2 {
				return false
			}
			switch a, b := e.Operand(0), e.Operand(1); e.Operator().String() {
			case "eq", "equal", "neq":
				check(a, b)
				check(b, a)
			case "internal.member_2":
				check(a, b)
				check(b, a, anyStep)
			}
			return false
		})
	}
	return errors.Join(errs...)
}

// compare checks the texts of a constant against what may stand at a path.
func (s *schema) compare(path []string, constant *ast.Term) error {
	known := s.values(path)
	for _, text := range textsOf(constant) {
		if known != nil && !slices.Contains(known, text) {
			return fmt.Errorf("%s:%d: `%s` is no value of input.%s; one of %s%s", constant.Location.File, constant.Location.Row,
				text, strings.Join(path, "."), strings.Join(known, ", "), DidYouMean(text, known))
		}
	}
	return nil
}

// pathsOf returns which facts a term may be.
func (s *scan) pathsOf(t *ast.Term) [][]string {
	switch v := t.Value.(type) {
	case ast.Ref:
		return s.paths(v)
	case ast.Var:
		return s.paths(ast.Ref{t})
	}
	return nil
}

// textsOf returns the text of a constant, or the texts of a constant collection.
func textsOf(t *ast.Term) []string {
	var out []string
	add := func(t *ast.Term) {
		if s, ok := t.Value.(ast.String); ok {
			out = append(out, string(s))
		}
	}
	add(t)
	switch v := t.Value.(type) {
	case ast.Set:
		v.Foreach(add)
	case *ast.Array:
		v.Foreach(add)
	}
	return out
}
