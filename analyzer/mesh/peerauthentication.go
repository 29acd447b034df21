package mesh

import (
	"slices"
	"time"

	securityistio "istio.io/api/security/v1beta1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// peerAuthentication is a PeerAuthentication and the workloads it selects.
type peerAuthentication struct {
	*decode.Decoded
	spec                       *securityistio.PeerAuthentication
	ns                         *inventory.Namespace
	sel                        inventory.Selector
	root                       bool // lies in the mesh root namespace
	selected, possiblySelected []*inventory.Workload
}

// selects reports a policy for single workloads; an empty selector counts as
// no selector.
func (p *peerAuthentication) selects() bool { return !p.sel.Empty() }

// mode is what the policy sets for every port, UNSET for a nil policy.
func (p *peerAuthentication) mode() fact.MTLSMode {
	if p == nil {
		return fact.Unset
	}
	return modeOf(p.spec.GetMtls())
}

// portMode is the mode that the policy sets for one port, UNSET without one.
func (p *peerAuthentication) portMode(number int) fact.MTLSMode {
	if p == nil || number <= 0 {
		return fact.Unset
	}
	return modeOf(p.spec.GetPortLevelMtls()[uint32(number)])
}

// hasPortMode reports an entry of portLevelMtls with that mode.
func (p *peerAuthentication) hasPortMode(mode fact.MTLSMode) bool {
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

func modeOf(m *securityistio.PeerAuthentication_MutualTLS) fact.MTLSMode {
	return fact.MTLSMode(m.GetMode().String())
}

func (m *Mesh) readPeerAuthentications() {
	for o, spec := range decode.Each[*securityistio.PeerAuthentication](m.Inventory.Objects) {
		p := &peerAuthentication{
			Decoded: o, spec: spec, ns: m.Inventory.Namespace(o.Namespace), root: m.Config.isRoot(o.Namespace),
			sel: inventory.MapSelector(spec.GetSelector().GetMatchLabels()),
		}
		if !p.selects() {
			m.general[p.ns] = append(m.general[p.ns], p)
		}
		m.peerAuths = append(m.peerAuths, p)
	}
	for ns, all := range m.general {
		m.generalInForce[ns] = distinctModes(possiblyInForce(all))
	}
}

// selectPeerAuthentications finds the workloads of the policies with a
// selector. In the root namespace a selector is ignored.
// https://istio.io/latest/docs/reference/config/security/peer_authentication/
func (m *Mesh) selectPeerAuthentications() {
	for _, p := range m.peerAuths {
		if !p.selects() || p.root {
			continue
		}
		p.selected, p.possiblySelected = p.ns.Index.Match(p.sel)
		for _, w := range p.selected {
			m.peerAuthsOf[w] = append(m.peerAuthsOf[w], p)
		}
		for _, w := range p.possiblySelected {
			m.possiblePeerAuthsOf[w] = append(m.possiblePeerAuthsOf[w], p)
		}
	}
}

// possiblyInForce returns the policies of one scope that may be the one in
// force: only the oldest counts. Only an export of a cluster says how old a
// policy is; one without a date may be older than any other.
// istio/istio pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication:
// CreationTimestamp.Before) and pilot/pkg/model/push_context.go
// (sortConfigByCreationTime: of equal dates the name decides).
func possiblyInForce(policies []*peerAuthentication) []*peerAuthentication {
	return possiblyOldest(policies, func(p *peerAuthentication) *decode.Decoded { return p.Decoded })
}

// possiblyOldest returns the objects that may be the oldest, in their order but
// the oldest of those with a date last.
func possiblyOldest[T any](list []T, object func(T) *decode.Decoded) []T {
	if len(list) < 2 {
		return list
	}
	var out []T
	oldest := -1
	for i, one := range list {
		switch o := object(one); {
		case o.Meta.CreationTimestamp.IsZero():
			out = append(out, one)
		case oldest < 0 || older(o, object(list[oldest])):
			oldest = i
		}
	}
	if oldest >= 0 {
		out = append(out, list[oldest])
	}
	return out
}

// older compares two objects with a date; of equal dates the name decides.
func older(a, b *decode.Decoded) bool {
	created := func(o *decode.Decoded) time.Time { return o.Meta.CreationTimestamp.Time }
	if !created(a).Equal(created(b)) {
		return created(a).Before(created(b))
	}
	return a.Name < b.Name
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
