package analyzer

import (
	"fmt"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// The answers' words are short: who reads them has the policies at hand.
const (
	fewRules  = 3
	fewValues = 4
)

// when says which HTTP requests a conditional answer allows.
func (t *tally) when() string {
	allowed := t.alternatives("ALLOW")
	parts := []string{}
	if t.allow != always && len(allowed) > 0 {
		parts = append(parts, strings.Join(few(allowed, fewRules), " or "))
	}
	if denied := t.alternatives("DENY"); len(denied) > 0 {
		parts = append(parts, "not "+strings.Join(few(denied, fewRules), ", not "))
	}
	for _, name := range t.providers {
		where := ""
		if texts := t.alternatives("CUSTOM"); len(texts) > 0 {
			where = " for " + strings.Join(few(texts, fewRules), " or ")
		}
		parts = append(parts, "as provider `"+name+"` decides"+where)
	}
	return strings.Join(parts, "; ")
}

// few keeps the first items and counts the others.
func few(items []string, most int) []string {
	if len(items) <= most {
		return items
	}
	return append(items[:most:most], fmt.Sprintf("%d more", len(items)-most))
}

// alternatives describes the HTTP side of each rule of an action that matches
// some requests.
func (t *tally) alternatives(action string) []string {
	var out []string
	for _, m := range t.matched {
		if m.how == sometimes && m.rule.policy.action() == action {
			out = append(out, m.text)
		}
	}
	return out
}

// text describes what a rule that matches some of the caller's requests asks of
// them; what the caller and the port decide is left out.
func (q *authzQuestion) text(r *authzRule) string {
	var parts []string
	for _, list := range [][][]condition{r.to, r.from} {
		if text := q.itemsText(list); text != "" {
			parts = append(parts, text)
		}
	}
	if text := q.conditionsText(r.when); text != "" {
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// itemsText: an item that always matches makes the others idle.
func (q *authzQuestion) itemsText(items [][]condition) string {
	var texts []string
	for _, item := range items {
		switch q.allOf(item, func(*condition) bool { return false }) {
		case always:
			return ""
		case sometimes:
			texts = append(texts, q.conditionsText(item))
		case never, unclear:
		}
	}
	return strings.Join(few(texts, fewRules), " or ")
}

func (q *authzQuestion) conditionsText(conditions []condition) string {
	var parts []string
	for i := range conditions {
		if c := &conditions[i]; q.meets(c) == sometimes {
			parts = append(parts, c.text())
		}
	}
	return strings.Join(parts, " ")
}

func (c *condition) text() string {
	noun := map[attribute]string{
		byMethod: "", byPath: "", byHost: "host ", byHeader: "header " + c.name + " ",
		byRequestPrincipal: "token of ", byClaim: "token with " + c.name + " ",
	}[c.attr]
	var parts []string
	if len(c.values) > 0 {
		parts = append(parts, noun+strings.Join(few(c.values, fewValues), "|"))
	}
	if len(c.not) > 0 {
		parts = append(parts, "no "+noun+strings.Join(few(c.not, fewValues), "|"))
	}
	return strings.Join(parts, " ")
}

// reasons names the policies that decide: the rules that match, or the ALLOW
// policies none of whose rules does.
func (t *tally) reasons(verdict Verdict) []Reason {
	var out []Reason
	for _, m := range t.matched {
		action := m.rule.policy.action()
		if verdict == Denied && (action != "DENY" || m.how != always) || verdict == Allowed && action != "ALLOW" {
			continue
		}
		out = append(out, Reason{Object: m.rule.policy.Object, Path: m.rule.path, Effect: effect(action, m.how)})
	}
	if verdict != Denied || len(out) > 0 {
		return out
	}
	for _, p := range t.defaults {
		out = append(out, Reason{Object: p.Object, Path: yaml.Path{"spec"}, Effect: "allows nothing that the caller may ask for, so that it is denied"})
	}
	return out
}

func effect(action string, how extent) string {
	what := map[string]string{"ALLOW": "allows", "DENY": "denies", "CUSTOM": "asks its provider about", "AUDIT": "records"}[action]
	switch how {
	case always:
		return what + " every request of the caller"
	case sometimes:
		return what + " some requests of the caller"
	case never, unclear:
	}
	return "may say something about the caller"
}
