package analyzer

import (
	"slices"
	"strings"

	securityistio "istio.io/api/security/v1beta1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// authzRule is one rule of a policy: some source, some operation and every
// condition must match. An absent list is everything.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule
type authzRule struct {
	policy *authzPolicy
	path   yaml.Path
	from   [][]condition
	to     [][]condition
	when   []condition

	every                 []condition // of all three
	http, layer7, unknown bool        // some condition is such
}

// condition is one attribute of a request with the values that it must and
// must not have: some of the first, none of the second.
type condition struct {
	attr        attribute
	name        string // of a header or claim
	field       string // as the manifest writes it: `principals`, `request.headers[x]`
	home        string // the policy's namespace, which an account without one is of
	values, not []string
	path        yaml.Path // of the values
	notPath     yaml.Path
}

// attribute is what a condition looks at.
type attribute string

const (
	byPrincipal        attribute = "principal"
	byNamespace        attribute = "namespace"
	byServiceAccount   attribute = "serviceAccount"
	byTrustDomain      attribute = "trustDomain"
	byAddress          attribute = "address"
	byRemoteAddress    attribute = "remoteAddress"
	byRequestPrincipal attribute = "requestPrincipal"
	byClaim            attribute = "claim" // audiences, presenter and claims of the token
	byHeader           attribute = "header"
	byHost             attribute = "host"
	byMethod           attribute = "method"
	byPath             attribute = "path"
	byPort             attribute = "port"
	byOther            attribute = "other" // destination.ip, connection.sni, Envoy's metadata
)

// http reports attributes that only HTTP has: on a TCP port there is nothing
// to compare. istio/istio pilot/pkg/security/authz/model/generator.go ("is HTTP only").
func (c *condition) http() bool {
	return slices.Contains([]attribute{byRequestPrincipal, byClaim, byHeader, byHost, byMethod, byPath}, c.attr)
}

// layer7 reports what ztunnel does not know.
// istio/istio pilot/pkg/serviceregistry/ambient/authorization.go (httpOperations, httpSources, l4WhenAttributes).
func (c *condition) layer7() bool {
	return c.http() || c.attr == byRemoteAddress || c.attr == byTrustDomain ||
		c.attr == byOther && c.field != "destination.ip" || c.field == "source.serviceAccount"
}

// identity reports attributes that come from the caller's certificate: without
// mutual TLS nobody has them.
// https://istio.io/latest/docs/concepts/security/#dependency-on-mutual-tls
func (c *condition) identity() bool {
	return slices.Contains([]attribute{byPrincipal, byNamespace, byServiceAccount, byTrustDomain}, c.attr)
}

// source reports attributes that say who calls, by certificate, token or address.
func (c *condition) source() bool {
	return c.identity() || c.attr == byAddress || c.attr == byRemoteAddress || c.attr == byRequestPrincipal || c.attr == byClaim
}

func (p *authzPolicy) readRules() {
	for i, r := range p.spec.GetRules() {
		rule := &authzRule{policy: p, path: yaml.Path{"spec", "rules", i}}
		for j, f := range r.GetFrom() {
			rule.from = append(rule.from, sourceConditions(f.GetSource(), p.Namespace, rule.path.Join("from", j, "source")))
		}
		for j, t := range r.GetTo() {
			rule.to = append(rule.to, operationConditions(t.GetOperation(), rule.path.Join("to", j, "operation")))
		}
		for j, c := range r.GetWhen() {
			at := rule.path.Join("when", j)
			attr, name := attributeOf(c.GetKey())
			rule.when = append(rule.when, condition{
				attr: attr, name: name, field: c.GetKey(), home: p.Namespace, values: c.GetValues(), not: c.GetNotValues(),
				path: at.Join("values"), notPath: at.Join("notValues"),
			})
		}
		rule.every = rule.all()
		rule.http, rule.layer7 = rule.any((*condition).http), rule.any((*condition).layer7)
		rule.unknown = rule.any(func(c *condition) bool { return c.attr == "" })
		p.rules = append(p.rules, rule)
	}
}

// conditionList collects the conditions of one source or operation.
type conditionList struct {
	at   yaml.Path
	home string
	out  []condition
}

func (f *conditionList) add(attr attribute, field string, values, not []string) {
	if len(values) == 0 && len(not) == 0 {
		return
	}
	f.out = append(f.out, condition{
		attr: attr, field: field, home: f.home, values: values, not: not,
		path: f.at.Join(field), notPath: f.at.Join("not" + strings.ToUpper(field[:1]) + field[1:]),
	})
}

func sourceConditions(s *securityistio.Source, home string, at yaml.Path) []condition {
	f := conditionList{at: at, home: home}
	f.add(byPrincipal, "principals", s.GetPrincipals(), s.GetNotPrincipals())
	f.add(byNamespace, "namespaces", s.GetNamespaces(), s.GetNotNamespaces())
	f.add(byServiceAccount, "serviceAccounts", s.GetServiceAccounts(), s.GetNotServiceAccounts())
	f.add(byTrustDomain, "trustDomains", s.GetTrustDomains(), s.GetNotTrustDomains())
	f.add(byAddress, "ipBlocks", s.GetIpBlocks(), s.GetNotIpBlocks())
	f.add(byRemoteAddress, "remoteIpBlocks", s.GetRemoteIpBlocks(), s.GetNotRemoteIpBlocks())
	f.add(byRequestPrincipal, "requestPrincipals", s.GetRequestPrincipals(), s.GetNotRequestPrincipals())
	return f.out
}

func operationConditions(o *securityistio.Operation, at yaml.Path) []condition {
	f := conditionList{at: at}
	f.add(byPort, "ports", o.GetPorts(), o.GetNotPorts())
	f.add(byHost, "hosts", o.GetHosts(), o.GetNotHosts())
	f.add(byMethod, "methods", o.GetMethods(), o.GetNotMethods())
	f.add(byPath, "paths", o.GetPaths(), o.GetNotPaths())
	return f.out
}

// attributeOf reads the key of a condition; an unknown key has no attribute.
// https://istio.io/latest/docs/reference/config/security/conditions/
func attributeOf(key string) (attr attribute, name string) {
	base, rest, _ := strings.Cut(key, "[")
	name = strings.TrimSuffix(rest, "]")
	switch base {
	case "request.headers", "request.experimental.inline.headers":
		return byHeader, strings.ToLower(name)
	case "request.auth.claims":
		return byClaim, name
	}
	switch key {
	case "source.ip":
		return byAddress, ""
	case "remote.ip":
		return byRemoteAddress, ""
	case "source.namespace":
		return byNamespace, ""
	case "source.principal":
		return byPrincipal, ""
	case "source.serviceAccount":
		return byServiceAccount, ""
	case "source.trustDomain":
		return byTrustDomain, ""
	case "request.auth.principal":
		return byRequestPrincipal, ""
	case "request.auth.audiences", "request.auth.presenter":
		return byClaim, strings.TrimPrefix(key, "request.auth.")
	case "destination.port":
		return byPort, ""
	case "destination.ip", "connection.sni":
		return byOther, ""
	}
	if strings.HasPrefix(key, "experimental.envoy.filters.") {
		return byOther, ""
	}
	return "", ""
}

// all lists every condition of the rule.
func (r *authzRule) all() []condition {
	out := slices.Clone(r.when)
	for _, list := range [][][]condition{r.from, r.to} {
		for _, item := range list {
			out = append(out, item...)
		}
	}
	return out
}

// any reports whether some condition of the rule is such.
func (r *authzRule) any(such func(*condition) bool) bool {
	for i := range r.every {
		if such(&r.every[i]) {
			return true
		}
	}
	return false
}
