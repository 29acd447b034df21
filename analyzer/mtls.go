package analyzer

import (
	"strconv"

	securityistio "istio.io/api/security/v1beta1"

	"github.com/aisec-lint/aisec-lint/loader"
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
	switch {
	case w.Facts.Mesh.Member == "none", p.protocol != "TCP", w.notCaptured(p.number):
		// Only TCP is captured, and only in the mesh.
		return MTLSFacts{Mode: "NONE", Scope: "none"}
	case p.number == 0 && s.hasPortLevel(w):
		return MTLSFacts{Mode: "UNKNOWN", Scope: "none"}
	}
	m := s.mode(w, p)
	if w.Facts.Mesh.Member == "ambient" && m.Mode == "DISABLE" {
		// ztunnel always offers HBONE; DISABLE is not supported there.
		// https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-MutualTLS-Mode
		m.Mode = "PERMISSIVE"
	}
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

// mode composes the policies as istiod does: workload over namespace over mesh
// over PERMISSIVE; UNSET inherits; of several policies of one scope the oldest
// alone counts, which manifests cannot tell, so that the mode is known only
// when each of them would give the same.
// See istio/istio pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication).
func (s *setModel) mode(w *Workload, p *port) MTLSFacts {
	parents := s.parentModes(w)
	if len(w.selection.maybePeerAuths) > 0 || s.unreadPeerAuth(w, len(w.selection.peerAuths) == 0) {
		return MTLSFacts{Mode: "UNKNOWN", Scope: "none"}
	}
	if len(w.selection.peerAuths) == 0 {
		return agree(parents)
	}
	var out []MTLSFacts
	for _, pa := range w.selection.peerAuths {
		own := parents
		if mode := modeOf(pa.spec.GetMtls()); mode != "UNSET" {
			own = []MTLSFacts{decided(mode, "workload", pa, "mtls", "mode")}
		}
		if level, ok := pa.spec.GetPortLevelMtls()[uint32(p.number)]; ok && p.number > 0 {
			mode := modeOf(level)
			// ztunnel takes only PERMISSIVE out of an inherited STRICT:
			// istio/istio pilot/pkg/serviceregistry/ambient/authorization.go (convertedSelectorPeerAuthentications)
			ignored := mode == "DISABLE" && w.Facts.Mesh.Member == "ambient" && modeOf(pa.spec.GetMtls()) == "UNSET"
			if mode != "UNSET" && !ignored {
				own = []MTLSFacts{decided(mode, "port", pa, "portLevelMtls", strconv.Itoa(p.number), "mode")}
			}
		}
		out = append(out, own...)
	}
	return agree(out)
}

// parentModes are the modes that a workload inherits: one, unless policies of
// one scope contradict each other.
func (s *setModel) parentModes(w *Workload) []MTLSFacts {
	modes := []MTLSFacts{{Mode: "PERMISSIVE", Scope: "default", Evidence: Evidence{From: w.source("metadata", "name")}}}
	if root := s.namespaces[s.config.rootNamespace]; root != nil {
		modes = override(modes, root.peerAuths, "mesh")
	}
	if !s.config.isRoot(w.Namespace) {
		modes = override(modes, w.ns.peerAuths, "namespace")
	}
	return modes
}

// override replaces the inherited modes by those of a scope's policies; each
// policy that says UNSET leaves the inherited ones possible.
func override(inherited []MTLSFacts, policies []*peerAuthentication, scope string) []MTLSFacts {
	var out []MTLSFacts
	for _, p := range policies {
		if p.selects() {
			continue
		}
		if mode := modeOf(p.spec.GetMtls()); mode != "UNSET" {
			out = append(out, decided(mode, scope, p, "mtls", "mode"))
		} else {
			out = append(out, inherited...)
		}
	}
	if out == nil {
		return inherited
	}
	return out
}

// agree returns the common answer of the candidates, unknown if they differ.
func agree(candidates []MTLSFacts) MTLSFacts {
	for _, c := range candidates[1:] {
		if c.Mode != candidates[0].Mode {
			return MTLSFacts{Mode: "UNKNOWN", Scope: "none"}
		}
	}
	return candidates[0]
}

func decided(mode, scope string, p *peerAuthentication, steps ...any) MTLSFacts {
	return MTLSFacts{Mode: mode, Scope: scope, Evidence: Evidence{
		From: Source{Object: p.Object, Path: loader.Path{"spec"}.Join(steps...)},
	}}
}

func modeOf(m *securityistio.PeerAuthentication_MutualTLS) string {
	return m.GetMode().String()
}

// unreadPeerAuth reports that a policy may exist which was not read. A policy
// for the workload itself, found in the tree, is taken for the one in force.
func (s *setModel) unreadPeerAuth(w *Workload, inherited bool) bool {
	return inherited && s.gaps.unread(w.Namespace, "PeerAuthentication") || isPlaceholder(w.Namespace)
}
