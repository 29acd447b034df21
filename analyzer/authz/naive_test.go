package authz

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The naive evaluator tells the AuthorizationPolicy reference again, sentence
// by sentence, for one request. It shares nothing with the engine.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/

// naiveAuthz is a policy as YAML has it.
type naiveAuthz struct {
	namespace string
	dryRun    bool
	selector  map[string]string
	action    string
	rules     []naiveAuthzRule
}

type naiveAuthzRule struct {
	from, to []map[string][]string // field → values, of each source or operation
	when     []naiveWhen
}

type naiveWhen struct {
	key         string
	values, not []string
}

// naiveRequest is one request, or one connection that is not HTTP.
type naiveRequest struct {
	namespace, account string // "" without mutual TLS
	addr               string
	port               int
	http               bool
	method, path, host string
	headers            map[string]string
	token              string
}

func (r *naiveRequest) principal() string {
	if r.namespace == "" {
		return ""
	}
	return "cluster.local/ns/" + r.namespace + "/sa/" + r.account
}

// "If there are any DENY policies that match the request, deny the request. If
// there are no ALLOW policies for the workload, allow the request. If any of
// the ALLOW policies match the request, allow the request. Deny the request.".
func naiveAuthorize(policies []naiveAuthz, namespace string, labels map[string]string, r *naiveRequest, ambient bool) bool {
	allows, allowed := false, false
	for i := range policies {
		p := &policies[i]
		if p.dryRun || !p.holdsFor(namespace, labels) {
			continue
		}
		switch p.action {
		case "DENY":
			if p.matches(r, ambient) {
				return false
			}
		case "", "ALLOW":
			allows = true
			allowed = allowed || p.matches(r, ambient)
		}
	}
	return !allows || allowed
}

// "If set to root namespace, the policy applies to all namespaces in a mesh.".
func (p *naiveAuthz) holdsFor(namespace string, labels map[string]string) bool {
	if p.namespace != namespace && p.namespace != "istio-system" {
		return false
	}
	for k, v := range p.selector {
		if labels[k] != v {
			return false
		}
	}
	return true
}

// "A match occurs when at least one rule matches the request.".
func (p *naiveAuthz) matches(r *naiveRequest, ambient bool) bool {
	return slices.ContainsFunc(p.rules, func(rule naiveAuthzRule) bool { return p.ruleMatches(&rule, r, ambient) })
}

// "A match occurs when at least one source, one operation and all conditions
// matches the request. An empty rule is always matched."
//
// "When this rule is applied to TCP traffic, [HTTP attributes] cannot be
// processed. For a DENY rule, missing attributes are treated as matches."
// https://istio.io/latest/docs/tasks/security/authorization/authz-tcp/: "The
// HTTP-only fields [make the ALLOW rule] invalid, and Istio ignores [it]".
func (p *naiveAuthz) ruleMatches(rule *naiveAuthzRule, r *naiveRequest, ambient bool) bool {
	if p.action != "DENY" && (!r.http || ambient) && rule.http() {
		return false
	}
	item := func(items []map[string][]string) bool {
		return len(items) == 0 || slices.ContainsFunc(items, func(fields map[string][]string) bool {
			for field, values := range fields {
				if !p.fieldMatches(field, values, r) {
					return false
				}
			}
			return true
		})
	}
	if !item(rule.from) || !item(rule.to) {
		return false
	}
	for _, w := range rule.when {
		attr := map[string]string{"source.namespace": "namespaces", "source.principal": "principals", "source.ip": "ipBlocks", "destination.port": "ports", "request.auth.principal": "requestPrincipals", "request.headers[x-user]": "header"}[w.key]
		if len(w.values) > 0 && !p.fieldMatches(attr, w.values, r) || len(w.not) > 0 && !p.fieldMatches("not"+strings.ToUpper(attr[:1])+attr[1:], w.not, r) {
			return false
		}
	}
	return true
}

func naiveHTTP(field string) bool {
	field = strings.ToLower(strings.TrimPrefix(field, "not"))
	return slices.Contains([]string{"hosts", "methods", "paths", "requestprincipals", "header"}, field)
}

func (rule *naiveAuthzRule) http() bool {
	for _, list := range [][]map[string][]string{rule.from, rule.to} {
		for _, fields := range list {
			for field := range fields {
				if naiveHTTP(field) {
					return true
				}
			}
		}
	}
	return slices.ContainsFunc(rule.when, func(w naiveWhen) bool {
		return strings.HasPrefix(w.key, "request.")
	})
}

// "Fields in the source are ANDed together." Values are ORed; "a list of
// negative match" matches when none of its values does.
func (p *naiveAuthz) fieldMatches(field string, values []string, r *naiveRequest) bool {
	if naiveHTTP(field) && !r.http {
		return true // of a DENY rule
	}
	name, negative := strings.CutPrefix(field, "not")
	name = strings.ToLower(name[:1]) + name[1:]
	found := slices.ContainsFunc(values, func(v string) bool { return p.valueMatches(name, v, r) })
	return found != negative
}

func (p *naiveAuthz) valueMatches(field, v string, r *naiveRequest) bool {
	switch field {
	case "principals":
		return naiveText(v, r.principal())
	case "namespaces":
		return naiveText(v, r.namespace)
	case "serviceAccounts":
		if !strings.Contains(v, "/") {
			v = p.namespace + "/" + v
		}
		return r.namespace != "" && v == r.namespace+"/"+r.account
	case "ipBlocks":
		a := netip.MustParseAddr(r.addr)
		if b, err := netip.ParsePrefix(v); err == nil {
			return b.Contains(a)
		}
		return v == r.addr
	case "ports":
		return v == strconv.Itoa(r.port)
	case "methods":
		return naiveText(v, r.method)
	case "hosts":
		return naiveText(strings.ToLower(v), strings.ToLower(r.host))
	case "paths":
		return naivePath(v, r.path)
	case "requestPrincipals":
		return naiveText(v, r.token)
	case "header":
		text, ok := r.headers["x-user"]
		return ok && naiveText(v, text)
	}
	panic("no field " + field)
}

// "Exact match: abc will match on value abc. Prefix match: abc* will match on
// value abc and abcd. Suffix match: *abc will match on value abc and xabc.
// Presence match: * will match when value is not empty.".
func naiveText(pattern, text string) bool {
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

// "{*} matches a single glob that cannot extend beyond a path segment. {**}
// matches zero or more globs.".
func naivePath(pattern, path string) bool {
	if !strings.Contains(pattern, "{*") {
		return naiveText(pattern, path)
	}
	expr := strings.NewReplacer("{**}", "(.*)", "{*}", "([^/]+)").Replace(pattern)
	return regexp.MustCompile("^" + expr + "$").MatchString(path)
}
