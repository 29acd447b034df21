package analyzer

import "slices"

// settleMesh asks the mesh about a flow that the network settled.
func (s *Needs) settleMesh(f *flow, x *sender, to destination) {
	f.facts.Mesh.Verdict = string(Allowed)
	if to.port.protocol != "TCP" || x == nil || s.mesh.member(to.w) == "none" {
		return
	}
	for _, seg := range s.layers.segments(*x, to.w) {
		if !seg.ports.contains(to.port.number) {
			continue
		}
		f.facts.Mesh.Verdict = string(seg.verdict)
		if from := decisive(&seg.meshAnswer); from.Object != nil {
			f.facts.Mesh.From = from
			f.names["mesh_policy"] = refName(from.Object)
		} else if seg.verdict == Denied || seg.verdict == BrokenTLS {
			f.facts.Mesh.Verdict = string(Unsure) // nothing to point at, nothing to say
		}
	}
}

// decisive is the object that keeps a connection out: an AuthorizationPolicy
// where it is denied, what sets the mode of either side where TLS does not fit.
func decisive(a *meshAnswer) Source {
	for _, r := range a.because {
		if r.Object != nil && (r.Object.Kind == "AuthorizationPolicy") == (a.verdict == Denied) {
			return Source{Object: r.Object, Path: r.Path}
		}
	}
	return Source{}
}

// meshSender is the caller of a route or scrape in the mesh: a pod of the set
// or the proxies of an Istio gateway, whose account nobody knows. Of others
// nothing is known, not even whether they are in the mesh.
func (s *Needs) meshSender(p *party, src *routeSource) *sender {
	switch {
	case p.kind == podParty:
		x := s.layers.senderOf(&Endpoint{Workload: p.w, party: p})
		if p.w.gateway && src.istio() { // a gateway of Istio has its identity by nature
			x.member = "sidecar"
		}
		if x.member == "unknown" {
			return nil
		}
		return &x
	case src.istio() && !src.anyNamespace:
		w := &Workload{Namespace: src.namespace, ns: s.inventory.namespace(src.namespace), labels: labelSet{known: src.labels, open: true}}
		return &sender{w: w, member: "sidecar", caller: caller{namespace: src.namespace}}
	}
	return nil
}

// istio reports proxies that istiod programs.
func (r *routeSource) istio() bool { return r.kind == podSource && r.gateway != nil }

// sameMesh reports whether several flows fare alike in the mesh: of some of
// them only, nothing is said.
func sameMesh(flows []*flow) bool {
	return !slices.ContainsFunc(flows, func(f *flow) bool { return f.facts.Mesh.Verdict != flows[0].facts.Mesh.Verdict })
}
