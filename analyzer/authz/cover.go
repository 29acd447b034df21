package authz

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// Cover answers whether some policy in force limits who may call a port at all.
func (s *Policies) Cover(w *inventory.Workload, p *inventory.Port) (f fact.AuthzFacts) {
	sure, unsure := s.PoliciesOf(w)
	if f.From, f.Covered = s.coverOf(w, sure, p.Number); f.Covered == fact.Yes {
		return f
	}
	if _, maybe := s.coverOf(w, unsure, p.Number); maybe == fact.Yes || s.unread(w) || s.mesh.Member(w) == fact.Ambient && s.mesh.Waypoint(w) != fact.No {
		f.Covered = fact.Unknown
	} else if m := s.mesh.Member(w); m == fact.Sidecar || m == fact.Ambient {
		s.Assumed["no mesh-wide AuthorizationPolicy exists outside the tree"] = true
	}
	return f
}

func (s *Policies) coverOf(w *inventory.Workload, policies []*Policy, port int) (fact.Source, fact.Tri) {
	for _, p := range policies {
		if p.dryRun {
			continue
		}
		switch p.action() {
		case "ALLOW":
			return p.at(), fact.Yes
		case "CUSTOM":
			if s.mesh.Member(w) != fact.Ambient {
				return p.at(), fact.Yes
			}
		case "DENY":
			for _, r := range p.Rules {
				if r.deniesByDefault(port) {
					return fact.Source{Object: p.Object, Path: r.path}, fact.Yes
				}
			}
		}
	}
	return fact.Source{}, fact.No
}

// deniesByDefault recognises the DENY rule that is an allow-list: it denies
// everybody but those it names.
func (r *Rule) deniesByDefault(port int) bool {
	if !r.concerns(port) {
		return false
	}
	narrow := r.any(func(c *decode.Condition) bool { return c.Attr != decode.ByPort && narrow(c) })
	return !narrow || r.any(func(c *decode.Condition) bool { return c.Source() && len(c.Not) > 0 })
}

// concerns reports that the rule may match at the port; 0 is a port of which
// the number is not known.
func (r *Rule) concerns(port int) bool {
	q := question{port: port}
	result := always
	for i := range r.when {
		if r.when[i].Attr == decode.ByPort {
			result = result.and(q.meets(&r.when[i]))
		}
	}
	operations := never
	for _, item := range r.to {
		one := always
		for i := range item {
			if item[i].Attr == decode.ByPort {
				one = one.and(q.meets(&item[i]))
			}
		}
		operations = operations.or(one)
	}
	return result != never && (len(r.to) == 0 || operations != never)
}

// narrow reports that a condition keeps something out. `*` of what every
// request has, `/*` and the blocks of all addresses do not.
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

// open reports an ALLOW rule that narrows nothing: some source, some operation
// and every condition let everything through.
func (r *Rule) open() bool {
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
