package mesh

import (
	"slices"
	"strconv"
	"time"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// inForce returns the policies of one scope that may be the one in force: the
// oldest alone counts. Only an export of a cluster says how old a policy is;
// one without a date may be older than any other.
// istio/istio pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication:
// CreationTimestamp.Before) and pilot/pkg/model/push_context.go
// (sortConfigByCreationTime: of equal dates the name decides).
func inForce(policies []*peerAuthentication) []*peerAuthentication {
	if len(policies) < 2 {
		return policies
	}
	var out []*peerAuthentication
	var oldest *peerAuthentication
	for _, p := range policies {
		switch {
		case p.created().IsZero():
			out = append(out, p)
		case oldest == nil || p.olderThan(oldest):
			oldest = p
		}
	}
	if oldest != nil {
		out = append(out, oldest)
	}
	return out
}

func (p *peerAuthentication) created() time.Time { return p.Meta.CreationTimestamp.Time }

func (p *peerAuthentication) olderThan(q *peerAuthentication) bool {
	if !p.created().Equal(q.created()) {
		return p.created().Before(q.created())
	}
	return p.Name < q.Name
}

// scopes are the policies that may be in force for a workload, by scope. A nil
// policy stands for none.
type scopes struct{ mesh, namespace, workload []*peerAuthentication }

func (s *Mesh) scopesOf(w *inventory.Workload) scopes {
	none := []*peerAuthentication{nil}
	out := scopes{none, none, none}
	if root := s.Inventory.Namespaces[s.Config.RootNamespace]; root != nil && s.Config.RootKnown {
		out.mesh = orNone(s.generalInForce[root])
	}
	if !s.Config.isRoot(w.Namespace) {
		out.namespace = orNone(s.generalInForce[w.Ns])
		out.workload = orNone(inForce(s.PeerAuthsOf[w]))
	}
	return out
}

func orNone(policies []*peerAuthentication) []*peerAuthentication {
	if len(policies) == 0 {
		return []*peerAuthentication{nil}
	}
	return policies
}

// distinctModes keeps one policy of each mode: the others would give the same.
func distinctModes(policies []*peerAuthentication) []*peerAuthentication {
	var out []*peerAuthentication
	for _, p := range policies {
		if !slices.ContainsFunc(out, func(q *peerAuthentication) bool { return q.mode() == p.mode() }) {
			out = append(out, p)
		}
	}
	return out
}

func (p *peerAuthentication) mode() fact.MTLSMode {
	if p == nil {
		return fact.Unset
	}
	return modeOf(p.Spec.GetMtls())
}

// mode composes the policies as istiod does: workload over namespace over mesh
// over PERMISSIVE; UNSET inherits; of several policies of one scope the oldest
// alone counts, which manifests seldom tell, so that the mode is known only
// when each of them would give the same.
// See istio/istio pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication).
func (s *Mesh) mode(w *inventory.Workload, number int) fact.MTLSFacts {
	unknown := fact.MTLSFacts{Mode: fact.UnknownMTLS, Scope: fact.NoScope}
	if len(s.MaybePeerAuthsOf[w]) > 0 || decode.IsPlaceholder(w.Namespace) {
		return unknown
	}
	var answer fact.MTLSFacts
	for i, c := range s.compositions(w) {
		next := c.port(number, s.Member(w) == fact.Ambient)
		switch {
		case i == 0:
			answer = next
		case answer.Mode != next.Mode:
			return unknown
		}
	}
	switch answer.Scope {
	case fact.WorkloadScope, fact.PortScope: // found in the tree, it is taken for the one in force
		return answer
	case fact.DefaultScope, fact.MeshScope:
		if !s.Config.RootKnown {
			return unknown
		}
	}
	if s.Inventory.Gaps.Unread(w.Namespace, "PeerAuthentication") || s.Inventory.Stray("PeerAuthentication", w) != nil {
		return unknown
	}
	return answer
}

// compositions are the ways in which the policies may come together.
func (s *Mesh) compositions(w *inventory.Workload) []composition {
	var out []composition
	all := s.scopesOf(w)
	for _, mesh := range all.mesh {
		for _, ns := range all.namespace {
			for _, own := range all.workload {
				out = append(out, composition{mesh, ns, own, w.Source("metadata", "name")})
			}
		}
	}
	return out
}

// composition is one policy of each scope, nil where there is none.
type composition struct {
	mesh, namespace, workload *peerAuthentication
	place                     fact.Source // of what nothing decides
}

func (c *composition) port(number int, ambient bool) fact.MTLSFacts {
	base := c.base()
	level, ok := c.workload.level(number)
	if ambient {
		return c.ambient(base, level, number)
	}
	if ok && level != fact.Unset {
		return c.portLevel(level, number)
	}
	return base
}

// base is the mode of every port without one of its own.
func (c *composition) base() fact.MTLSFacts {
	out := fact.MTLSFacts{Mode: fact.Permissive, Scope: fact.DefaultScope, Evidence: fact.Evidence{From: c.place}}
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

// level is the workload policy's own mode for a port, UNSET if it has none.
func (p *peerAuthentication) level(number int) (fact.MTLSMode, bool) {
	if p == nil || number <= 0 {
		return fact.Unset, false
	}
	m, ok := p.Spec.GetPortLevelMtls()[uint32(number)]
	return modeOf(m), ok
}

func (c *composition) portLevel(mode fact.MTLSMode, number int) fact.MTLSFacts {
	return decided(mode, fact.PortScope, c.workload, "portLevelMtls", strconv.Itoa(number), "mode")
}

// ambient follows ztunnel, for which istiod turns the policies into
// authorization: STRICT denies callers without identity, and everything else
// admits them.
// istio/istio pilot/pkg/serviceregistry/ambient/authorization.go
// (convertedSelectorPeerAuthentications, convertPeerAuthentication).
func (c *composition) ambient(base fact.MTLSFacts, level fact.MTLSMode, number int) fact.MTLSFacts {
	parent := composition{mesh: c.mesh, namespace: c.namespace, place: c.place}
	inherited := parent.base().Mode == fact.Strict
	own := c.workload.mode()
	exempts, disables := c.workload.levels(fact.Permissive), c.workload.levels(fact.Disable)
	unknown := fact.MTLSFacts{Mode: fact.UnknownMTLS, Scope: fact.NoScope}
	switch {
	case own == fact.Unset && inherited && exempts && c.namespace != nil && c.namespace.mode() == fact.Unset && (level == fact.Unset || level == fact.Strict):
		// The static policy is taken away and the one that replaces it comes out empty.
		return unknown
	case own == fact.Unset && inherited && disables && !exempts && level == fact.Disable:
		return base // DISABLE alone takes nothing out of an inherited STRICT
	case own != fact.Unset && own != fact.Strict && level == fact.Strict && c.namespace.mode() == fact.Unset && c.mesh.mode() == fact.Strict:
		// The rule for the port is left out as if the port inherited STRICT.
		return unknown
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

// levels reports an entry of portLevelMtls with that mode.
func (p *peerAuthentication) levels(mode fact.MTLSMode) bool {
	if p == nil {
		return false
	}
	for _, m := range p.Spec.GetPortLevelMtls() {
		if modeOf(m) == mode {
			return true
		}
	}
	return false
}

func decided(mode fact.MTLSMode, scope fact.MTLSScope, p *peerAuthentication, steps ...any) fact.MTLSFacts {
	return fact.MTLSFacts{Mode: mode, Scope: scope, Evidence: fact.Evidence{
		From: fact.Source{Object: p.Object, Path: yaml.Path{"spec"}.Join(steps...)},
	}}
}
