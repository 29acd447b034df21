package analyzer

import (
	"maps"
	"slices"
	"strings"
)

// identityFacts finds what a rule that compares identities means to a caller
// without mutual TLS, on ports that take plaintext: it has none, so that it
// escapes a DENY, and passes an ALLOW that lists who may not.
// https://istio.io/latest/news/security/istio-security-2021-004/ and
// https://istio.io/latest/docs/concepts/security/#dependency-on-mutual-tls
func (s *Policies) identityFacts(r *authzRule, members []*Workload, f *AuthzIdentityFacts) {
	c, how := r.plaintext()
	if c == nil || r.policy.dryRun {
		return
	}
	f.From = Source{Object: r.policy.Object, Path: c.path}
	field := c.field
	if how == "passes" {
		f.From.Path = c.notPath
		field = lastKey(c.notPath)
	}
	ports := map[string]bool{}
	for _, w := range members {
		before := len(ports)
		for _, p := range w.ports {
			if s.takesPlaintext(w, p, how) && r.concerns(p.number) && (how == "nobody" || s.reachesPlain(w, p)) {
				ports[p.String()+" of `"+w.ID+"`"] = true
			}
		}
		if len(ports) > before {
			f.Workloads = append(f.Workloads, w.ref())
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
func (r *authzRule) plaintext() (*condition, string) {
	var positive, negative *condition
	for i := range r.every {
		c := &r.every[i]
		if !c.identity() {
			continue
		}
		if len(c.values) > 0 && positive == nil {
			positive = c
		}
		if len(c.not) > 0 && negative == nil {
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
func (r *authzRule) mixed() bool {
	for _, item := range r.from {
		if !slices.ContainsFunc(item, func(c condition) bool { return c.identity() }) {
			return true
		}
	}
	return false
}

// takesPlaintext reports a port whose mode is known and lets plaintext in; for
// "nobody", one that takes nothing else. Istio's default speaks only where the
// mesh is certain.
func (s *Policies) takesPlaintext(w *Workload, p *port, how string) bool {
	m := s.mesh.modes[p]
	certain := s.mesh.member(w) == "sidecar" || s.mesh.member(w) == "ambient"
	switch {
	case w.gateway || w.platform || !certain && m.Scope == "default":
		return false
	case how == "nobody":
		return m.Mode == "DISABLE"
	default:
		return m.Mode == "PERMISSIVE" || m.Mode == "DISABLE"
	}
}

// reachesPlain reports that the policies in force let a caller without
// identity make at least some requests.
func (s *Policies) reachesPlain(w *Workload, p *port) bool {
	v, ok := s.plain[p]
	if !ok {
		v = s.authorize(w, p.number, caller{mesh: No}).verdict
		s.plain[p] = v
	}
	return v == Allowed || v == Conditional
}

// headerFacts finds the header that decides alone: a caller allowed, or not
// denied, because it sends a value that anybody can write. The presence of a
// header, and what carries a credential, is the application's to verify.
func (r *authzRule) headerFacts() AuthzHeaderFacts {
	var f AuthzHeaderFacts
	if r.any(func(c *condition) bool { return c.source() && (len(c.values) > 0 || r.policy.action() == "DENY") }) {
		return f
	}
	for i := range r.when {
		c := &r.when[i]
		values, path := c.values, c.path
		if r.policy.action() == "DENY" {
			values, path = c.not, c.notPath
		}
		if c.attr != byHeader || len(values) == 0 || slices.Contains(values, "*") || isCredential(c.name) || r.policy.action() == "AUDIT" || r.policy.action() == "CUSTOM" {
			continue
		}
		f.Spoofable = true
		f.From = Source{Object: r.policy.Object, Path: path}
		f.Names = map[string]string{"header": "`" + c.name + "`"}
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
