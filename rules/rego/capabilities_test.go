package rego

import (
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// TestCapabilities: nothing that is let in could tell two runs apart.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	c := capabilities()
	if c.AllowNet == nil || len(c.AllowNet) != 0 {
		t.Errorf("AllowNet is %#v; nil would be every host", c.AllowNet)
	}
	if len(c.Builtins) != len(pureBuiltins()) {
		t.Errorf("%d functions are let in, %d listed: one is misspelt or not pure", len(c.Builtins), len(pureBuiltins()))
	}
	for _, b := range c.Builtins {
		for _, prefix := range []string{"http.", "net.", "opa.", "rand.", "uuid.", "time.", "io.jwt.", "trace", "print", "rego.", "providers.", "crypto.", "graphql.", "json.match_schema", "json.verify_schema"} {
			if b.Nondeterministic || strings.HasPrefix(b.Name, prefix) {
				t.Errorf("%s is let in", b.Name)
			}
		}
	}
	if !slices.ContainsFunc(ast.CapabilitiesForThisVersion().Builtins, func(b *ast.Builtin) bool { return b.Name == "http.send" }) {
		t.Error("OPA's own list was changed")
	}
}
