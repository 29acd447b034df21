package authz

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// Cover answers whether some policy in force limits who may call a port of the
// workload.
func (ps *Policies) Cover(w *inventory.Workload, p *inventory.Port) (f fact.AuthzFacts) {
	definite, possible := ps.policiesOf(w)
	if f.From, f.Covered = ps.limitingPolicy(w, definite, p.Number); f.Covered == fact.Yes {
		return f
	}
	if _, limited := ps.limitingPolicy(w, possible, p.Number); limited == fact.Yes || ps.unread(w) || ps.mesh.Member(w) == fact.Ambient && ps.mesh.Waypoint(w) != fact.No {
		f.Covered = fact.Unknown
	} else if m := ps.mesh.Member(w); m == fact.Sidecar || m == fact.Ambient {
		ps.assumed["no mesh-wide AuthorizationPolicy exists outside the tree"] = true
	}
	return f
}

// limitingPolicy finds the first of the policies that limits who may call the port.
func (ps *Policies) limitingPolicy(w *inventory.Workload, policies []*policy, port int) (fact.Source, fact.Tri) {
	for _, p := range policies {
		if p.dryRun {
			continue
		}
		switch p.action() {
		case actionAllow:
			return p.at(), fact.Yes
		case actionCustom:
			if ps.mesh.Member(w) != fact.Ambient {
				return p.at(), fact.Yes
			}
		case actionDeny:
			for _, r := range p.rules {
				if r.deniesByDefault(port) {
					return fact.Source{Object: p.Object, Path: r.path}, fact.Yes
				}
			}
		case actionAudit:
		}
	}
	return fact.Source{}, fact.No
}

// deniesByDefault recognises a DENY rule that works as an allow-list: it denies
// every caller except those that it names.
func (r *rule) deniesByDefault(port int) bool {
	if !r.concerns(port) {
		return false
	}
	narrow := r.any(func(c *decode.Condition) bool { return c.Attr != decode.ByPort && narrow(c) })
	return !narrow || r.any(func(c *decode.Condition) bool { return c.Source() && len(c.Not) > 0 })
}

// concerns reports that the rule may match at the port; 0 stands for a port whose
// number is not known.
func (r *rule) concerns(port int) bool {
	q := question{port: port}
	result := always
	for i := range r.when {
		if r.when[i].Attr == decode.ByPort {
			result = result.and(q.condition(&r.when[i]))
		}
	}
	operations := never
	for _, item := range r.to {
		one := always
		for i := range item {
			if item[i].Attr == decode.ByPort {
				one = one.and(q.condition(&item[i]))
			}
		}
		operations = operations.or(one)
	}
	return result != never && (len(r.to) == 0 || operations != never)
}

// narrow reports that a condition excludes some requests. `*` for what every
// request has, `/*` and the blocks of all addresses exclude none.
func narrow(c *decode.Condition) bool {
	if len(c.Not) > 0 {
		return true
	}
	for _, v := range c.Values {
		switch c.Attr {
		case decode.ByMethod, decode.ByHost:
			if v == "*" {
				return false
			}
		case decode.ByPath:
			if v == "*" || v == "/*" || v == "/{**}" {
				return false
			}
		case decode.ByAddress, decode.ByRemoteAddress:
			if v == "::/0" && slices.Contains(c.Values, "0.0.0.0/0") {
				return false
			}
		case decode.ByPort, decode.ByPrincipal, decode.ByNamespace, decode.ByServiceAccount, decode.ByTrustDomain, decode.ByRequestPrincipal, decode.ByClaim, decode.ByHeader, decode.ByOther:
		}
	}
	return len(c.Values) > 0
}

// open reports an ALLOW rule that excludes nothing: some source, some operation
// and every condition match every request.
func (r *rule) open() bool {
	loose := func(items [][]decode.Condition) bool {
		if len(items) == 0 {
			return true
		}
		for _, item := range items {
			if !narrowing(item) {
				return true
			}
		}
		return false
	}
	return loose(r.from) && loose(r.to) && !narrowing(r.when)
}

func narrowing(conditions []decode.Condition) bool {
	for i := range conditions {
		if narrow(&conditions[i]) {
			return true
		}
	}
	return false
}
