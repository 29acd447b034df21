package analyzer

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"go4.org/netipx"
	securityistio "istio.io/api/security/v1beta1"
)

// match answers which of the caller's requests a rule matches.
//
// On a TCP port Istio drops an ALLOW rule that asks for anything of HTTP, whole,
// and ignores that part of a DENY or CUSTOM rule: less is allowed, more denied.
// istio/istio pilot/pkg/security/authz/model/model.go (checkError).
//
// ztunnel drops ALLOW rules with anything of layer 7 likewise. What it makes of
// a DENY rule has changed between releases (today a source or operation of
// which nothing is left matches nobody), so that only what rests on the other
// conditions is said.
// istio/istio pilot/pkg/serviceregistry/ambient/authorization.go (handleRule).
func (q *authzQuestion) match(r *authzRule) extent {
	skip := func(*condition) bool { return false }
	beyond := false // something of the rule is out of sight
	switch q.plane {
	case envoyTCP:
		skip, beyond = (*condition).http, r.http
	case ztunnel:
		skip, beyond = (*condition).layer7, r.layer7
	case envoyHTTP:
	}
	if beyond && r.policy.spec.GetAction() == securityistio.AuthorizationPolicy_ALLOW || r.unknown {
		return never // a rule with a key that istiod does not know is skipped
	}
	result := q.anyOf(r.from, skip).and(q.anyOf(r.to, skip))
	result = result.and(q.allOf(r.when, skip))
	if beyond && q.plane == ztunnel && result != never {
		return unclear
	}
	return result
}

func (q *authzQuestion) anyOf(items [][]condition, skip func(*condition) bool) extent {
	if len(items) == 0 {
		return always
	}
	result := never
	for _, item := range items {
		result = result.or(q.allOf(item, skip))
	}
	return result
}

func (q *authzQuestion) allOf(conditions []condition, skip func(*condition) bool) extent {
	result := always
	for i := range conditions {
		if !skip(&conditions[i]) {
			result = result.and(q.meets(&conditions[i]))
		}
	}
	return result
}

// meets: one of the values, and none of the others.
func (q *authzQuestion) meets(c *condition) extent {
	result := always
	if len(c.values) > 0 {
		result = q.one(c, c.values)
	}
	if len(c.not) > 0 {
		result = result.and(q.one(c, c.not).not())
	}
	if result == sometimes && coveredBy(c.values, c.not) {
		return never
	}
	return result
}

func (q *authzQuestion) one(c *condition, values []string) extent {
	result := never
	for _, v := range values {
		result = result.or(q.value(c, v))
	}
	return result
}

func (q *authzQuestion) value(c *condition, v string) extent {
	switch {
	case c.identity() && q.client.mesh == No:
		return never // a caller without certificate has nothing that could match
	case isPlaceholder(v):
		return unclear
	}
	switch c.attr {
	case byPrincipal, byNamespace, byServiceAccount, byTrustDomain:
		return q.certificate(c, v)
	case byAddress:
		return q.address(v)
	case byRemoteAddress:
		return q.remoteAddress(v)
	case byPort:
		if q.port == 0 {
			return unclear
		}
		return certain(strconv.Itoa(q.port) == v)
	case byRequestPrincipal, byClaim, byHeader, byHost, byMethod, byPath:
		return q.http(c, v)
	case byOther:
	}
	return unclear
}

// certificate: a caller that may have none is matched for certain by nothing.
func (q *authzQuestion) certificate(c *condition, v string) extent {
	answer := q.identified(c, v)
	if q.client.mesh == Unknown && answer != never {
		return unclear
	}
	return answer
}

func (q *authzQuestion) identified(c *condition, v string) extent {
	switch {
	case v == "*":
		return always
	case c.attr == byTrustDomain:
		return q.trustDomain(v)
	case !isKnownName(q.client.namespace):
		return unclear
	case c.attr == byNamespace:
		return q.matchNamespace(v)
	case c.attr == byServiceAccount:
		ns, account, ok := strings.Cut(v, "/")
		if !ok {
			ns, account = c.home, v
		}
		if ns != q.client.namespace {
			return never
		}
		if !isKnownName(q.client.account) {
			return unclear
		}
		return certain(account == q.client.account)
	case !isKnownName(q.client.account):
		return unclear
	}
	return q.matchPrincipal(v)
}

func isKnownName(s string) bool { return s != "" && !isPlaceholder(s) }

func (q *authzQuestion) trustDomain(v string) extent {
	domains, known := q.policies.mesh.trustDomains()
	matches := slices.ContainsFunc(domains, func(d string) bool { return matchText(v, d) })
	if !matches && !known {
		return unclear
	}
	return certain(matches)
}

// address compares a block with the addresses that the caller may have.
func (q *authzQuestion) address(v string) extent {
	block, ok := parseBlock(v)
	from := q.client.addresses
	switch {
	case !ok || !from.IsValid():
		return unclear
	case block.Contains(from.From()) && block.Contains(from.To()):
		return always
	case !block.Overlaps(from):
		return never
	}
	return unclear
}

// parseBlock reads an address or a block of addresses.
func parseBlock(s string) (netipx.IPRange, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netipx.IPRangeFrom(a, a), true
	}
	p, ok := parsePrefix(s)
	if !ok {
		return netipx.IPRange{}, false
	}
	return netipx.RangeOfPrefix(p), true
}

// remoteAddress comes from X-Forwarded-For where the request has one that the
// proxy trusts: https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/
func (q *authzQuestion) remoteAddress(v string) extent {
	if q.plane == envoyHTTP {
		return unclear
	}
	return q.address(v)
}

// http answers for every HTTP request, or for the one that is asked about. A
// method, path and host every request has.
func (q *authzQuestion) http(c *condition, v string) extent {
	fixed := c.attr == byMethod || c.attr == byPath || c.attr == byHost
	r := q.request
	switch {
	case fixed && v == "*":
		return always
	case r == nil:
		return sometimes
	case c.attr == byMethod:
		return certain(matchText(v, r.method))
	case c.attr == byPath:
		return matchPath(v, r.path)
	case c.attr == byHost:
		return certain(matchText(strings.ToLower(v), strings.ToLower(r.host)))
	case c.attr == byHeader:
		text, ok := r.headers[c.name]
		return certain(ok && (v == "*" || matchText(v, text)))
	case r.token == "":
		return never
	case c.attr == byRequestPrincipal:
		return certain(matchToken(v, r.token))
	}
	return sometimes // a claim of the token
}
