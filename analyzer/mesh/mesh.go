package mesh

import (
	securityistio "istio.io/api/security/v1beta1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// peerAuthentication is a PeerAuthentication and the workloads it selects.
type peerAuthentication struct {
	*decode.Decoded
	Spec                       *securityistio.PeerAuthentication
	ns                         *inventory.Namespace
	sel                        inventory.Selector
	root                       bool // lies in the mesh root namespace
	selected, possiblySelected []*inventory.Workload
}

// selects reports a policy for single workloads; an empty selector is none.
func (p *peerAuthentication) selects() bool { return !p.sel.Empty() }

// Mesh is what a set says of a service mesh: which workloads belong to it, which
// mode of mutual TLS each of their ports accepts, and what clients send.
type Mesh struct {
	Inventory *inventory.Inventory
	Scope     meshScope
	Config    *Config
	revisions map[string]bool // that the tree's own webhooks inject; nil without one
	members   map[*inventory.Workload]fact.MeshFacts

	istioPolicies    map[string]bool // namespaces with Istio policies for workloads
	PeerAuths        []*peerAuthentication
	PeerAuthsOf      map[*inventory.Workload][]*peerAuthentication // that select a workload
	MaybePeerAuthsOf map[*inventory.Workload][]*peerAuthentication
	general          map[*inventory.Namespace][]*peerAuthentication // without a selector
	generalInForce   map[*inventory.Namespace][]*peerAuthentication
	Modes            map[*inventory.Port]fact.MTLSFacts

	rules  destinationRules
	scoped map[string][]*sidecarScope // Sidecars by namespace
	lookups
}

// New reads the objects of Istio and decides about every workload.
func New(inv *inventory.Inventory, config *Config) *Mesh {
	s := &Mesh{
		Inventory: inv, Config: config, members: map[*inventory.Workload]fact.MeshFacts{}, istioPolicies: map[string]bool{},
		PeerAuthsOf: map[*inventory.Workload][]*peerAuthentication{}, MaybePeerAuthsOf: map[*inventory.Workload][]*peerAuthentication{},
		general: map[*inventory.Namespace][]*peerAuthentication{}, generalInForce: map[*inventory.Namespace][]*peerAuthentication{},
		Modes: map[*inventory.Port]fact.MTLSFacts{},
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

// Assume notes what was taken for granted of a mesh.
func (s *Mesh) Assume(to map[string]bool) {
	if s.Scope.Present && s.Config.source.Object == nil {
		to["the mesh has Istio's default configuration (root namespace `istio-system`, automatic mutual TLS)"] = true
	}
	for w, m := range s.members {
		if m.Reason == "revision" && s.revisions == nil {
			to["Istio revision `"+m.Names["revision"]+"` is installed"] = true
		}
		if m.Member == fact.UnknownMember {
			continue
		}
		for _, p := range w.Ports {
			if s.Modes[p].Scope == fact.DefaultScope {
				to["no mesh-wide PeerAuthentication exists outside the tree"] = true
			}
		}
	}
}

func (s *Mesh) readPeerAuthentications() {
	for _, o := range s.Inventory.Objects {
		i, ok := o.Typed.(*decode.Istio)
		if !ok || !o.Believed {
			continue
		}
		spec, ok := i.Spec.(*securityistio.PeerAuthentication)
		if !ok {
			continue
		}
		p := &peerAuthentication{
			Decoded: o, Spec: spec, ns: s.Inventory.Namespace(o.Namespace), root: s.Config.isRoot(o.Namespace),
			sel: inventory.MapSelector(spec.GetSelector().GetMatchLabels()),
		}
		if !p.selects() {
			s.general[p.ns] = append(s.general[p.ns], p)
		}
		s.PeerAuths = append(s.PeerAuths, p)
	}
	for ns, all := range s.general {
		s.generalInForce[ns] = distinctModes(inForce(all))
	}
}

// resolveMTLS composes the effective mode of every workload port.
func (s *Mesh) resolveMTLS() {
	for _, p := range s.PeerAuths {
		if !p.selects() || p.root {
			continue // a selector in the root namespace is ignored: see mode
		}
		p.selected, p.possiblySelected = p.ns.Index.Match(p.sel)
		for _, w := range p.selected {
			s.PeerAuthsOf[w] = append(s.PeerAuthsOf[w], p)
		}
		for _, w := range p.possiblySelected {
			s.MaybePeerAuthsOf[w] = append(s.MaybePeerAuthsOf[w], p)
		}
	}
	for _, w := range s.Inventory.Workloads {
		for _, p := range w.Ports {
			s.Modes[p] = s.PortMTLS(w, p)
		}
	}
}

func (s *Mesh) PortMTLS(w *inventory.Workload, p *inventory.Port) fact.MTLSFacts {
	none := fact.MTLSFacts{Mode: fact.NoMTLS, Scope: fact.NoScope}
	if s.Member(w) == fact.NoMesh || p.Protocol != "TCP" {
		return none // only TCP is captured, and only in the mesh
	}
	c := s.Capture(w, p.Number)
	switch {
	case c.State == fact.UnknownCapture || p.Number == 0 && !p.Unnamed && s.hasPortLevel(w):
		return fact.MTLSFacts{Mode: fact.UnknownMTLS, Scope: fact.NoScope}
	case c.State != fact.Captured:
		return none
	}
	m := s.mode(w, p.Number)
	if m.From.Object != nil {
		m.Names = map[string]string{"port": p.String(), "decider": fact.RefName(m.From.Object), "mode": string(m.Mode)}
	}
	return m
}

func (s *Mesh) hasPortLevel(w *inventory.Workload) bool {
	for _, p := range s.PeerAuthsOf[w] {
		if len(p.Spec.GetPortLevelMtls()) > 0 {
			return true
		}
	}
	return false
}

func modeOf(m *securityistio.PeerAuthentication_MutualTLS) fact.MTLSMode {
	return fact.MTLSMode(m.GetMode().String())
}
