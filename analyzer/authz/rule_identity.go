package authz

import (
	"maps"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// identityFacts finds the effect of a rule that compares identities on a caller
// without mutual TLS, at ports that accept plaintext: the caller has no identity,
// so that a DENY does not match it, and an ALLOW that excludes identities does.
// https://istio.io/latest/news/security/istio-security-2021-004/ and
// https://istio.io/latest/docs/concepts/security/#dependency-on-mutual-tls
func (ps *Policies) identityFacts(r *rule, members []*inventory.Workload, f *fact.AuthzIdentityFacts) {
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
			if ps.takesPlaintext(w, p, how) && r.concerns(p.Number) && (how == "nobody" || ps.plaintextAllowed(w, p)) {
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

// plaintext returns the condition that a caller without identity does not match,
// or that it matches because it has none, and the effect: "escapes" a DENY,
// "passes" an ALLOW, or "nobody" can match the rule.
func (r *rule) plaintext() (*decode.Condition, string) {
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
	case action == actionDeny && positive != nil:
		return positive, "escapes"
	case action == actionAllow && negative != nil && positive == nil:
		return negative, "passes"
	case action == actionAllow && positive != nil && !r.mixed():
		return positive, "nobody"
	}
	return nil, ""
}

// mixed reports that one of several sources has no condition on the identity.
func (r *rule) mixed() bool {
	for _, item := range r.from {
		if !slices.ContainsFunc(item, func(c decode.Condition) bool { return c.Identity() }) {
			return true
		}
	}
	return false
}

// takesPlaintext reports a port whose mode is known and accepts plaintext; for
// "nobody", one that accepts nothing else. Istio's default counts only where the
// workload is in the mesh for certain.
func (ps *Policies) takesPlaintext(w *inventory.Workload, p *inventory.Port, how string) bool {
	m := ps.mesh.PortMTLS(w, p)
	switch {
	case w.Gateway || w.Platform || !ps.mesh.Member(w).InMesh() && m.Scope == fact.DefaultScope:
		return false
	case how == "nobody":
		return m.Mode == fact.Disable
	default:
		return m.Mode == fact.Permissive || m.Mode == fact.Disable
	}
}

// plaintextAllowed reports that the policies in force let a caller without
// identity make at least some requests.
func (ps *Policies) plaintextAllowed(w *inventory.Workload, p *inventory.Port) bool {
	v, ok := ps.plaintextVerdicts[p]
	if !ok {
		v = ps.Authorize(w, p.Number, Caller{Mesh: fact.No}).Verdict
		ps.plaintextVerdicts[p] = v
	}
	return v == fact.Allowed || v == fact.Conditional
}

// headerFacts finds a header that decides alone: the caller is allowed, or not
// denied, because it sends a value that any client can send. Rules that only ask
// for a header's presence, or for one with a credential, do not count: the
// application verifies those.
func (r *rule) headerFacts() fact.AuthzHeaderFacts {
	var f fact.AuthzHeaderFacts
	if r.any(func(c *decode.Condition) bool {
		return c.Source() && (len(c.Values) > 0 || r.policy.action() == actionDeny)
	}) {
		return f
	}
	for i := range r.when {
		c := &r.when[i]
		values, path := c.Values, c.Path
		if r.policy.action() == actionDeny {
			values, path = c.Not, c.NotPath
		}
		if c.Attr != decode.ByHeader || len(values) == 0 || slices.Contains(values, "*") || isCredential(c.Name) || describesBody(c.Name) || r.policy.action() == actionAudit || r.policy.action() == actionCustom {
			continue
		}
		f.Spoofable = true
		f.From = fact.Source{Object: r.policy.Object, Path: path}
		f.Names = map[string]string{"header": "`" + c.Name + "`"}
		return f
	}
	return f
}

// describesBody recognises headers that say what a message is like, and nothing
// of who sent it. https://www.rfc-editor.org/rfc/rfc9110.html#section-8
func describesBody(header string) bool {
	switch strings.ToLower(header) {
	case "content-type", "content-encoding", "content-language", "content-length", "transfer-encoding",
		"accept", "accept-charset", "accept-encoding", "accept-language", "expect", "upgrade", "connection":
		return true
	}
	return false
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
