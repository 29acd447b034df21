package authz

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// rule is one rule of a policy: some source, some operation and every
// condition must match. An absent list is everything.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule
type rule struct {
	policy *policy
	path   yaml.Path
	from   [][]decode.Condition
	to     [][]decode.Condition
	when   []decode.Condition

	every []decode.Condition // those of from, to and when

	http, layer7 bool // some condition compares that
	unknownKey   bool // some condition has a key that istiod does not know
}

func (p *policy) readRules() {
	for i, r := range p.spec.GetRules() {
		out := &rule{policy: p, path: yaml.Path{"spec", "rules", i}}
		for j, f := range r.GetFrom() {
			out.from = append(out.from, decode.SourceConditions(f.GetSource(), p.Namespace, out.path.Join("from", j, "source")))
		}
		for j, t := range r.GetTo() {
			out.to = append(out.to, decode.OperationConditions(t.GetOperation(), out.path.Join("to", j, "operation")))
		}
		for j, c := range r.GetWhen() {
			at := out.path.Join("when", j)
			attr, name := decode.AttributeOf(c.GetKey())
			out.when = append(out.when, decode.Condition{
				Attr: attr, Name: name, Field: c.GetKey(), Namespace: p.Namespace, Values: c.GetValues(), Not: c.GetNotValues(),
				Path: at.Join("values"), NotPath: at.Join("notValues"),
			})
		}
		out.every = out.all()
		out.http, out.layer7 = out.any((*decode.Condition).HTTP), out.any((*decode.Condition).Layer7)
		out.unknownKey = out.any(func(c *decode.Condition) bool { return c.Attr == "" })
		p.rules = append(p.rules, out)
	}
}

// all lists every condition of the rule.
func (r *rule) all() []decode.Condition {
	out := slices.Clone(r.when)
	for _, list := range [][][]decode.Condition{r.from, r.to} {
		for _, item := range list {
			out = append(out, item...)
		}
	}
	return out
}

// any reports whether the predicate holds for some condition of the rule.
func (r *rule) any(holds func(*decode.Condition) bool) bool {
	for i := range r.every {
		if holds(&r.every[i]) {
			return true
		}
	}
	return false
}

// ports are the ports that the rule compares, as they are written.
func (r *rule) ports() []string {
	var out []string
	for i := range r.every {
		if c := &r.every[i]; c.Attr == decode.ByPort {
			out = append(append(out, c.Values...), c.Not...)
		}
	}
	return out
}
