package authz

import (
	"fmt"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Lists in answers are short: the reader has the policies at hand.
const (
	fewRules  = 3
	fewValues = 4
)

// when says which HTTP requests a conditional answer allows.
func (e *evaluation) when() string {
	allowed := e.alternatives(actionAllow)
	parts := []string{}
	if e.allow != always && len(allowed) > 0 {
		parts = append(parts, strings.Join(few(allowed, fewRules), " or "))
	}
	if denied := e.alternatives(actionDeny); len(denied) > 0 {
		parts = append(parts, "not "+strings.Join(few(denied, fewRules), ", not "))
	}
	for _, name := range e.providers {
		where := ""
		if texts := e.alternatives(actionCustom); len(texts) > 0 {
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

// alternatives describes the requests of each rule of an action that matches
// some of them.
func (e *evaluation) alternatives(a action) []string {
	var out []string
	for _, m := range e.matched {
		if m.how == sometimes && m.rule.policy.action() == a {
			out = append(out, m.text)
		}
	}
	return out
}

// text describes the requests that a rule matches, where it matches some of the
// caller's; conditions on the caller and the port are left out.
func (q *question) text(r *rule) string {
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

// itemsText describes a list of sources or operations. It is empty where one
// item always matches, because the others then make no difference.
func (q *question) itemsText(items [][]decode.Condition) string {
	var texts []string
	for _, item := range items {
		switch q.allOf(item, func(*decode.Condition) bool { return false }) {
		case always:
			return ""
		case sometimes:
			texts = append(texts, q.conditionsText(item))
		case never, unknown:
		}
	}
	return strings.Join(few(texts, fewRules), " or ")
}

func (q *question) conditionsText(conditions []decode.Condition) string {
	var parts []string
	for i := range conditions {
		if c := &conditions[i]; q.condition(c) == sometimes {
			parts = append(parts, conditionText(c))
		}
	}
	return strings.Join(parts, " ")
}

func conditionText(c *decode.Condition) string {
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
func (e *evaluation) reasons(verdict fact.Verdict) []fact.Reason {
	var out []fact.Reason
	for _, m := range e.matched {
		action := m.rule.policy.action()
		if verdict == fact.Denied && (action != actionDeny || m.how != always) || verdict == fact.Allowed && action != actionAllow {
			continue
		}
		out = append(out, fact.Reason{Object: m.rule.policy.Object, Path: m.rule.path, Effect: effect(action, m.how)})
	}
	if verdict != fact.Denied || len(out) > 0 {
		return out
	}
	for _, p := range e.defaults {
		out = append(out, fact.Reason{Object: p.Object, Path: yaml.Path{"spec"}, Effect: "allows nothing that the caller may ask for, so that it is denied"})
	}
	return out
}

// effect says in words what a rule does to the caller.
func effect(a action, how match) string {
	what := map[action]string{actionAllow: "allows", actionDeny: "denies", actionCustom: "asks its provider about", actionAudit: "records"}[a]
	switch how {
	case always:
		return what + " every request of the caller"
	case sometimes:
		return what + " some requests of the caller"
	case never, unknown:
	}
	return "may say something about the caller"
}
