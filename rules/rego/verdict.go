package rego

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
)

// maxText limits each value that a rule returns.
const maxText = 300

// maxResults limits what one evaluation may return.
const maxResults = 1000

// Verdict is one result of a rule, with the shape that it must have.
type Verdict struct {
	At       []any             // names and indices that lead into the facts
	Field    []any             // from the object's root, instead of the fact's own path
	Message  string            // variant; empty is the rule's own message
	Severity string            // empty is the rule's own
	Values   map[string]string // of placeholders
	Related  []Related

	term *ast.Term
}

// Related is another place that a result involves.
type Related struct {
	At   []any
	Note string
}

// String is the result as Rego writes it, shortened.
func (v *Verdict) String() string { return shorten(v.term.String()) }

func verdicts(set ast.Set) ([]Verdict, error) {
	if set.Len() > maxResults {
		return nil, fmt.Errorf("%d results; at most %d are taken", set.Len(), maxResults)
	}
	out := make([]Verdict, 0, set.Len())
	for _, t := range set.Slice() {
		v := Verdict{term: t}
		if err := v.readObject(); err != nil {
			return nil, fmt.Errorf("result %s: %w", v.String(), err)
		}
		out = append(out, v)
	}
	return out, nil
}

func (v *Verdict) readObject() error {
	object, ok := v.term.Value.(ast.Object)
	if !ok {
		return errors.New(`is no object such as {"at": ["ports", i]}`)
	}
	if object.Get(ast.StringTerm("at")) == nil {
		return errors.New(`has no "at"`)
	}
	return object.Iter(func(key, value *ast.Term) error { return v.read(key, value.Value) })
}

// read takes one field of a result.
func (v *Verdict) read(key *ast.Term, value ast.Value) (err error) {
	step, _ := key.Value.(ast.String)
	name := string(step)
	switch name {
	case "at":
		v.At, err = readPath(value)
	case "field":
		v.Field, err = readPath(value)
	case "message":
		v.Message, err = readText(value)
	case "severity":
		v.Severity, err = readText(value)
		if err == nil && v.Severity == "" {
			err = errors.New("is empty")
		}
	case "values":
		v.Values, err = readValues(value)
	case "related":
		v.Related, err = readRelated(value)
	default:
		known := []string{"at", "field", "message", "related", "severity", "values"}
		return fmt.Errorf("unknown field %s; one of %s%s", key, strings.Join(known, ", "), DidYouMean(name, known))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func readPath(value ast.Value) ([]any, error) {
	list, ok := value.(*ast.Array)
	if !ok {
		return nil, errors.New("is no list of names and indices")
	}
	path := make([]any, 0, list.Len())
	for i := range list.Len() {
		switch step := list.Elem(i).Value.(type) {
		case ast.String:
			path = append(path, string(step))
		case ast.Number:
			n, ok := step.Int()
			if !ok {
				return nil, fmt.Errorf("%s is no index", step)
			}
			path = append(path, n)
		default:
			return nil, fmt.Errorf("%s is neither a name nor an index", step)
		}
	}
	return path, nil
}

func readText(value ast.Value) (string, error) {
	var text string
	switch v := value.(type) {
	case ast.String:
		text = string(v)
	case ast.Number:
		text = v.String()
	default:
		return "", fmt.Errorf("%s is no text", shorten(v.String()))
	}
	if utf8.RuneCountInString(text) > maxText {
		return "", fmt.Errorf("is longer than %d characters", maxText)
	}
	return text, nil
}

func readValues(value ast.Value) (map[string]string, error) {
	object, ok := value.(ast.Object)
	if !ok {
		return nil, errors.New("is no object")
	}
	out := make(map[string]string, object.Len())
	err := object.Iter(func(key, value *ast.Term) error {
		name, ok := key.Value.(ast.String)
		if !ok {
			return fmt.Errorf("%s is no name", key)
		}
		text, err := readText(value.Value)
		out[string(name)] = text
		return err
	})
	return out, err
}

func readRelated(value ast.Value) ([]Related, error) {
	list, ok := value.(*ast.Array)
	if !ok {
		return nil, errors.New("is no list")
	}
	var out []Related
	for i := range list.Len() {
		object, ok := list.Elem(i).Value.(ast.Object)
		if !ok || object.Len() != 2 || object.Get(ast.StringTerm("at")) == nil || object.Get(ast.StringTerm("note")) == nil {
			return nil, errors.New(`an entry is {"at": [...], "note": "..."}`)
		}
		at, err := readPath(object.Get(ast.StringTerm("at")).Value)
		if err != nil {
			return nil, err
		}
		name, err := readText(object.Get(ast.StringTerm("note")).Value)
		if err != nil {
			return nil, err
		}
		out = append(out, Related{at, name})
	}
	return out, nil
}

func shorten(s string) string {
	const limit = 120
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
