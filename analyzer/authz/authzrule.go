package authz

import (
	"github.com/aisec-lint/aisec-lint/analyzer/decode"
)

// PortValues are the ports that a rule asks for, as they are written.
func (r *Rule) PortValues() []string {
	var out []string
	r.any(func(c *decode.Condition) bool {
		if c.Attr == decode.ByPort {
			out = append(append(out, c.Values...), c.Not...)
		}
		return false
	})
	return out
}
