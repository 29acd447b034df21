package authz

import (
	"slices"
	"strconv"
	"strings"

	securityistio "istio.io/api/security/v1beta1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// match answers which of the caller's requests a rule matches.
//
// On a TCP port Istio drops an ALLOW rule that asks for anything of HTTP, whole,
// and ignores that part of a DENY or CUSTOM rule: less is allowed, more denied.
// istio/istio pilot/pkg/security/authz/model/model.go (checkError).
//
// ztunnel likewise drops ALLOW rules with any layer 7 condition. How it treats
// such a DENY rule differs between releases (today a source or operation of
// which no condition is left matches nothing), so that the result is known only
// where the other conditions exclude a match.
// istio/istio pilot/pkg/serviceregistry/ambient/authorization.go (handleRule).
func (q *question) match(r *rule) match {
	skip := func(*decode.Condition) bool { return false }
	beyond := false // the rule has conditions that the proxy cannot see
	switch q.plane {
	case envoyTCP:
		skip, beyond = (*decode.Condition).HTTP, r.http
	case ztunnel:
		skip, beyond = (*decode.Condition).Layer7, r.layer7
	case envoyHTTP:
	}
	if beyond && r.policy.spec.GetAction() == securityistio.AuthorizationPolicy_ALLOW || r.unknownKey {
		return never // a rule with a key that istiod does not know is skipped
	}
	result := q.anyOf(r.from, skip).and(q.anyOf(r.to, skip))
	result = result.and(q.allOf(r.when, skip))
	if beyond && q.plane == ztunnel && result != never {
		return unknown
	}
	return result
}

func (q *question) anyOf(items [][]decode.Condition, skip func(*decode.Condition) bool) match {
	if len(items) == 0 {
		return always
	}
	result := never
	for _, item := range items {
		result = result.or(q.allOf(item, skip))
	}
	return result
}

func (q *question) allOf(conditions []decode.Condition, skip func(*decode.Condition) bool) match {
	result := always
	for i := range conditions {
		if !skip(&conditions[i]) {
			result = result.and(q.condition(&conditions[i]))
		}
	}
	return result
}

// condition matches where one of the values does and none of the excluded ones.
func (q *question) condition(c *decode.Condition) match {
	result := always
	if len(c.Values) > 0 {
		result = q.anyValue(c, c.Values)
	}
	if len(c.Not) > 0 {
		result = result.and(q.anyValue(c, c.Not).not())
	}
	if result == sometimes && coveredBy(c.Values, c.Not) {
		return never
	}
	return result
}

func (q *question) anyValue(c *decode.Condition, values []string) match {
	result := never
	for _, v := range values {
		result = result.or(q.value(c, v))
	}
	return result
}

func (q *question) value(c *decode.Condition, v string) match {
	switch {
	case c.Identity() && q.client.Mesh == fact.No:
		return never // a caller without a certificate has no identity to compare
	case decode.IsPlaceholder(v):
		return unknown
	}
	switch c.Attr {
	case decode.ByPrincipal, decode.ByNamespace, decode.ByServiceAccount, decode.ByTrustDomain:
		return q.certified(c, v)
	case decode.ByAddress:
		return q.address(v)
	case decode.ByRemoteAddress:
		return q.remoteAddress(v)
	case decode.ByPort:
		if q.port == 0 {
			return unknown
		}
		return matchOf(strconv.Itoa(q.port) == v)
	case decode.ByRequestPrincipal, decode.ByClaim, decode.ByHeader, decode.ByHost, decode.ByMethod, decode.ByPath:
		return q.http(c, v)
	case decode.ByOther:
	}
	return unknown
}

// certified compares what a certificate says: if the caller may have none, a
// match is at best unknown.
func (q *question) certified(c *decode.Condition, v string) match {
	answer := q.identified(c, v)
	if q.client.Mesh == fact.Unknown && answer != never {
		return unknown
	}
	return answer
}

func (q *question) identified(c *decode.Condition, v string) match {
	switch {
	case v == "*":
		return always
	case c.Attr == decode.ByTrustDomain:
		return q.trustDomain(v)
	case !isKnownName(q.client.Namespace):
		return unknown
	case c.Attr == decode.ByNamespace:
		return q.matchNamespace(v)
	case c.Attr == decode.ByServiceAccount:
		ns, account, ok := strings.Cut(v, "/")
		if !ok {
			ns, account = c.Namespace, v
		}
		if ns != q.client.Namespace {
			return never
		}
		if !isKnownName(q.client.Account) {
			return unknown
		}
		return matchOf(account == q.client.Account)
	case !isKnownName(q.client.Account):
		return unknown
	}
	return q.matchPrincipal(v)
}

func isKnownName(s string) bool { return s != "" && !decode.IsPlaceholder(s) }

func (q *question) trustDomain(v string) match {
	domains, known := q.policies.mesh.TrustDomains()
	matches := slices.ContainsFunc(domains, func(d string) bool { return matchText(v, d) })
	if !matches && !known {
		return unknown
	}
	return matchOf(matches)
}

// address compares a block with the addresses that the caller may call from.
func (q *question) address(v string) match {
	block, ok := netset.ParseBlock(v)
	from := q.client.Addresses
	switch {
	case !ok || !from.IsValid():
		return unknown
	case block.Contains(from.From()) && block.Contains(from.To()):
		return always
	case !block.Overlaps(from):
		return never
	}
	return unknown
}

// remoteAddress comes from X-Forwarded-For where the request has one that the
// proxy trusts: https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/
func (q *question) remoteAddress(v string) match {
	if q.plane == envoyHTTP {
		return unknown
	}
	return q.address(v)
}

// http answers for any HTTP request, or for the one in question. Every request
// has a method, a path and a host.
func (q *question) http(c *decode.Condition, v string) match {
	fixed := c.Attr == decode.ByMethod || c.Attr == decode.ByPath || c.Attr == decode.ByHost
	r := q.request
	switch {
	case fixed && v == "*":
		return always
	case r == nil:
		return sometimes
	case c.Attr == decode.ByMethod:
		return matchOf(matchText(v, r.method))
	case c.Attr == decode.ByPath:
		return matchPath(v, r.path)
	case c.Attr == decode.ByHost:
		return matchOf(matchText(strings.ToLower(v), strings.ToLower(r.host)))
	case c.Attr == decode.ByHeader:
		text, ok := r.headers[c.Name]
		return matchOf(ok && (v == "*" || matchText(v, text)))
	case r.token == "":
		return never
	case c.Attr == decode.ByRequestPrincipal:
		return matchOf(matchToken(v, r.token))
	}
	return sometimes // a claim of the token
}
