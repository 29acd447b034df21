package cni

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// calicoSelector is an expression of Calico's selector language, evaluated in
// three values. The grammar is that of Calico's own parser: `||` binds weaker
// than `&&`, and `!` belongs to the one operation behind it.
// https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors and
// https://github.com/projectcalico/calico/tree/master/libcalico-go/lib/selector
type calicoSelector struct {
	op     calicoOp
	key    string
	values []string
	kids   []*calicoSelector
}

type calicoOp uint8

const (
	calicoUnknown calicoOp = iota // what was not understood
	calicoAll
	calicoGlobal
	calicoHas
	calicoEqual
	calicoNotEqual
	calicoIn
	calicoNotIn
	calicoContains
	calicoStartsWith
	calicoEndsWith
	calicoNot
	calicoAnd
	calicoOr
)

// labelLookup looks up one label: its value, and whether it is there.
type labelLookup func(key string) (value string, there fact.Tri)

// matches answers for the labels of one pod or namespace. global is the answer
// of global(), which selects what is in no namespace.
func (c *calicoSelector) matches(labels labelLookup, global fact.Tri) fact.Tri {
	switch c.op {
	case calicoAll:
		return fact.Yes
	case calicoGlobal:
		return global
	case calicoHas:
		_, there := labels(c.key)
		return there
	case calicoNot:
		return not(c.kids[0].matches(labels, global))
	case calicoAnd:
		answer := fact.Yes
		for _, k := range c.kids {
			answer = inventory.Both(answer, k.matches(labels, global))
		}
		return answer
	case calicoOr:
		answer := fact.Yes
		for _, k := range c.kids {
			answer = inventory.Both(answer, not(k.matches(labels, global)))
		}
		return not(answer)
	case calicoUnknown:
		return fact.Unknown
	case calicoEqual, calicoNotEqual, calicoIn, calicoNotIn, calicoContains, calicoStartsWith, calicoEndsWith:
	}
	return c.compare(labels(c.key))
}

func not(t fact.Tri) fact.Tri {
	switch t {
	case fact.Yes:
		return fact.No
	case fact.No:
		return fact.Yes
	case fact.Unknown:
	}
	return fact.Unknown
}

// compare answers for one label. A label that is absent differs from every value,
// so that != and not in hold.
func (c *calicoSelector) compare(value string, there fact.Tri) fact.Tri {
	negated := c.op == calicoNotEqual || c.op == calicoNotIn
	switch {
	case there == fact.Unknown || there == fact.Yes && decode.IsPlaceholder(value) || slices.ContainsFunc(c.values, decode.IsPlaceholder):
		return fact.Unknown
	case there == fact.No:
		return triOf(negated)
	}
	found := slices.ContainsFunc(c.values, func(want string) bool {
		return c.op == calicoContains && strings.Contains(value, want) ||
			c.op == calicoStartsWith && strings.HasPrefix(value, want) ||
			c.op == calicoEndsWith && strings.HasSuffix(value, want) || value == want
	})
	return triOf(found != negated)
}

func triOf(b bool) fact.Tri {
	if b {
		return fact.Yes
	}
	return fact.No
}

// equalities returns the labels that a pod must have for the expression to hold.
func (c *calicoSelector) equalities() map[string]string {
	out := map[string]string{}
	parts := []*calicoSelector{c}
	if c.op == calicoAnd {
		parts = c.kids
	}
	for _, p := range parts {
		if p.op == calicoEqual {
			out[p.key] = p.values[0]
		}
	}
	return out
}

// parseCalico parses an expression. An empty one selects everything; the answer
// of one that does not parse is unknown.
func parseCalico(text string) *calicoSelector {
	p := calicoParser{rest: text}
	p.space()
	if p.rest == "" {
		return &calicoSelector{op: calicoAll}
	}
	found := p.or()
	if p.space(); p.failed || p.rest != "" {
		return &calicoSelector{op: calicoUnknown}
	}
	return found
}

func (p *calicoParser) or() *calicoSelector { return p.chain(calicoOr, "||", p.and) }

func (p *calicoParser) and() *calicoSelector { return p.chain(calicoAnd, "&&", p.operation) }

func (p *calicoParser) chain(op calicoOp, separator string, next func() *calicoSelector) *calicoSelector {
	kids := []*calicoSelector{next()}
	for !p.failed && p.take(separator) {
		kids = append(kids, next())
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return &calicoSelector{op: op, kids: kids}
}

func (p *calicoParser) operation() *calicoSelector {
	negated := false
	for p.take("!") {
		negated = !negated
	}
	found := p.positive()
	if negated {
		return &calicoSelector{op: calicoNot, kids: []*calicoSelector{found}}
	}
	return found
}

func (p *calicoParser) positive() *calicoSelector {
	switch {
	case p.take("("):
		if p.depth++; p.depth > maxDepth {
			p.failed = true
			return &calicoSelector{}
		}
		found := p.or()
		p.need(")")
		p.depth--
		return found
	case p.take("has("):
		found := &calicoSelector{op: calicoHas, key: p.label()}
		p.need(")")
		return found
	case p.take("all("):
		p.need(")")
		return &calicoSelector{op: calicoAll}
	case p.take("global("):
		p.need(")")
		return &calicoSelector{op: calicoGlobal}
	}
	return p.comparison()
}

func (p *calicoParser) comparison() *calicoSelector {
	out := &calicoSelector{key: p.label()}
	switch {
	case p.take("=="):
		out.op = calicoEqual
	case p.take("!="):
		out.op = calicoNotEqual
	case p.take("contains"):
		out.op = calicoContains
	case p.take("starts"):
		p.need("with")
		out.op = calicoStartsWith
	case p.take("ends"):
		p.need("with")
		out.op = calicoEndsWith
	case p.take("not"):
		p.need("in")
		out.op, out.values = calicoNotIn, p.set()
		return out
	case p.take("in"):
		out.op, out.values = calicoIn, p.set()
		return out
	default:
		p.failed = true
	}
	out.values = []string{p.literal()}
	return out
}
