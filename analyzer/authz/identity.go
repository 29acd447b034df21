package authz

import (
	"maps"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// identityFacts finds what a rule that compares identities means to a caller
// without mutual TLS, on ports that take plaintext: it has none, so that it
// escapes a DENY, and passes an ALLOW that lists who may not.
// https://istio.io/latest/news/security/istio-security-2021-004/ and
// https://istio.io/latest/docs/concepts/security/#dependency-on-mutual-tls
func (s *Policies) identityFacts(r *Rule, members []*inventory.Workload, f *fact.AuthzIdentityFacts) {
	c, how := r.plaintext()
	if c == nil || r.policy.dryRun {
		return
	}
	f.From = fact.Source{Object: r.policy.Object, Path: c.Path}
	field := c.Field
	if how == "passes" {
		f.From.Path = c.NotPath
		field = lastKey(c.NotPath)
	}
	ports := map[string]bool{}
	for _, w := range members {
		before := len(ports)
		for _, p := range w.Ports {
			if s.takesPlaintext(w, p, how) && r.concerns(p.Number) && (how == "nobody" || s.reachesPlain(w, p)) {
				ports[p.String()+" of `"+w.ID+"`"] = true
			}
		}
		if len(ports) > before {
			f.Workloads = append(f.Workloads, w.Ref())
		}
	}
	if len(ports) == 0 {
		return
	}
	f.Plaintext = how
	f.Names = map[string]string{"field": "`" + field + "`", "ports": strings.Join(few(slices.Sorted(maps.Keys(ports)), fewRules), ", ")}
}

func lastKey(path []any) string {
	for _, step := range slices.Backward(path) {
		if key, ok := step.(string); ok {
			return key
		}
	}
	return ""
}

// plaintext returns the condition that a caller without identity fails, or
// that it meets by having none, and what that means for it.
func (r *Rule) plaintext() (*decode.Condition, string) {
	var positive, negative *decode.Condition
	for i := range r.every {
		c := &r.every[i]
		if !c.Identity() {
			continue
		}
		if len(c.Values) > 0 && positive == nil {
			positive = c
		}
		if len(c.Not) > 0 && negative == nil {
			negative = c
		}
	}
	switch action := r.policy.action(); {
	case action == "DENY" && positive != nil:
		return positive, "escapes"
	case action == "ALLOW" && negative != nil && positive == nil:
		return negative, "passes"
	case action == "ALLOW" && positive != nil && !r.mixed():
		return positive, "nobody"
	}
	return nil, ""
}

// mixed reports that one of several sources asks for no identity.
func (r *Rule) mixed() bool {
	for _, item := range r.from {
		if !slices.ContainsFunc(item, func(c decode.Condition) bool { return c.Identity() }) {
			return true
		}
	}
	return false
}

// takesPlaintext reports a port whose mode is known and lets plaintext in; for
// "nobody", one that takes nothing else. Istio's default speaks only where the
// mesh is certain.
func (s *Policies) takesPlaintext(w *inventory.Workload, p *inventory.Port, how string) bool {
	m := s.mesh.Modes[p]
	certain := s.mesh.Member(w) == fact.Sidecar || s.mesh.Member(w) == fact.Ambient
	switch {
	case w.Gateway || w.Platform || !certain && m.Scope == fact.DefaultScope:
		return false
	case how == "nobody":
		return m.Mode == fact.Disable
	default:
		return m.Mode == fact.Permissive || m.Mode == fact.Disable
	}
}

// reachesPlain reports that the policies in force let a caller without
// identity make at least some requests.
func (s *Policies) reachesPlain(w *inventory.Workload, p *inventory.Port) bool {
	v, ok := s.plain[p]
	if !ok {
		v = s.Authorize(w, p.Number, Caller{Mesh: fact.No}).Verdict
		s.plain[p] = v
	}
	return v == fact.Allowed || v == fact.Conditional
}

// headerFacts finds the header that decides alone: a caller allowed, or not
// denied, because it sends a value that anybody can write. The presence of a
// header, and what carries a credential, is the application's to verify.
func (r *Rule) headerFacts() fact.AuthzHeaderFacts {
	var f fact.AuthzHeaderFacts
	if r.any(func(c *decode.Condition) bool {
		return c.Source() && (len(c.Values) > 0 || r.policy.action() == "DENY")
	}) {
		return f
	}
	for i := range r.when {
		c := &r.when[i]
		values, path := c.Values, c.Path
		if r.policy.action() == "DENY" {
			values, path = c.Not, c.NotPath
		}
		if c.Attr != decode.ByHeader || len(values) == 0 || slices.Contains(values, "*") || isCredential(c.Name) || r.policy.action() == "AUDIT" || r.policy.action() == "CUSTOM" {
			continue
		}
		f.Spoofable = true
		f.From = fact.Source{Object: r.policy.Object, Path: path}
		f.Names = map[string]string{"header": "`" + c.Name + "`"}
		return f
	}
	return f
}

// isCredential recognises headers whose value is a secret or a signature.
func isCredential(header string) bool {
	for _, part := range []string{"authorization", "cookie", "token", "secret", "key", "jwt", "assertion", "signature", "credential", "password"} {
		if strings.Contains(header, part) {
			return true
		}
	}
	return strings.HasPrefix(header, ":")
}
