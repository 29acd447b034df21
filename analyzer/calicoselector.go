package analyzer

import (
	"slices"
	"strings"
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

// label looks one label up: its value, and whether it is there.
type labelLookup func(key string) (value string, there Tri)

// matches answers for labels; global is the answer of global().
func (c *calicoSelector) matches(labels labelLookup, global Tri) Tri {
	switch c.op {
	case calicoAll:
		return Yes
	case calicoGlobal:
		return global
	case calicoHas:
		_, there := labels(c.key)
		return there
	case calicoNot:
		return not(c.kids[0].matches(labels, global))
	case calicoAnd:
		answer := Yes
		for _, k := range c.kids {
			answer = both(answer, k.matches(labels, global))
		}
		return answer
	case calicoOr:
		answer := Yes
		for _, k := range c.kids {
			answer = both(answer, not(k.matches(labels, global)))
		}
		return not(answer)
	case calicoUnknown:
		return Unknown
	case calicoEqual, calicoNotEqual, calicoIn, calicoNotIn, calicoContains, calicoStartsWith, calicoEndsWith:
	}
	return c.compare(labels(c.key))
}

func not(t Tri) Tri {
	switch t {
	case Yes:
		return No
	case No:
		return Yes
	case Unknown:
	}
	return Unknown
}

// compare answers for one label. Of a label that is absent, every value is
// another one: != and not in hold.
func (c *calicoSelector) compare(value string, there Tri) Tri {
	negated := c.op == calicoNotEqual || c.op == calicoNotIn
	switch {
	case there == Unknown || there == Yes && isPlaceholder(value) || slices.ContainsFunc(c.values, isPlaceholder):
		return Unknown
	case there == No:
		return triOf(negated)
	}
	found := slices.ContainsFunc(c.values, func(want string) bool {
		return c.op == calicoContains && strings.Contains(value, want) ||
			c.op == calicoStartsWith && strings.HasPrefix(value, want) ||
			c.op == calicoEndsWith && strings.HasSuffix(value, want) || value == want
	})
	return triOf(found != negated)
}

func triOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// equalities are the labels that the whole expression asks for literally.
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

// parseCalico reads an expression; what it cannot read is unknown. An empty
// one selects everything.
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
		if p.depth++; p.depth > deepest {
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
