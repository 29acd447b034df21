package authz

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// requestFacts says whether a policy requires the tokens that a
// RequestAuthentication verifies: by itself it refuses invalid tokens only, and
// lets requests without a token through.
// https://istio.io/latest/docs/reference/config/security/request_authentication/
func (ps *Policies) requestFacts(r *requestAuth) *fact.RequestAuthenticationFacts {
	f := &fact.RequestAuthenticationFacts{HasJWTRules: len(r.spec.GetJwtRules()) > 0, InForce: fact.No, TokenRequired: fact.Unknown, UnsupportedByZtunnel: fact.No}
	f.From = fact.Source{Object: r.Object, Path: []any{"metadata", "name"}}
	if len(r.targets) > 0 {
		ps.targetedRequests(r, f)
		return f
	}
	if len(r.possiblySelected) > 0 {
		f.InForce = fact.Unknown
	}
	answers := map[fact.Tri]bool{}
	for _, w := range r.selected {
		member := ps.mesh.Member(w)
		switch {
		case member == fact.NoMesh:
			continue
		case member != fact.UnknownMember:
			f.InForce = fact.Yes
		case f.InForce == fact.No:
			f.InForce = fact.Unknown
		}
		if member == fact.Ambient && ps.mesh.Waypoint(w) == fact.No {
			f.UnsupportedByZtunnel = fact.Yes
		}
		f.Workloads = append(f.Workloads, w.Ref())
		answers[ps.tokenRequiredOn(w)] = true
	}
	if len(answers) == 1 {
		for answer := range answers {
			f.TokenRequired = answer
		}
	}
	return f
}

// tokenRequiredOn answers for one workload. Policies for it may be attached to a
// waypoint.
func (ps *Policies) tokenRequiredOn(w *inventory.Workload) fact.Tri {
	definite, possible := ps.policiesOf(w)
	elsewhere := ps.possibleWaypoint(w) && (ps.mesh.Member(w) == fact.Ambient || ps.attached)
	return ps.tokenRequired(definite, possible, ps.unread(w) || elsewhere)
}

// targetedRequests describes a RequestAuthentication with targetRefs. Only
// Gateways are followed: policies for a Service may be attached to its waypoint.
func (ps *Policies) targetedRequests(r *requestAuth, f *fact.RequestAuthenticationFacts) {
	f.InForce = fact.Unknown
	if len(r.targets) != 1 || r.targets[0].GetKind() != "Gateway" || r.targets[0].GetGroup() != inventory.GatewayGroup {
		return
	}
	if ps.named[[3]string{"Gateway", r.Namespace, r.targets[0].GetName()}] {
		f.InForce = fact.Yes
	}
	policies := slices.Concat(ps.byGateway[r.Namespace+"/"+r.targets[0].GetName()], ps.meshWide, ps.byNamespace[r.Namespace])
	const kind = "AuthorizationPolicy"
	unread := ps.inventory.Gaps.Unread(r.Namespace, kind) || ps.inventory.Gaps.Unread(ps.mesh.RootNamespace(), kind)
	f.TokenRequired = ps.tokenRequired(policies, ps.possiblySelectingGateways(r.Namespace), unread)
}

// possiblySelectingGateways lists the policies with a selector in a namespace or
// in the root namespace: they may select the pods of a Gateway, which are not in
// the tree.
func (ps *Policies) possiblySelectingGateways(namespace string) []*policy {
	var out []*policy
	for _, p := range ps.policies {
		if !p.sel.Empty() && (p.root || p.Namespace == namespace) {
			out = append(out, p)
		}
	}
	return out
}

// tokenRequired answers whether a policy requires a token; definite and possible
// are the policies in force.
func (ps *Policies) tokenRequired(definite, possible []*policy, unread bool) fact.Tri {
	asks := func(policies []*policy) bool {
		return slices.ContainsFunc(policies, func(p *policy) bool {
			return !p.dryRun && (p.action() == actionCustom || slices.ContainsFunc(p.rules, (*rule).token))
		})
	}
	switch {
	case asks(definite):
		return fact.Yes
	case asks(possible) || unread || ps.routedByClaim:
		return fact.Unknown
	}
	return fact.No
}

// token reports a rule with a condition on a verified token.
func (r *rule) token() bool {
	return r.any(func(c *decode.Condition) bool { return c.Attr == decode.ByRequestPrincipal || c.Attr == decode.ByClaim })
}

// routeByClaim recognises routes that match on a claim of a token.
// https://istio.io/latest/docs/tasks/security/authentication/jwt-route/
func (ps *Policies) routeByClaim() bool {
	return slices.ContainsFunc(ps.inventory.Objects, func(o *decode.Decoded) bool {
		return (o.Kind == "HTTPRoute" || o.Kind == "VirtualService") && strings.Contains(string(decode.AppendJSON(nil, o.Root)), "@request.auth.claims")
	})
}
