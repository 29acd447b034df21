package analyzer

import (
	"strconv"
	"strings"

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
			decoded: o, spec: spec, ns: s.namespace(o.Namespace), root: o.Namespace == rootNamespace,
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
// istio/istio pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication)
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
	if root := s.namespaces[s.mesh.root]; root != nil {
		modes = override(modes, root.peerAuths, "mesh")
	}
	if w.Namespace != s.mesh.root {
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

// notCaptured reports ports that the sidecar leaves alone by annotation.
// https://istio.io/latest/docs/reference/config/annotations/ (traffic.sidecar.istio.io/…)
func (w *Workload) notCaptured(number int) bool {
	const prefix = "traffic.sidecar.istio.io/"
	if w.Facts.Mesh.Member == "ambient" {
		return w.Annotations["ambient.istio.io/bypass-inbound-capture"] == "true"
	}
	if listed(w.Annotations[prefix+"excludeInboundPorts"], number) {
		return true
	}
	include, ok := w.Annotations[prefix+"includeInboundPorts"]
	return ok && include != "*" && !listed(include, number)
}

func listed(list string, number int) bool {
	for item := range strings.SplitSeq(list, ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(item)); err == nil && n == number && n > 0 {
			return true
		}
	}
	return false
}

// portExceptions are the facts of a policy's portLevelMtls entries, in the
// order of their ports.
func (s *setModel) portExceptions(p *peerAuthentication) []PortExceptionFacts {
	out := []PortExceptionFacts{}
	node := p.Root.Get("spec").Get("portLevelMtls")
	if node == nil {
		return out
	}
	for i := range node.Fields {
		key := node.Fields[i].Key.Text
		number, err := strconv.Atoi(key)
		if err != nil {
			continue
		}
		f := PortExceptionFacts{Number: number, Mode: modeOf(p.spec.GetPortLevelMtls()[uint32(number)]), Port: "other", Effective: No, Purpose: "app"}
		f.From = Source{Object: p.Object, Path: loader.Path{"spec", "portLevelMtls", key, "mode"}}
		f.Names = map[string]string{"port": key}
		s.judgeException(p, &f)
		out = append(out, f)
	}
	return out
}

func (s *setModel) judgeException(p *peerAuthentication, f *PortExceptionFacts) {
	for _, w := range p.selected {
		q := w.portNumbered(f.Number, "TCP")
		switch {
		case q != nil:
			f.Port = "workload"
			f.Names["port"] = q.String()
			f.Purpose = q.facts.Purpose
			if q.facts.MTLS.From.Object == p.Object && q.facts.MTLS.Scope == "port" && w.Facts.Mesh.Member != "none" {
				f.Effective = Yes
				f.Workloads = append(f.Workloads, w.ID)
			}
		case f.Port == "other" && !w.implied:
			s.servicePortMeant(w, f)
		}
	}
	if len(p.selected) == 0 || len(p.maybe) > 0 {
		f.Port, f.Effective = "unknown", Unknown
	}
}

// servicePortMeant recognises a key that is a Service's port and none of the
// pods': portLevelMtls is keyed by pod port, so the entry has no effect.
// https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-port_level_mtls
func (s *setModel) servicePortMeant(w *Workload, f *PortExceptionFacts) {
	for _, v := range w.services {
		for i := range v.spec.Ports {
			p := &v.spec.Ports[i]
			if int(p.Port) != f.Number || target(p).IntVal == p.Port {
				continue
			}
			f.Port = "service"
			to := target(p)
			f.Names["target"] = to.String()
			if q := w.servicePortTarget(p); q != nil {
				f.Names["target"] = strconv.Itoa(q.number)
			}
			f.Names["service"] = refPlain(v.Object)
			f.Workloads = append(f.Workloads, w.ID)
			return
		}
	}
}
