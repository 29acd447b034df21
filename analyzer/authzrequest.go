package analyzer

import (
	"slices"
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"
)

// requestFacts tells whether anything requires the tokens that a
// RequestAuthentication verifies: by itself it refuses bad tokens only, and
// lets requests without one through.
// https://istio.io/latest/docs/reference/config/security/request_authentication/
func (s *Policies) requestFacts(r *requestAuth) *RequestAuthenticationFacts {
	f := &RequestAuthenticationFacts{Issuers: len(r.spec.GetJwtRules()) > 0, InForce: No, Required: Unknown, Ztunnel: No}
	f.From = Source{Object: r.Object, Path: []any{"metadata", "name"}}
	if len(r.targets) > 0 {
		s.targetedRequests(r, f)
		return f
	}
	if len(r.maybe) > 0 {
		f.InForce = Unknown
	}
	answers := map[Tri]bool{}
	for _, w := range r.selected {
		member := s.mesh.member(w)
		switch {
		case member == "none":
			continue
		case member != "unknown":
			f.InForce = Yes
		case f.InForce == No:
			f.InForce = Unknown
		}
		if member == "ambient" && s.mesh.waypoint(w) == No {
			f.Ztunnel = Yes
		}
		f.Workloads = append(f.Workloads, w.ref())
		answers[s.requiredOn(w)] = true
	}
	if len(answers) == 1 {
		for answer := range answers {
			f.Required = answer
		}
	}
	return f
}

// requiredOn answers for one workload. Policies for it may be attached to a
// waypoint.
func (s *Policies) requiredOn(w *Workload) Tri {
	sure, unsure := s.policiesOf(w)
	elsewhere := s.mayAttach(w) && (s.mesh.member(w) == "ambient" || s.attached)
	return s.required(sure, unsure, s.authzUnread(w) || elsewhere)
}

// targetedRequests: only Gateways are followed; to a Service the policies of
// its waypoint may be attached too.
func (s *Policies) targetedRequests(r *requestAuth, f *RequestAuthenticationFacts) {
	f.InForce = Unknown
	if len(r.targets) != 1 || r.targets[0].GetKind() != "Gateway" || r.targets[0].GetGroup() != gatewayGroup {
		return
	}
	if s.named[[3]string{"Gateway", r.Namespace, r.targets[0].GetName()}] {
		f.InForce = Yes
	}
	policies := slices.Concat(s.byGateway[r.Namespace+"/"+r.targets[0].GetName()], s.meshWide, s.byNamespace[r.Namespace])
	const kind = "AuthorizationPolicy"
	unread := s.inventory.gaps.unread(r.Namespace, kind) || s.inventory.gaps.unread(s.mesh.rootOfMesh(), kind)
	f.Required = s.required(policies, s.selecting(r.Namespace), unread)
}

// selecting lists the policies with a selector in a namespace or the root one:
// they may select the pods of a Gateway, which are not in the tree.
func (s *Policies) selecting(namespace string) []*authzPolicy {
	var out []*authzPolicy
	for _, p := range s.policies {
		if !p.sel.empty() && (p.root || p.Namespace == namespace) {
			out = append(out, p)
		}
	}
	return out
}

// required answers whether some policy asks for a token, or may.
func (s *Policies) required(sure, unsure []*authzPolicy, unread bool) Tri {
	asks := func(policies []*authzPolicy) bool {
		return slices.ContainsFunc(policies, func(p *authzPolicy) bool {
			return !p.dryRun && (p.action() == "CUSTOM" || slices.ContainsFunc(p.rules, (*authzRule).token))
		})
	}
	switch {
	case asks(sure):
		return Yes
	case asks(unsure) || unread || s.claimed:
		return Unknown
	}
	return No
}

// token reports a rule that compares something of a verified token.
func (r *authzRule) token() bool {
	return r.any(func(c *condition) bool { return c.attr == byRequestPrincipal || c.attr == byClaim })
}

// routeByClaim recognises routes that only requests with a claim take.
// https://istio.io/latest/docs/tasks/security/authentication/jwt-route/
func (s *Policies) routeByClaim() bool {
	const prefix = "@request.auth.claims"
	for _, o := range s.inventory.objects {
		if o.Kind == "HTTPRoute" && strings.Contains(string(appendJSON(nil, o.Root)), prefix) {
			return true
		}
		i, ok := o.typed.(*istioObject)
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
