package authz

import (
	"fmt"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
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
func (q *question) text(r *Rule) string {
	var parts []string
	for _, list := range [][][]decode.Condition{r.to, r.from} {
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
func (q *question) itemsText(items [][]decode.Condition) string {
	var texts []string
	for _, item := range items {
		switch q.allOf(item, func(*decode.Condition) bool { return false }) {
		case always:
			return ""
		case sometimes:
			texts = append(texts, q.conditionsText(item))
		case never, unclear:
		}
	}
	return strings.Join(few(texts, fewRules), " or ")
}

func (q *question) conditionsText(conditions []decode.Condition) string {
	var parts []string
	for i := range conditions {
		if c := &conditions[i]; q.meets(c) == sometimes {
			parts = append(parts, text(c))
		}
	}
	return strings.Join(parts, " ")
}

func text(c *decode.Condition) string {
	noun := map[decode.Attribute]string{
		decode.ByMethod: "", decode.ByPath: "", decode.ByHost: "host ", decode.ByHeader: "header " + c.Name + " ",
		decode.ByRequestPrincipal: "token of ", decode.ByClaim: "token with " + c.Name + " ",
	}[c.Attr]
	var parts []string
	if len(c.Values) > 0 {
		parts = append(parts, noun+strings.Join(few(c.Values, fewValues), "|"))
	}
	if len(c.Not) > 0 {
		parts = append(parts, "no "+noun+strings.Join(few(c.Not, fewValues), "|"))
	}
	return strings.Join(parts, " ")
}

// reasons names the policies that decide: the rules that match, or the ALLOW
// policies none of whose rules does.
func (t *tally) reasons(verdict fact.Verdict) []fact.Reason {
	var out []fact.Reason
	for _, m := range t.matched {
		action := m.rule.policy.action()
		if verdict == fact.Denied && (action != "DENY" || m.how != always) || verdict == fact.Allowed && action != "ALLOW" {
			continue
		}
		out = append(out, fact.Reason{Object: m.rule.policy.Object, Path: m.rule.path, Effect: effect(action, m.how)})
	}
	if verdict != fact.Denied || len(out) > 0 {
		return out
	}
	for _, p := range t.defaults {
		out = append(out, fact.Reason{Object: p.Object, Path: yaml.Path{"spec"}, Effect: "allows nothing that the caller may ask for, so that it is denied"})
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
