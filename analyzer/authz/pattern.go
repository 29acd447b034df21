package authz

import (
	"regexp"
	"slices"
	"strings"
)

// extent says for which requests of a caller something matches.
type extent int

const (
	never extent = iota
	always
	sometimes // that depends on the HTTP request
	unclear   // manifests do not tell
)

func (a extent) and(b extent) extent {
	switch {
	case a == never || b == never:
		return never
	case a == unclear || b == unclear:
		return unclear
	case a == sometimes || b == sometimes:
		return sometimes
	}
	return always
}

func (a extent) or(b extent) extent { return a.not().and(b.not()).not() }

func (a extent) not() extent {
	switch a {
	case never:
		return always
	case always:
		return never
	case sometimes, unclear:
	}
	return a
}

func certain(matches bool) extent {
	if matches {
		return always
	}
	return never
}

// matchText compares as Istio's string matcher does: `*` alone is presence, a
// leading `*` a suffix, a trailing one a prefix, and a `*` anywhere else is
// itself. istio/istio pilot/pkg/security/authz/matcher/string.go.
func matchText(pattern, text string) bool {
	switch {
	case pattern == "*":
		return text != ""
	case strings.HasPrefix(pattern, "*"):
		return strings.HasSuffix(text, pattern[1:])
	case strings.HasSuffix(pattern, "*"):
		return strings.HasPrefix(text, pattern[:len(pattern)-1])
	}
	return pattern == text
}

// matchPath knows path templates beside: `{*}` is one segment, `{**}` the rest.
// Envoy matches the path without its query.
// https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/path/match/uri_template/v3/uri_template_match.proto
func matchPath(pattern, path string) extent {
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	if !isTemplate(pattern) {
		return certain(matchText(pattern, path))
	}
	expr := regexp.QuoteMeta(pattern)
	expr = strings.ReplaceAll(expr, regexp.QuoteMeta("{**}"), ".*")
	expr = strings.ReplaceAll(expr, regexp.QuoteMeta("{*}"), "[^/]+")
	return matchRegexp(expr, path)
}

func isTemplate(path string) bool {
	return strings.Contains(path, "{*}") || strings.Contains(path, "{**}")
}

// matchRegexp matches the whole text, as Envoy does.
func matchRegexp(expr, text string) extent {
	re, err := regexp.Compile("^(?:" + expr + ")$")
	if err != nil {
		return unclear
	}
	return certain(re.MatchString(text))
}

// covers reports that every text of pattern b is one of pattern a.
func covers(a, b string) bool {
	switch {
	case a == b || a == "*":
		return true
	case isTemplate(a) || isTemplate(b) || b == "*":
		return false
	case strings.HasPrefix(a, "*"):
		return !strings.HasSuffix(b, "*") && strings.HasSuffix(b, a[1:]) || strings.HasPrefix(b, "*") && strings.HasSuffix(b[1:], a[1:])
	case strings.HasSuffix(a, "*"):
		return !strings.HasPrefix(b, "*") && strings.HasPrefix(strings.TrimSuffix(b, "*"), a[:len(a)-1])
	}
	return false
}

// coveredBy reports that every text that some pattern of want has is one that
// some pattern of not has: nothing is left.
func coveredBy(want, not []string) bool {
	return len(want) > 0 && !slices.ContainsFunc(want, func(w string) bool {
		return !slices.ContainsFunc(not, func(n string) bool { return covers(n, w) })
	})
}

// matchPrincipal compares a pattern with the identity
// `<trust domain>/ns/<namespace>/sa/<account>`.
//
// A whole principal in the mesh's trust domain, or in `cluster.local`, stands
// for the account in the trust domain and in each of its aliases
// (istio/istio pilot/pkg/security/trustdomain/bundle.go, ReplaceTrustDomainAliases).
// ztunnel compares literally. A pattern that names another trust domain than
// the ones that are known is unclear as long as they are a guess.
func (q *question) matchPrincipal(pattern string) extent {
	tail := "/ns/" + q.client.Namespace + "/sa/" + q.client.Account
	parts := strings.Split(pattern, "/")
	domains, known := q.policies.mesh.TrustDomains()
	own := strings.Trim(parts[0], "*")
	if q.plane != ztunnel && len(parts) == 5 && parts[0] != "*" {
		if parts[0] == defaultTrustDomain || slices.ContainsFunc(domains, func(d string) bool { return matchText(parts[0], d) }) {
			_, rest, _ := strings.Cut(pattern, "/")
			return q.matchIdentity(domains[0]+"/"+rest, domains[0]+tail)
		}
	}
	answer := q.matchIdentity(pattern, domains[0]+tail)
	if known || own == "" || own == domains[0] {
		return answer
	}
	if q.matchIdentity(pattern, own+tail) != answer {
		return unclear
	}
	return answer
}

// matchIdentity: behind a leading `*` Envoy gets a regular expression, ztunnel
// a literal suffix.
func (q *question) matchIdentity(pattern, id string) extent {
	if q.plane != ztunnel && len(pattern) > 1 && pattern[0] == '*' {
		return matchRegexp(".*"+pattern[1:], id)
	}
	return certain(matchText(pattern, id))
}

// matchNamespace: Envoy searches the identity by a regular expression in which
// every `*` is a wildcard, ztunnel compares the namespace.
func (q *question) matchNamespace(pattern string) extent {
	if q.plane == ztunnel || !strings.Contains(pattern, "*") {
		return certain(matchText(pattern, q.client.Namespace))
	}
	domains, _ := q.policies.mesh.TrustDomains()
	expr := ".*/ns/" + strings.ReplaceAll(pattern, "*", ".*") + "/.*"
	return matchRegexp(expr, "spiffe://"+domains[0]+"/ns/"+q.client.Namespace+"/sa/"+q.client.Account)
}

// matchToken compares `issuer/subject`, each for itself where the pattern has
// both. istio/istio pilot/pkg/security/authz/model/generator.go (requestPrincipalGenerator).
func matchToken(pattern, token string) bool {
	if pattern == "*" {
		return token != ""
	}
	cut := func(s string) (issuer, subject string, both bool) {
		i := strings.LastIndex(s, "/")
		if i < 0 {
			return s, "", false
		}
		return s[:i], s[i+1:], true
	}
	issuer, subject, _ := cut(token)
	wantIssuer, wantSubject, whole := cut(pattern)
	switch {
	case strings.HasPrefix(pattern, "*") && whole:
		return matchText(wantIssuer, issuer) && wantSubject == subject
	case strings.HasPrefix(pattern, "*"):
		return matchText(pattern, subject)
	case strings.HasSuffix(pattern, "*") && whole:
		return wantIssuer == issuer && matchText(wantSubject, subject)
	case strings.HasSuffix(pattern, "*"):
		return matchText(pattern, issuer)
	}
	return wantIssuer == issuer && wantSubject == subject
}
