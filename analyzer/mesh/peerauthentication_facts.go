package mesh

import (
	"cmp"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Subjects are the subjects of the mesh as a whole and of its clients.
func (m *Mesh) Subjects() []fact.Subject {
	var out []fact.Subject
	for _, r := range m.rules.all {
		out = append(out, decode.NamedSubject("destination_rule", "rule", m.destinationRuleFacts(r), r.Decoded))
	}
	if f, ok := m.meshConfigFacts(); ok {
		out = append(out, f)
	}
	return out
}

// PeerAuthenticationSubjects are the subjects of the PeerAuthentications.
func (m *Mesh) PeerAuthenticationSubjects() []fact.Subject {
	var out []fact.Subject
	for _, p := range m.peerAuths {
		out = append(out, decode.NamedSubject("peer_authentication", "policy", m.peerAuthFacts(p), p.Decoded))
	}
	return out
}

func (m *Mesh) peerAuthFacts(p *peerAuthentication) *fact.PeerAuthenticationFacts {
	f := &fact.PeerAuthenticationFacts{
		RootNamespace: p.root, Selector: "none", Selects: fact.Unknown, Complete: p.ns.CompleteFor(p.Object),
		Mode: p.mode(), Ports: m.portExceptions(p),
	}
	if p.selects() {
		f.Selector = "some"
		if !p.root {
			f.Selects = m.Inventory.Answer(p.sel, p.selected, p.possiblySelected, p.ns)
		}
	}
	f.PodSel = inventory.SelectorFacts(p.Decoded, p.sel, p.ns, f.Selects, "spec", "selector")
	f.Conflicts = m.conflicting(p)
	f.Ambient = m.ambientFacts(p)
	return f
}

// conflicting lists the policies of the same scope that istiod may choose
// instead of p. Each pair is reported once, at the policy whose name sorts last.
func (m *Mesh) conflicting(p *peerAuthentication) []fact.PolicyConflictFacts {
	out := []fact.PolicyConflictFacts{}
	scope := fact.NamespaceScope
	switch {
	case p.selects() && p.root:
		return out
	case p.selects():
		scope = fact.WorkloadScope
	case p.root:
		scope = fact.MeshScope
	}
	found := map[*peerAuthentication]*fact.PolicyConflictFacts{}
	var order []*peerAuthentication
	add := func(q *peerAuthentication, w *inventory.Workload, same bool) {
		f := found[q]
		if f == nil {
			f = &fact.PolicyConflictFacts{Scope: scope, Same: true}
			f.From = fact.Source{Object: p.Object, Path: yaml.Path{"metadata", "name"}}
			f.Names = map[string]string{"rival": fact.RefPlain(q.Object)}
			found[q], order = f, append(order, q)
		}
		f.Same = f.Same && same
		if w != nil {
			f.Workloads = append(f.Workloads, w.Ref())
		}
	}
	if scope == fact.WorkloadScope {
		for _, w := range p.selected {
			m.conflictOn(w, p, add)
		}
	} else {
		m.conflictInScope(p, scope, add)
	}
	slices.SortFunc(order, func(a, b *peerAuthentication) int { return cmp.Compare(a.Name, b.Name) })
	for _, q := range order {
		out = append(out, *found[q])
	}
	return out
}

// conflictOn compares p with the first of the policies that select a workload.
func (m *Mesh) conflictOn(w *inventory.Workload, p *peerAuthentication, add func(*peerAuthentication, *inventory.Workload, bool)) {
	if m.Member(w) == fact.NoMesh {
		return
	}
	candidates := possiblyInForce(m.peerAuthsOf[w])
	first, ok := firstNamed(candidates, p)
	if !ok {
		return
	}
	all := m.scopesOf(w)
	place, ambient := w.Source("metadata", "name"), m.Member(w) == fact.Ambient
	mine := composition{all.mesh[0], all.namespace[0], p, place}
	other := composition{all.mesh[0], all.namespace[0], first, place}
	same := mine.port(0, ambient).Mode == other.port(0, ambient).Mode
	for _, policy := range []*peerAuthentication{p, first} {
		for number := range policy.spec.GetPortLevelMtls() {
			same = same && mine.port(int(number), ambient).Mode == other.port(int(number), ambient).Mode
		}
	}
	add(first, w, same)
}

// conflictInScope compares p with the first of the policies for the whole
// namespace or mesh.
func (m *Mesh) conflictInScope(p *peerAuthentication, scope fact.MTLSScope, add func(*peerAuthentication, *inventory.Workload, bool)) {
	first, ok := firstNamed(possiblyInForce(m.general[p.ns]), p)
	if !ok {
		return
	}
	mine, other := composition{mesh: p}, composition{mesh: first}
	if scope == fact.NamespaceScope {
		mesh := m.meshWide()[0]
		mine, other = composition{mesh: mesh, namespace: p}, composition{mesh: mesh, namespace: first}
	}
	add(first, nil, mine.base().Mode == other.base().Mode)
}

// firstNamed returns the candidate whose name sorts first, and whether p is
// another candidate. Equal names are one object twice.
func firstNamed(candidates []*peerAuthentication, p *peerAuthentication) (*peerAuthentication, bool) {
	if len(candidates) < 2 || !slices.Contains(candidates, p) {
		return nil, false
	}
	first := candidates[0]
	for _, q := range candidates[1:] {
		if q.Name < first.Name {
			first = q
		}
	}
	return first, first != p && first.Name != p.Name
}

// ambientFacts names the ambient workloads for which the policy's own DISABLE
// would be in force.
func (m *Mesh) ambientFacts(p *peerAuthentication) fact.AmbientFacts {
	f := fact.AmbientFacts{Affected: fact.No}
	f.From = fact.Source{Object: p.Object, Path: yaml.Path{"spec", "mtls", "mode"}}
	if p.mode() != fact.Disable {
		f.From.Path = yaml.Path{"metadata", "name"}
		return f
	}
	list := p.ns.Index.All
	switch {
	case p.selects():
		list = p.selected
	case p.root:
		list = m.Inventory.Workloads
	}
	for _, w := range list {
		if m.Member(w) != fact.Ambient || w.Implied {
			continue
		}
		all := m.scopesOf(w)
		if slices.Contains(all.workload, p) || all.workload[0].mode() == fact.Unset && (slices.Contains(all.namespace, p) || all.namespace[0].mode() == fact.Unset && slices.Contains(all.mesh, p)) {
			f.Affected = fact.Yes
			f.Workloads = append(f.Workloads, w.Ref())
		}
	}
	return f
}

// meshConfigFacts describes the mesh-wide default where the set holds the mesh's
// configuration or its root namespace: the policy would be in the same set.
func (m *Mesh) meshConfigFacts() (fact.Subject, bool) {
	root := m.Inventory.Namespaces[m.Config.RootNamespace]
	from := m.Config.source
	if root != nil && root.Declared == fact.Yes {
		from = root.Anchor
	}
	if from.Object == nil {
		return fact.Subject{}, false
	}
	f := &fact.MeshConfigFacts{Default: "none", HasMembers: fact.No, AllStrict: fact.Yes}
	switch {
	case !m.Config.RootKnown || m.Inventory.Siblings.MeetsOthers(m.Inventory.Place, m.Config.RootNamespace) || m.Inventory.Gaps.Unread(m.Config.RootNamespace, "PeerAuthentication"):
		f.Default = "unknown"
	case root == nil:
	case len(m.generalInForce[root]) == 1:
		f.Default = string(m.generalInForce[root][0].mode())
	case len(m.generalInForce[root]) > 1:
		f.Default = "unknown"
	}
	for _, w := range m.Inventory.Workloads {
		if member := m.Member(w); member != fact.Sidecar && member != fact.Ambient || w.Gateway || w.Platform {
			continue
		}
		f.HasMembers = fact.Yes
		if member := m.mode(w, 0); member.Mode != fact.Strict || member.Scope != fact.NamespaceScope && member.Scope != fact.WorkloadScope {
			f.AllStrict = fact.No
		}
	}
	return fact.Subject{Type: "mesh", Facts: f, Evidence: fact.Evidence{
		From: from, Names: map[string]string{"root": fact.NamespaceName(m.Config.RootNamespace)},
	}}, true
}
