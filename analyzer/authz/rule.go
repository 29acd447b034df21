package authz

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Rule is one rule of a policy: some source, some operation and every
// condition must match. An absent list is everything.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule
type Rule struct {
	policy *Policy
	path   yaml.Path
	from   [][]decode.Condition
	to     [][]decode.Condition
	when   []decode.Condition

	every                 []decode.Condition // of all three
	http, layer7, unknown bool               // some condition is such
}

func (p *Policy) readRules() {
	for i, r := range p.spec.GetRules() {
		rule := &Rule{policy: p, path: yaml.Path{"spec", "rules", i}}
		for j, f := range r.GetFrom() {
			rule.from = append(rule.from, decode.SourceConditions(f.GetSource(), p.Namespace, rule.path.Join("from", j, "source")))
		}
		for j, t := range r.GetTo() {
			rule.to = append(rule.to, decode.OperationConditions(t.GetOperation(), rule.path.Join("to", j, "operation")))
		}
		for j, c := range r.GetWhen() {
			at := rule.path.Join("when", j)
			attr, name := decode.AttributeOf(c.GetKey())
			rule.when = append(rule.when, decode.Condition{
				Attr: attr, Name: name, Field: c.GetKey(), Namespace: p.Namespace, Values: c.GetValues(), Not: c.GetNotValues(),
				Path: at.Join("values"), NotPath: at.Join("notValues"),
			})
		}
		rule.every = rule.all()
		rule.http, rule.layer7 = rule.any((*decode.Condition).HTTP), rule.any((*decode.Condition).Layer7)
		rule.unknown = rule.any(func(c *decode.Condition) bool { return c.Attr == "" })
		p.Rules = append(p.Rules, rule)
	}
}

// all lists every condition of the rule.
func (r *Rule) all() []decode.Condition {
	out := slices.Clone(r.when)
	for _, list := range [][][]decode.Condition{r.from, r.to} {
		for _, item := range list {
			out = append(out, item...)
		}
	}
	return out
}

// any reports whether some condition of the rule is such.
func (r *Rule) any(such func(*decode.Condition) bool) bool {
	for i := range r.every {
		if such(&r.every[i]) {
			return true
		}
	}
	return false
}
