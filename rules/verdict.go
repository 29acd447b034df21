package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/rules/rego"
)

// verdict is one result of a rule, with the texts that it chose.
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

// verdicts checks what a rule answered against what its annotations promise.
func (r *rule) verdicts(answers []rego.Verdict) ([]verdict, error) {
	out := make([]verdict, 0, len(answers))
	for i := range answers {
		v, err := r.verdict(&answers[i])
		if err != nil {
			return nil, fmt.Errorf("result %s: %w", answers[i].String(), err)
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *rule) verdict(a *rego.Verdict) (verdict, error) {
	v := verdict{at: a.At, field: a.Field, variant: a.Message, severity: r.Severity, values: a.Values}
	if a.Severity != "" {
		s, ok := ParseSeverity(a.Severity)
		if !ok {
			return v, fmt.Errorf("unknown severity `%s`; one of %s", a.Severity, strings.Join(SeverityNames(), ", "))
		}
		v.severity = s
	}
	if _, ok := r.messages[v.variant]; !ok {
		return v, fmt.Errorf("custom.messages has no %q", v.variant)
	}
	for _, name := range slices.Sorted(maps.Keys(v.values)) {
		if !isPlaceholder(name) {
			return v, fmt.Errorf("values: %q is no placeholder", name)
		}
	}
	for _, rel := range a.Related {
		note, ok := r.notes[rel.Note]
		if !ok {
			return v, fmt.Errorf("custom.notes has no %q", rel.Note)
		}
		v.related = append(v.related, relation{rel.At, note})
	}
	return v, nil
}
