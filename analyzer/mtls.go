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

// Mesh is what a set says of a service mesh: which workloads belong to it, which
// mode of mutual TLS each of their ports accepts, and what clients send.
type Mesh struct {
	inventory *Inventory
	scope     meshScope
	config    *meshConfig
	revisions map[string]bool // that the tree's own webhooks inject; nil without one
	members   map[*Workload]MeshFacts

	istioPolicies    map[string]bool // namespaces with Istio policies for workloads
	peerAuths        []*peerAuthentication
	peerAuthsOf      map[*Workload][]*peerAuthentication // that select a workload
	maybePeerAuthsOf map[*Workload][]*peerAuthentication
	general          map[*namespace][]*peerAuthentication // without a selector
	generalInForce   map[*namespace][]*peerAuthentication
	modes            map[*port]MTLSFacts

	rules  ruleBook
	scoped map[string][]*sidecarScope // Sidecars by namespace
	lookups
}

// NewMesh reads the objects of Istio and decides about every workload.
func NewMesh(inventory *Inventory, config *meshConfig) *Mesh {
	s := &Mesh{
		inventory: inventory, config: config, members: map[*Workload]MeshFacts{}, istioPolicies: map[string]bool{},
		peerAuthsOf: map[*Workload][]*peerAuthentication{}, maybePeerAuthsOf: map[*Workload][]*peerAuthentication{},
		general: map[*namespace][]*peerAuthentication{}, generalInForce: map[*namespace][]*peerAuthentication{},
		modes: map[*port]MTLSFacts{},
	}
	s.readRevisions()
	s.readPeerAuthentications()
	s.readDestinationRules()
	s.readSidecars()
	s.resolveMesh()
	s.resolveMTLS()
	s.lookups = newLookups(s)
	return s
}

// assume notes what was taken for granted of a mesh.
func (s *Mesh) assume(to map[string]bool) {
	if s.scope.present && s.config.source.Object == nil {
		to["the mesh has Istio's default configuration (root namespace `istio-system`, automatic mutual TLS)"] = true
	}
	for w, m := range s.members {
		if m.Reason == "revision" && s.revisions == nil {
			to["Istio revision `"+m.Names["revision"]+"` is installed"] = true
		}
		if m.Member == "unknown" {
			continue
		}
		for _, p := range w.ports {
			if s.modes[p].Scope == "default" {
				to["no mesh-wide PeerAuthentication exists outside the tree"] = true
			}
		}
	}
}

func (s *Mesh) readPeerAuthentications() {
	for _, o := range s.inventory.objects {
		i, ok := o.typed.(*istioObject)
		if !ok || !o.believed {
			continue
		}
		spec, ok := i.Spec.(*securityistio.PeerAuthentication)
		if !ok {
			continue
		}
		p := &peerAuthentication{
			decoded: o, spec: spec, ns: s.inventory.namespace(o.Namespace), root: s.config.isRoot(o.Namespace),
			sel: mapSelector(spec.GetSelector().GetMatchLabels()),
		}
		if !p.selects() {
			s.general[p.ns] = append(s.general[p.ns], p)
		}
		s.peerAuths = append(s.peerAuths, p)
	}
	for ns, all := range s.general {
		s.generalInForce[ns] = distinctModes(inForce(all))
	}
}

// resolveMTLS composes the effective mode of every workload port.
func (s *Mesh) resolveMTLS() {
	for _, p := range s.peerAuths {
		if !p.selects() || p.root {
			continue // a selector in the root namespace is ignored: see mode
		}
		p.selected, p.maybe = p.ns.index.match(p.sel)
		for _, w := range p.selected {
			s.peerAuthsOf[w] = append(s.peerAuthsOf[w], p)
		}
		for _, w := range p.maybe {
			s.maybePeerAuthsOf[w] = append(s.maybePeerAuthsOf[w], p)
		}
	}
	for _, w := range s.inventory.workloads {
		for _, p := range w.ports {
			s.modes[p] = s.portMTLS(w, p)
		}
	}
}

func (s *Mesh) portMTLS(w *Workload, p *port) MTLSFacts {
	none := MTLSFacts{Mode: "NONE", Scope: "none"}
	if s.member(w) == "none" || p.protocol != "TCP" {
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

func (s *Mesh) hasPortLevel(w *Workload) bool {
	for _, p := range s.peerAuthsOf[w] {
		if len(p.spec.GetPortLevelMtls()) > 0 {
			return true
		}
	}
	return false
}

func modeOf(m *securityistio.PeerAuthentication_MutualTLS) string {
	return m.GetMode().String()
}
