package analyzer

import (
	securityistio "istio.io/api/security/v1beta1"
)

// peerAuthentication is a PeerAuthentication and the workloads it selects.
type peerAuthentication struct {
	*decoded
	spec            *securityistio.PeerAuthentication
	ns              *namespace
	sel             selector
	root            bool // lies in the mesh root namespace
	selected, maybe []*Workload
}

// selects reports a policy for single workloads; an empty selector is none.
func (p *peerAuthentication) selects() bool { return !p.sel.empty() }

func (s *setModel) readPeerAuthentications() {
	for _, o := range s.objects {
		i, ok := o.typed.(*istioObject)
		if !ok || !o.believed {
			continue
		}
		spec, ok := i.Spec.(*securityistio.PeerAuthentication)
		if !ok {
			continue
		}
		p := &peerAuthentication{
			decoded: o, spec: spec, ns: s.namespace(o.Namespace), root: s.config.isRoot(o.Namespace),
			sel: mapSelector(spec.GetSelector().GetMatchLabels()),
		}
		p.ns.peerAuths = append(p.ns.peerAuths, p)
		s.peerAuths = append(s.peerAuths, p)
	}
}

// resolveMTLS composes the effective mode of every workload port.
func (s *setModel) resolveMTLS() {
	for _, p := range s.peerAuths {
		if !p.selects() || p.root {
			continue // a selector in the root namespace is ignored: see mode
		}
		p.selected, p.maybe = p.ns.index.match(p.sel)
		for _, w := range p.selected {
			w.selection.peerAuths = append(w.selection.peerAuths, p)
		}
		for _, w := range p.maybe {
			w.selection.maybePeerAuths = append(w.selection.maybePeerAuths, p)
		}
	}
	for _, w := range s.workloads {
		for _, p := range w.ports {
			p.facts.MTLS = s.portMTLS(w, p)
		}
	}
}

func (s *setModel) portMTLS(w *Workload, p *port) MTLSFacts {
	none := MTLSFacts{Mode: "NONE", Scope: "none"}
	if w.Facts.Mesh.Member == "none" || p.protocol != "TCP" {
		return none // only TCP is captured, and only in the mesh
	}
	c := s.capture(w, p.number)
	switch {
	case c.state == "unknown" || p.number == 0 && !p.unnamed && s.hasPortLevel(w):
		return MTLSFacts{Mode: "UNKNOWN", Scope: "none"}
	case c.state != "captured":
		return none
	}
	m := s.mode(w, p.number)
	if m.From.Object != nil {
		m.Names = map[string]string{"port": p.String(), "decider": refName(m.From.Object), "mode": m.Mode}
	}
	return m
}

func (s *setModel) hasPortLevel(w *Workload) bool {
	for _, p := range w.selection.peerAuths {
		if len(p.spec.GetPortLevelMtls()) > 0 {
			return true
		}
	}
	return false
}

func modeOf(m *securityistio.PeerAuthentication_MutualTLS) string {
	return m.GetMode().String()
}
