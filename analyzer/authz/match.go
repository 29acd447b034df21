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
// ztunnel drops ALLOW rules with anything of layer 7 likewise. What it makes of
// a DENY rule has changed between releases (today a source or operation of
// which nothing is left matches nobody), so that only what rests on the other
// conditions is said.
// istio/istio pilot/pkg/serviceregistry/ambient/authorization.go (handleRule).
func (q *question) match(r *Rule) extent {
	skip := func(*decode.Condition) bool { return false }
	beyond := false // something of the rule is out of sight
	switch q.plane {
	case envoyTCP:
		skip, beyond = (*decode.Condition).HTTP, r.http
	case ztunnel:
		skip, beyond = (*decode.Condition).Layer7, r.layer7
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

func (q *question) anyOf(items [][]decode.Condition, skip func(*decode.Condition) bool) extent {
	if len(items) == 0 {
		return always
	}
	result := never
	for _, item := range items {
		result = result.or(q.allOf(item, skip))
	}
	return result
}

func (q *question) allOf(conditions []decode.Condition, skip func(*decode.Condition) bool) extent {
	result := always
	for i := range conditions {
		if !skip(&conditions[i]) {
			result = result.and(q.meets(&conditions[i]))
		}
	}
	return result
}

// meets: one of the values, and none of the others.
func (q *question) meets(c *decode.Condition) extent {
	result := always
	if len(c.Values) > 0 {
		result = q.one(c, c.Values)
	}
	if len(c.Not) > 0 {
		result = result.and(q.one(c, c.Not).not())
	}
	if result == sometimes && coveredBy(c.Values, c.Not) {
		return never
	}
	return result
}

func (q *question) one(c *decode.Condition, values []string) extent {
	result := never
	for _, v := range values {
		result = result.or(q.value(c, v))
	}
	return result
}

func (q *question) value(c *decode.Condition, v string) extent {
	switch {
	case c.Identity() && q.client.Mesh == fact.No:
		return never // a caller without certificate has nothing that could match
	case decode.IsPlaceholder(v):
		return unclear
	}
	switch c.Attr {
	case decode.ByPrincipal, decode.ByNamespace, decode.ByServiceAccount, decode.ByTrustDomain:
		return q.certificate(c, v)
	case decode.ByAddress:
		return q.address(v)
	case decode.ByRemoteAddress:
		return q.remoteAddress(v)
	case decode.ByPort:
		if q.port == 0 {
			return unclear
		}
		return certain(strconv.Itoa(q.port) == v)
	case decode.ByRequestPrincipal, decode.ByClaim, decode.ByHeader, decode.ByHost, decode.ByMethod, decode.ByPath:
		return q.http(c, v)
	case decode.ByOther:
	}
	return unclear
}

// certificate: a caller that may have none is matched for certain by nothing.
func (q *question) certificate(c *decode.Condition, v string) extent {
	answer := q.identified(c, v)
	if q.client.Mesh == fact.Unknown && answer != never {
		return unclear
	}
	return answer
}

func (q *question) identified(c *decode.Condition, v string) extent {
	switch {
	case v == "*":
		return always
	case c.Attr == decode.ByTrustDomain:
		return q.trustDomain(v)
	case !isKnownName(q.client.Namespace):
		return unclear
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
			return unclear
		}
		return certain(account == q.client.Account)
	case !isKnownName(q.client.Account):
		return unclear
	}
	return q.matchPrincipal(v)
}

func isKnownName(s string) bool { return s != "" && !decode.IsPlaceholder(s) }

func (q *question) trustDomain(v string) extent {
	domains, known := q.policies.mesh.TrustDomains()
	matches := slices.ContainsFunc(domains, func(d string) bool { return matchText(v, d) })
	if !matches && !known {
		return unclear
	}
	return certain(matches)
}

// address compares a block with the addresses that the caller may have.
func (q *question) address(v string) extent {
	block, ok := netset.ParseBlock(v)
	from := q.client.Addresses
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

// remoteAddress comes from X-Forwarded-For where the request has one that the
// proxy trusts: https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/
func (q *question) remoteAddress(v string) extent {
	if q.plane == envoyHTTP {
		return unclear
	}
	return q.address(v)
}

// http answers for every HTTP request, or for the one that is asked about. A
// method, path and host every request has.
func (q *question) http(c *decode.Condition, v string) extent {
	fixed := c.Attr == decode.ByMethod || c.Attr == decode.ByPath || c.Attr == decode.ByHost
	r := q.request
	switch {
	case fixed && v == "*":
		return always
	case r == nil:
		return sometimes
	case c.Attr == decode.ByMethod:
		return certain(matchText(v, r.method))
	case c.Attr == decode.ByPath:
		return matchPath(v, r.path)
	case c.Attr == decode.ByHost:
		return certain(matchText(strings.ToLower(v), strings.ToLower(r.host)))
	case c.Attr == decode.ByHeader:
		text, ok := r.headers[c.Name]
		return certain(ok && (v == "*" || matchText(v, text)))
	case r.token == "":
		return never
	case c.Attr == decode.ByRequestPrincipal:
		return certain(matchToken(v, r.token))
	}
	return sometimes // a claim of the token
}
