package cni

import "strings"

// maxDepth bounds the nesting of parentheses, so that no input exhausts the stack.
const maxDepth = 100

// calicoParser consumes an expression by recursive descent.
type calicoParser struct {
	rest   string
	depth  int
	failed bool
}

func (p *calicoParser) space() { p.rest = strings.TrimLeft(p.rest, " \t") }

// take consumes a word if it stands next.
func (p *calicoParser) take(word string) bool {
	p.space()
	rest, found := strings.CutPrefix(p.rest, word)
	p.rest = rest
	return found
}

func (p *calicoParser) need(word string) {
	if !p.take(word) {
		p.failed = true
	}
}

// label consumes a label key.
func (p *calicoParser) label() string {
	p.space()
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("_./-", r):
			return false
		}
		return true
	})
	if end <= 0 { // no expression ends in a key
		p.failed = true
		return ""
	}
	key := p.rest[:end]
	p.rest = p.rest[end:]
	return key
}

// literal consumes a string in single or double quotes. There are no escapes.
func (p *calicoParser) literal() string {
	for _, quote := range []string{`"`, `'`} {
		if p.failed || !p.take(quote) {
			continue
		}
		text, rest, closed := strings.Cut(p.rest, quote)
		p.rest, p.failed = rest, !closed
		return text
	}
	p.failed = true
	return ""
}

// set consumes literals in braces; a last comma and an empty set are allowed.
func (p *calicoParser) set() []string {
	p.need("{")
	var out []string
	for !p.failed && !p.take("}") {
		out = append(out, p.literal())
		if !p.take(",") {
			p.need("}")
			break
		}
	}
	return out
}
