package authz

import (
	"regexp"
	"slices"
	"strings"
)

// defaultTrustDomain is Istio's default for meshConfig.trustDomain.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-trust_domain
const defaultTrustDomain = "cluster.local"

// match says for which requests of a caller a condition or rule holds.
type match int

const (
	never match = iota
	always
	sometimes // for some HTTP requests
	unknown   // the manifests do not say
)

func (a match) and(b match) match {
	switch {
	case a == never || b == never:
		return never
	case a == unknown || b == unknown:
		return unknown
	case a == sometimes || b == sometimes:
		return sometimes
	}
	return always
}

func (a match) or(b match) match { return a.not().and(b.not()).not() }

func (a match) not() match {
	switch a {
	case never:
		return always
	case always:
		return never
	case sometimes, unknown:
	}
	return a
}

func matchOf(matches bool) match {
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

// matchPath also knows path templates: `{*}` is one segment, `{**}` the rest.
// Envoy matches the path without its query.
// https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/path/match/uri_template/v3/uri_template_match.proto
func matchPath(pattern, path string) match {
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	if !isTemplate(pattern) {
		return matchOf(matchText(pattern, path))
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
func matchRegexp(expr, text string) match {
	re, err := regexp.Compile("^(?:" + expr + ")$")
	if err != nil {
		return unknown
	}
	return matchOf(re.MatchString(text))
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

// coveredBy reports that every text that a pattern of want matches is matched by
// a pattern of not: together they match nothing.
func coveredBy(want, not []string) bool {
	return len(want) > 0 && !slices.ContainsFunc(want, func(w string) bool {
		return !slices.ContainsFunc(not, func(n string) bool { return covers(n, w) })
	})
}

// matchPrincipal compares a pattern with the identity
// `<trust domain>/ns/<namespace>/sa/<account>`.
//
// A whole principal in the mesh's trust domain, or in `cluster.local`, stands
// for the account in the trust domain and in each alias of it
// (istio/istio pilot/pkg/security/trustdomain/bundle.go, ReplaceTrustDomainAliases).
// ztunnel compares literally. For a pattern with another trust domain the result
// is unknown as long as the mesh's own trust domain is Istio's default by
// assumption only.
func (q *question) matchPrincipal(pattern string) match {
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
		return unknown
	}
	return answer
}

// matchIdentity compares a pattern with a whole identity: what follows a leading
// `*` is a regular expression to Envoy and a literal suffix to ztunnel.
func (q *question) matchIdentity(pattern, id string) match {
	if q.plane != ztunnel && len(pattern) > 1 && pattern[0] == '*' {
		return matchRegexp(".*"+pattern[1:], id)
	}
	return matchOf(matchText(pattern, id))
}

// matchNamespace compares a pattern with the caller's namespace: Envoy searches
// the identity by a regular expression in which every `*` is a wildcard, ztunnel
// compares the namespace.
func (q *question) matchNamespace(pattern string) match {
	if q.plane == ztunnel || !strings.Contains(pattern, "*") {
		return matchOf(matchText(pattern, q.client.Namespace))
	}
	domains, _ := q.policies.mesh.TrustDomains()
	expr := ".*/ns/" + strings.ReplaceAll(pattern, "*", ".*") + "/.*"
	return matchRegexp(expr, "spiffe://"+domains[0]+"/ns/"+q.client.Namespace+"/sa/"+q.client.Account)
}

// matchToken compares `issuer/subject`; where the pattern has both parts, each
// part is compared by itself. istio/istio pilot/pkg/security/authz/model/generator.go (requestPrincipalGenerator).
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
