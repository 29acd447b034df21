package mesh

import (
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// PortMTLS is the mutual TLS that one port of a workload accepts, and what
// decides that.
type PortMTLS struct {
	Mode  fact.MTLSMode
	Scope fact.MTLSScope // of the policy that decides; default and none without one
	From  fact.Source    // the field that decides, or the workload; no object where no proxy takes the port

	policy *peerAuthentication // that decides; nil without one
}

// Decided reports that a policy of the tree decides the mode.
func (p PortMTLS) Decided() bool { return p.policy != nil }

// setBy reports that a portLevelMtls entry of the policy decides the mode.
func (p PortMTLS) setBy(policy *peerAuthentication) bool {
	return p.policy == policy && p.Scope == fact.PortScope
}

// Decider names what decides the mode.
func (p PortMTLS) Decider() string {
	switch {
	case p.Scope == fact.DefaultScope:
		return "Istio's default"
	case p.From.Object == nil:
		return "no proxy"
	default:
		return fact.RefName(p.From.Object)
	}
}

// MTLSFacts lays out the mode of a workload's own port for rules.
func (m *Mesh) MTLSFacts(p *inventory.Port) fact.MTLSFacts {
	mode := m.modes[p]
	f := fact.MTLSFacts{Mode: mode.Mode, Scope: mode.Scope, Evidence: fact.Evidence{From: mode.From}}
	if o := mode.From.Object; o != nil {
		f.Names = map[string]string{"port": p.String(), "decider": fact.RefName(o), "mode": string(mode.Mode)}
	}
	return f
}

// noProxy is the answer for a port that no proxy takes.
func noProxy() PortMTLS { return PortMTLS{Mode: fact.NoMTLS, Scope: fact.NoScope} }

func unknownMode() PortMTLS { return PortMTLS{Mode: fact.UnknownMTLS, Scope: fact.NoScope} }

// decided is the mode that a policy sets with the field at the steps.
func decided(mode fact.MTLSMode, scope fact.MTLSScope, p *peerAuthentication, steps ...any) PortMTLS {
	return PortMTLS{Mode: mode, Scope: scope, policy: p, From: fact.Source{Object: p.Object, Path: yaml.Path{"spec"}.Join(steps...)}}
}

// portModes decides the mode of every port of every workload.
func (m *Mesh) portModes() map[*inventory.Port]PortMTLS {
	out := map[*inventory.Port]PortMTLS{}
	for _, w := range m.Inventory.Workloads {
		for _, p := range w.Ports {
			out[p] = m.decidePort(w, p)
		}
	}
	return out
}

// PortMTLS returns the mutual TLS that a port of the workload accepts, for its
// own ports and for any other.
func (m *Mesh) PortMTLS(w *inventory.Workload, p *inventory.Port) PortMTLS {
	if known, ok := m.modes[p]; ok {
		return known
	}
	return m.decidePort(w, p)
}

func (m *Mesh) decidePort(w *inventory.Workload, p *inventory.Port) PortMTLS {
	if m.Member(w) == fact.NoMesh || p.Protocol != "TCP" {
		return noProxy() // only TCP is captured, and only in the mesh
	}
	c := m.Capture(w, p.Number)
	switch {
	case c.State == fact.UnknownCapture || p.Number == 0 && !p.Unnamed && m.hasPortModes(w):
		return unknownMode()
	case c.State != fact.Captured:
		return noProxy()
	}
	return m.mode(w, p.Number)
}

func (m *Mesh) hasPortModes(w *inventory.Workload) bool {
	for _, p := range m.peerAuthsOf[w] {
		if len(p.spec.GetPortLevelMtls()) > 0 {
			return true
		}
	}
	return false
}

// mode composes the policies as istiod does: workload over namespace over mesh
// over PERMISSIVE; UNSET inherits; of several policies of one scope only the
// oldest counts. Manifests seldom say which that is, so that the mode is known
// only when each of them would give the same.
// See istio/istio pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication).
func (m *Mesh) mode(w *inventory.Workload, number int) PortMTLS {
	if len(m.possiblePeerAuthsOf[w]) > 0 || decode.IsPlaceholder(w.Namespace) {
		return unknownMode()
	}
	var answer PortMTLS
	for i, c := range m.compositions(w) {
		next := c.port(number, m.Member(w) == fact.Ambient)
		switch {
		case i == 0:
			answer = next
		case answer.Mode != next.Mode:
			return unknownMode()
		}
	}
	switch answer.Scope {
	case fact.WorkloadScope, fact.PortScope:
		return answer // a policy for the workload in the tree is taken for the one in force
	case fact.DefaultScope, fact.MeshScope:
		if !m.Config.RootKnown {
			return unknownMode()
		}
	case fact.NamespaceScope, fact.NoScope:
	}
	if m.Inventory.Gaps.Unread(w.Namespace, "PeerAuthentication") || m.Inventory.Stray("PeerAuthentication", w) != nil {
		return unknownMode()
	}
	return answer
}

// scopes are the policies that may be in force for a workload, by scope. A nil
// policy stands for no policy; each list has at least one element.
type scopes struct{ mesh, namespace, workload []*peerAuthentication }

func (m *Mesh) scopesOf(w *inventory.Workload) scopes {
	none := []*peerAuthentication{nil}
	out := scopes{m.meshWide(), none, none}
	if !m.Config.isRoot(w.Namespace) {
		out.namespace = orNone(m.generalInForce[w.Ns])
		out.workload = orNone(possiblyInForce(m.peerAuthsOf[w]))
	}
	return out
}

// meshWide are the policies that may be in force for the whole mesh.
func (m *Mesh) meshWide() []*peerAuthentication {
	if root := m.Inventory.Namespaces[m.Config.RootNamespace]; root != nil && m.Config.RootKnown {
		return orNone(m.generalInForce[root])
	}
	return orNone(nil)
}

func orNone(policies []*peerAuthentication) []*peerAuthentication {
	if len(policies) == 0 {
		return []*peerAuthentication{nil}
	}
	return policies
}

// composition is one policy of each scope, nil where there is none: what istiod
// composes into the mode of a workload (ComposePeerAuthentication).
type composition struct {
	mesh, namespace, workload *peerAuthentication
	place                     fact.Source // named where no policy decides
}

// compositions lists every combination of policies that may be in force.
func (m *Mesh) compositions(w *inventory.Workload) []composition {
	var out []composition
	all := m.scopesOf(w)
	for _, mesh := range all.mesh {
		for _, ns := range all.namespace {
			for _, own := range all.workload {
				out = append(out, composition{mesh, ns, own, w.Source("metadata", "name")})
			}
		}
	}
	return out
}

// port is the mode of one port.
func (c *composition) port(number int, ambient bool) PortMTLS {
	level := c.workload.portMode(number)
	switch {
	case ambient:
		return c.ambientPort(level, number)
	case level != fact.Unset:
		return c.portLevel(level, number)
	}
	return c.base()
}

// base is the mode of every port that portLevelMtls does not name.
func (c *composition) base() PortMTLS {
	out := PortMTLS{Mode: fact.Permissive, Scope: fact.DefaultScope, From: c.place}
	for _, step := range []struct {
		policy *peerAuthentication
		scope  fact.MTLSScope
	}{{c.mesh, fact.MeshScope}, {c.namespace, fact.NamespaceScope}, {c.workload, fact.WorkloadScope}} {
		if mode := step.policy.mode(); mode != fact.Unset {
			out = decided(mode, step.scope, step.policy, "mtls", "mode")
		}
	}
	return out
}

func (c *composition) portLevel(mode fact.MTLSMode, number int) PortMTLS {
	return decided(mode, fact.PortScope, c.workload, "portLevelMtls", strconv.Itoa(number), "mode")
}

// ambientPort follows ztunnel, for which istiod turns the policies into
// authorization: STRICT denies callers without identity, and everything else
// admits them. level is the workload policy's own mode for the port.
// istio/istio pilot/pkg/serviceregistry/ambient/authorization.go
// (convertedSelectorPeerAuthentications, convertPeerAuthentication).
func (c *composition) ambientPort(level fact.MTLSMode, number int) PortMTLS {
	base := c.base()
	parent := composition{mesh: c.mesh, namespace: c.namespace, place: c.place}
	inherited := parent.base().Mode == fact.Strict
	own := c.workload.mode()
	exempts, disables := c.workload.hasPortMode(fact.Permissive), c.workload.hasPortMode(fact.Disable)
	switch {
	case own == fact.Unset && inherited && exempts && c.namespace != nil && c.namespace.mode() == fact.Unset && (level == fact.Unset || level == fact.Strict):
		// istiod removes the static policy, and the one that replaces it is empty.
		return unknownMode()
	case own == fact.Unset && inherited && disables && !exempts && level == fact.Disable:
		return base // DISABLE alone exempts no port from an inherited STRICT
	case own != fact.Unset && own != fact.Strict && level == fact.Strict && c.namespace.mode() == fact.Unset && c.mesh.mode() == fact.Strict:
		// istiod leaves out the rule for the port as if the port inherited STRICT.
		return unknownMode()
	}
	if level != fact.Unset {
		base = c.portLevel(level, number)
	}
	if base.Mode == fact.Disable {
		// ztunnel always offers HBONE; DISABLE is not supported there.
		// https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-MutualTLS-Mode
		base.Mode = fact.Permissive
	}
	return base
}
