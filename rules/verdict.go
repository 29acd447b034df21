package rules

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// maxText limits each value that a rule returns.
const maxText = 300

// verdict is one result of a rule, checked.
type verdict struct {
	at       []any     // leads into the facts
	field    yaml.Path // from the object's root, instead of the fact's own path
	variant  string    // of the message
	severity Severity
	values   map[string]string
	related  []relation
}

type relation struct {
	at   []any
	note template
}

func (r *rule) verdicts(set ast.Set) ([]verdict, error) {
	if set.Len() > maxResults {
		return nil, fmt.Errorf("%d results; at most %d are taken", set.Len(), maxResults)
	}
	out := make([]verdict, 0, set.Len())
	for _, t := range set.Slice() {
		v, err := r.verdict(t)
		if err != nil {
			return nil, fmt.Errorf("result %s: %w", shorten(t.String()), err)
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *rule) verdict(t *ast.Term) (verdict, error) {
	v := verdict{severity: r.Severity}
	object, ok := t.Value.(ast.Object)
	if !ok {
		return v, errors.New(`is no object such as {"at": ["ports", i]}`)
	}
	if object.Get(ast.StringTerm("at")) == nil {
		return v, errors.New(`has no "at"`)
	}
	err := object.Iter(func(key, value *ast.Term) error { return r.read(&v, key, value.Value) })
	if err == nil {
		if _, ok := r.messages[v.variant]; !ok {
			err = fmt.Errorf("custom.messages has no %q", v.variant)
		}
	}
	return v, err
}

// read takes one field of a result.
func (r *rule) read(v *verdict, key *ast.Term, value ast.Value) (err error) {
	step, _ := key.Value.(ast.String)
	name := string(step)
	switch name {
	case "at":
		v.at, err = readPath(value)
	case "field":
		v.field, err = readPath(value)
	case "message":
		v.variant, err = readText(value)
	case "severity":
		v.severity, err = readSeverity(value)
	case "values":
		v.values, err = readValues(value)
	case "related":
		v.related, err = r.readRelated(value)
	default:
		known := []string{"at", "field", "message", "related", "severity", "values"}
		return fmt.Errorf("unknown field %s; one of %s%s", key, strings.Join(known, ", "), near(name, known))
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

func readSeverity(value ast.Value) (Severity, error) {
	name, err := readText(value)
	if err != nil {
		return 0, err
	}
	s, ok := ParseSeverity(name)
	if !ok {
		return 0, fmt.Errorf("unknown severity `%s`; one of %s", name, strings.Join(SeverityNames(), ", "))
	}
	return s, nil
}

func readValues(value ast.Value) (map[string]string, error) {
	object, ok := value.(ast.Object)
	if !ok {
		return nil, errors.New("is no object")
	}
	out := make(map[string]string, object.Len())
	err := object.Iter(func(key, value *ast.Term) error {
		name, ok := key.Value.(ast.String)
		if !ok || !isPlaceholder(string(name)) {
			return fmt.Errorf("%s is no placeholder", key)
		}
		text, err := readText(value.Value)
		out[string(name)] = text
		return err
	})
	return out, err
}

func (r *rule) readRelated(value ast.Value) ([]relation, error) {
	list, ok := value.(*ast.Array)
	if !ok {
		return nil, errors.New("is no list")
	}
	var out []relation
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
		note, ok := r.notes[name]
		if !ok {
			return nil, fmt.Errorf("custom.notes has no %q", name)
		}
		out = append(out, relation{at, note})
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
