package authz

import (
	"slices"
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// requestFacts tells whether anything requires the tokens that a
// RequestAuthentication verifies: by itself it refuses bad tokens only, and
// lets requests without one through.
// https://istio.io/latest/docs/reference/config/security/request_authentication/
func (s *Policies) requestFacts(r *requestAuth) *fact.RequestAuthenticationFacts {
	f := &fact.RequestAuthenticationFacts{HasJWTRules: len(r.spec.GetJwtRules()) > 0, InForce: fact.No, TokenRequired: fact.Unknown, UnsupportedByZtunnel: fact.No}
	f.From = fact.Source{Object: r.Object, Path: []any{"metadata", "name"}}
	if len(r.targets) > 0 {
		s.targetedRequests(r, f)
		return f
	}
	if len(r.possiblySelected) > 0 {
		f.InForce = fact.Unknown
	}
	answers := map[fact.Tri]bool{}
	for _, w := range r.selected {
		member := s.mesh.Member(w)
		switch {
		case member == fact.NoMesh:
			continue
		case member != fact.UnknownMember:
			f.InForce = fact.Yes
		case f.InForce == fact.No:
			f.InForce = fact.Unknown
		}
		if member == fact.Ambient && s.mesh.Waypoint(w) == fact.No {
			f.UnsupportedByZtunnel = fact.Yes
		}
		f.Workloads = append(f.Workloads, w.Ref())
		answers[s.requiredOn(w)] = true
	}
	if len(answers) == 1 {
		for answer := range answers {
			f.TokenRequired = answer
		}
	}
	return f
}

// requiredOn answers for one workload. Policies for it may be attached to a
// waypoint.
func (s *Policies) requiredOn(w *inventory.Workload) fact.Tri {
	sure, unsure := s.PoliciesOf(w)
	elsewhere := s.mayAttach(w) && (s.mesh.Member(w) == fact.Ambient || s.attached)
	return s.required(sure, unsure, s.unread(w) || elsewhere)
}

// targetedRequests: only Gateways are followed; to a Service the policies of
// its waypoint may be attached too.
func (s *Policies) targetedRequests(r *requestAuth, f *fact.RequestAuthenticationFacts) {
	f.InForce = fact.Unknown
	if len(r.targets) != 1 || r.targets[0].GetKind() != "Gateway" || r.targets[0].GetGroup() != inventory.GatewayGroup {
		return
	}
	if s.named[[3]string{"Gateway", r.Namespace, r.targets[0].GetName()}] {
		f.InForce = fact.Yes
	}
	policies := slices.Concat(s.byGateway[r.Namespace+"/"+r.targets[0].GetName()], s.meshWide, s.byNamespace[r.Namespace])
	const kind = "AuthorizationPolicy"
	unread := s.inventory.Gaps.Unread(r.Namespace, kind) || s.inventory.Gaps.Unread(s.mesh.RootOfMesh(), kind)
	f.TokenRequired = s.required(policies, s.selecting(r.Namespace), unread)
}

// selecting lists the policies with a selector in a namespace or the root one:
// they may select the pods of a Gateway, which are not in the tree.
func (s *Policies) selecting(namespace string) []*Policy {
	var out []*Policy
	for _, p := range s.policies {
		if !p.sel.Empty() && (p.root || p.Namespace == namespace) {
			out = append(out, p)
		}
	}
	return out
}

// required answers whether some policy asks for a token, or may.
func (s *Policies) required(sure, unsure []*Policy, unread bool) fact.Tri {
	asks := func(policies []*Policy) bool {
		return slices.ContainsFunc(policies, func(p *Policy) bool {
			return !p.dryRun && (p.action() == "CUSTOM" || slices.ContainsFunc(p.Rules, (*Rule).token))
		})
	}
	switch {
	case asks(sure):
		return fact.Yes
	case asks(unsure) || unread || s.claimed:
		return fact.Unknown
	}
	return fact.No
}

// token reports a rule that compares something of a verified token.
func (r *Rule) token() bool {
	return r.any(func(c *decode.Condition) bool { return c.Attr == decode.ByRequestPrincipal || c.Attr == decode.ByClaim })
}

// routeByClaim recognises routes that only requests with a claim take.
// https://istio.io/latest/docs/tasks/security/authentication/jwt-route/
func (s *Policies) routeByClaim() bool {
	const prefix = "@request.auth.claims"
	for _, o := range s.inventory.Objects {
		if o.Kind == "HTTPRoute" && strings.Contains(string(decode.AppendJSON(nil, o.Root)), prefix) {
			return true
		}
		i, ok := o.Typed.(*decode.Istio)
		if !ok {
			continue
		}
		if v, ok := i.Spec.(*networkingistio.VirtualService); ok && matchesHeader(v, prefix) {
			return true
		}
	}
	return false
}

func matchesHeader(v *networkingistio.VirtualService, prefix string) bool {
	for _, route := range v.GetHttp() {
		for _, m := range route.GetMatch() {
			for header := range m.GetHeaders() {
				if strings.HasPrefix(header, prefix) {
					return true
				}
			}
		}
	}
	return false
}
