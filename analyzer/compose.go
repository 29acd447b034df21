package analyzer

import (
	"slices"
	"strconv"
	"time"

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

func (p *peerAuthentication) created() time.Time { return p.meta.CreationTimestamp.Time }

func (p *peerAuthentication) olderThan(q *peerAuthentication) bool {
	if !p.created().Equal(q.created()) {
		return p.created().Before(q.created())
	}
	return p.Name < q.Name
}

// scopes are the policies that may be in force for a workload, by scope. A nil
// policy stands for none.
type scopes struct{ mesh, namespace, workload []*peerAuthentication }

func (s *setModel) scopesOf(w *Workload) scopes {
	none := []*peerAuthentication{nil}
	out := scopes{none, none, none}
	if root := s.namespaces[s.config.rootNamespace]; root != nil && s.config.rootKnown {
		out.mesh = orNone(root.general())
	}
	if !s.config.isRoot(w.Namespace) {
		out.namespace = orNone(w.ns.general())
		out.workload = orNone(inForce(w.selection.peerAuths))
	}
	return out
}

func orNone(policies []*peerAuthentication) []*peerAuthentication {
	if len(policies) == 0 {
		return []*peerAuthentication{nil}
	}
	return policies
}

// general returns the policies without a selector that may be in force, one of
// each mode: the others would give the same.
func (ns *namespace) general() []*peerAuthentication {
	if ns.generalPAs == nil {
		var all []*peerAuthentication
		for _, p := range ns.peerAuths {
			if !p.selects() {
				all = append(all, p)
			}
		}
		ns.generalPAs = []*peerAuthentication{}
		for _, p := range inForce(all) {
			same := func(q *peerAuthentication) bool { return q.mode() == p.mode() }
			if !slices.ContainsFunc(ns.generalPAs, same) {
				ns.generalPAs = append(ns.generalPAs, p)
			}
		}
	}
	return ns.generalPAs
}

func (p *peerAuthentication) mode() string {
	if p == nil {
		return "UNSET"
	}
	return modeOf(p.spec.GetMtls())
}

// mode composes the policies as istiod does: workload over namespace over mesh
// over PERMISSIVE; UNSET inherits; of several policies of one scope the oldest
// alone counts, which manifests seldom tell, so that the mode is known only
// when each of them would give the same.
// See istio/istio pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication).
func (s *setModel) mode(w *Workload, number int) MTLSFacts {
	unknown := MTLSFacts{Mode: "UNKNOWN", Scope: "none"}
	if len(w.selection.maybePeerAuths) > 0 || isPlaceholder(w.Namespace) {
		return unknown
	}
	var answer MTLSFacts
	for i, c := range s.compositions(w) {
		next := c.port(number, w.Facts.Mesh.Member == "ambient")
		switch {
		case i == 0:
			answer = next
		case answer.Mode != next.Mode:
			return unknown
		}
	}
	switch answer.Scope {
	case "workload", "port": // found in the tree, it is taken for the one in force
		return answer
	case "default", "mesh":
		if !s.config.rootKnown {
			return unknown
		}
	}
	if s.gaps.unread(w.Namespace, "PeerAuthentication") {
		return unknown
	}
	return answer
}

// compositions are the ways in which the policies may come together.
func (s *setModel) compositions(w *Workload) []composition {
	var out []composition
	all := s.scopesOf(w)
	for _, mesh := range all.mesh {
		for _, ns := range all.namespace {
			for _, own := range all.workload {
				out = append(out, composition{mesh, ns, own, w.source("metadata", "name")})
			}
		}
	}
	return out
}

// composition is one policy of each scope, nil where there is none.
type composition struct {
	mesh, namespace, workload *peerAuthentication
	place                     Source // of what nothing decides
}

func (c *composition) port(number int, ambient bool) MTLSFacts {
	base := c.base()
	level, ok := c.workload.level(number)
	if ambient {
		return c.ambient(base, level, number)
	}
	if ok && level != "UNSET" {
		return c.portLevel(level, number)
	}
	return base
}

// base is the mode of every port without one of its own.
func (c *composition) base() MTLSFacts {
	out := MTLSFacts{Mode: "PERMISSIVE", Scope: "default", Evidence: Evidence{From: c.place}}
	for _, step := range []struct {
		policy *peerAuthentication
		scope  string
	}{{c.mesh, "mesh"}, {c.namespace, "namespace"}, {c.workload, "workload"}} {
		if mode := step.policy.mode(); mode != "UNSET" {
			out = decided(mode, step.scope, step.policy, "mtls", "mode")
		}
	}
	return out
}

// level is the workload policy's own mode for a port, UNSET if it has none.
func (p *peerAuthentication) level(number int) (string, bool) {
	if p == nil || number <= 0 {
		return "UNSET", false
	}
	m, ok := p.spec.GetPortLevelMtls()[uint32(number)]
	return modeOf(m), ok
}

func (c *composition) portLevel(mode string, number int) MTLSFacts {
	return decided(mode, "port", c.workload, "portLevelMtls", strconv.Itoa(number), "mode")
}

// ambient follows ztunnel, for which istiod turns the policies into
// authorization: STRICT denies callers without identity, and everything else
// admits them.
// istio/istio pilot/pkg/serviceregistry/ambient/authorization.go
// (convertedSelectorPeerAuthentications, convertPeerAuthentication).
func (c *composition) ambient(base MTLSFacts, level string, number int) MTLSFacts {
	parent := composition{mesh: c.mesh, namespace: c.namespace, place: c.place}
	inherited := parent.base().Mode == "STRICT"
	own := c.workload.mode()
	exempts, disables := c.workload.levels("PERMISSIVE"), c.workload.levels("DISABLE")
	unknown := MTLSFacts{Mode: "UNKNOWN", Scope: "none"}
	switch {
	case own == "UNSET" && inherited && exempts && c.namespace != nil && c.namespace.mode() == "UNSET" && (level == "UNSET" || level == "STRICT"):
		// The static policy is taken away and the one that replaces it comes out empty.
		return unknown
	case own == "UNSET" && inherited && disables && !exempts && level == "DISABLE":
		return base // DISABLE alone takes nothing out of an inherited STRICT
	case own != "UNSET" && own != "STRICT" && level == "STRICT" && c.namespace.mode() == "UNSET" && c.mesh.mode() == "STRICT":
		// The rule for the port is left out as if the port inherited STRICT.
		return unknown
	}
	if level != "UNSET" {
		base = c.portLevel(level, number)
	}
	if base.Mode == "DISABLE" {
		// ztunnel always offers HBONE; DISABLE is not supported there.
		// https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-MutualTLS-Mode
		base.Mode = "PERMISSIVE"
	}
	return base
}

// levels reports an entry of portLevelMtls with that mode.
func (p *peerAuthentication) levels(mode string) bool {
	if p == nil {
		return false
	}
	for _, m := range p.spec.GetPortLevelMtls() {
		if modeOf(m) == mode {
			return true
		}
	}
	return false
}

func decided(mode, scope string, p *peerAuthentication, steps ...any) MTLSFacts {
	return MTLSFacts{Mode: mode, Scope: scope, Evidence: Evidence{
		From: Source{Object: p.Object, Path: yaml.Path{"spec"}.Join(steps...)},
	}}
}
