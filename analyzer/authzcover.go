package analyzer

import "slices"

// cover answers whether some policy in force limits who may call a port at all.
func (s *Policies) cover(w *Workload, p *port) (f AuthzFacts) {
	sure, unsure := s.policiesOf(w)
	if f.From, f.Covered = s.coverOf(w, sure, p.number); f.Covered == Yes {
		return f
	}
	if _, maybe := s.coverOf(w, unsure, p.number); maybe == Yes || s.authzUnread(w) || s.mesh.member(w) == "ambient" && s.mesh.waypoint(w) != No {
		f.Covered = Unknown
	} else if m := s.mesh.member(w); m == "sidecar" || m == "ambient" {
		s.assumed["no mesh-wide AuthorizationPolicy exists outside the tree"] = true
	}
	return f
}

func (s *Policies) coverOf(w *Workload, policies []*authzPolicy, port int) (Source, Tri) {
	for _, p := range policies {
		if p.dryRun {
			continue
		}
		switch p.action() {
		case "ALLOW":
			return p.at(), Yes
		case "CUSTOM":
			if s.mesh.member(w) != "ambient" {
				return p.at(), Yes
			}
		case "DENY":
			for _, r := range p.rules {
				if r.deniesByDefault(port) {
					return Source{Object: p.Object, Path: r.path}, Yes
				}
			}
		}
	}
	return Source{}, No
}

// deniesByDefault recognises the DENY rule that is an allow-list: it denies
// everybody but those it names.
func (r *authzRule) deniesByDefault(port int) bool {
	if !r.concerns(port) {
		return false
	}
	narrow := r.any(func(c *condition) bool { return c.attr != byPort && c.narrow() })
	return !narrow || r.any(func(c *condition) bool { return c.source() && len(c.not) > 0 })
}

// concerns reports that the rule may match at the port; 0 is a port of which
// the number is not known.
func (r *authzRule) concerns(port int) bool {
	q := authzQuestion{port: port}
	result := always
	for i := range r.when {
		if r.when[i].attr == byPort {
			result = result.and(q.meets(&r.when[i]))
		}
	}
	operations := never
	for _, item := range r.to {
		one := always
		for i := range item {
			if item[i].attr == byPort {
				one = one.and(q.meets(&item[i]))
			}
		}
		operations = operations.or(one)
	}
	return result != never && (len(r.to) == 0 || operations != never)
}

// narrow reports that a condition keeps something out. `*` of what every
// request has, `/*` and the blocks of all addresses do not.
func (c *condition) narrow() bool {
	if len(c.not) > 0 {
		return true
	}
	for _, v := range c.values {
		switch c.attr {
		case byMethod, byHost:
			if v == "*" {
				return false
			}
		case byPath:
			if v == "*" || v == "/*" || v == "/{**}" {
				return false
			}
		case byAddress, byRemoteAddress:
			if v == "::/0" && slices.Contains(c.values, "0.0.0.0/0") {
				return false
			}
		case byPort, byPrincipal, byNamespace, byServiceAccount, byTrustDomain, byRequestPrincipal, byClaim, byHeader, byOther:
		}
	}
	return len(c.values) > 0
}

// open reports an ALLOW rule that narrows nothing: some source, some operation
// and every condition let everything through.
func (r *authzRule) open() bool {
	loose := func(items [][]condition) bool {
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

func narrowing(conditions []condition) bool {
	for i := range conditions {
		if conditions[i].narrow() {
			return true
		}
	}
	return false
}
