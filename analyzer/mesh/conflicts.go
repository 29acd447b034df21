package mesh

import (
	"cmp"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// conflicting are the policies of the same scope that may be the one in force in
// this one's stead. A pair is told at the policy whose name comes later.
func (s *Mesh) conflicting(p *peerAuthentication) []fact.PolicyConflictFacts {
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
	note := func(q *peerAuthentication, w *inventory.Workload, same bool) {
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
			s.conflictingOn(w, p, note)
		}
	} else {
		s.conflictingIn(p, scope, note)
	}
	slices.SortFunc(order, func(a, b *peerAuthentication) int { return cmp.Compare(a.Name, b.Name) })
	for _, q := range order {
		out = append(out, *found[q])
	}
	return out
}

// conflictingOn compares the policies that select one workload with the first.
func (s *Mesh) conflictingOn(w *inventory.Workload, p *peerAuthentication, note func(*peerAuthentication, *inventory.Workload, bool)) {
	if s.Member(w) == fact.NoMesh {
		return
	}
	candidates := inForce(s.PeerAuthsOf[w])
	first, ok := firstNamed(candidates, p)
	if !ok {
		return
	}
	all := s.scopesOf(w)
	place, ambient := w.Source("metadata", "name"), s.Member(w) == fact.Ambient
	mine := composition{all.mesh[0], all.namespace[0], p, place}
	other := composition{all.mesh[0], all.namespace[0], first, place}
	same := mine.port(0, ambient).Mode == other.port(0, ambient).Mode
	for _, policy := range []*peerAuthentication{p, first} {
		for number := range policy.Spec.GetPortLevelMtls() {
			same = same && mine.port(int(number), ambient).Mode == other.port(int(number), ambient).Mode
		}
	}
	note(first, w, same)
}

func (s *Mesh) conflictingIn(p *peerAuthentication, scope fact.MTLSScope, note func(*peerAuthentication, *inventory.Workload, bool)) {
	first, ok := firstNamed(inForce(s.general[p.ns]), p)
	if !ok {
		return
	}
	mine, other := composition{mesh: p}, composition{mesh: first}
	if scope == fact.NamespaceScope {
		var mesh *peerAuthentication
		if root := s.Inventory.Namespaces[s.Config.RootNamespace]; root != nil && s.Config.RootKnown {
			mesh = orNone(s.generalInForce[root])[0]
		}
		mine, other = composition{mesh: mesh, namespace: p}, composition{mesh: mesh, namespace: first}
	}
	note(first, nil, mine.base().Mode == other.base().Mode)
}

// firstNamed returns the candidate that a pair is told against, if p is another
// candidate. Equal names are one object twice.
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
func (s *Mesh) ambientFacts(p *peerAuthentication) fact.AmbientFacts {
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
		list = s.Inventory.Workloads
	}
	for _, w := range list {
		if s.Member(w) != fact.Ambient || w.Implied {
			continue
		}
		all := s.scopesOf(w)
		if slices.Contains(all.workload, p) || all.workload[0].mode() == fact.Unset && (slices.Contains(all.namespace, p) || all.namespace[0].mode() == fact.Unset && slices.Contains(all.mesh, p)) {
			f.Affected = fact.Yes
			f.Workloads = append(f.Workloads, w.Ref())
		}
	}
	return f
}

// Subjects are the subjects of the mesh as a whole and of its clients.
func (s *Mesh) Subjects() []fact.Subject {
	var out []fact.Subject
	for _, r := range s.rules.all {
		out = append(out, decode.NamedSubject("destination_rule", "rule", s.destinationRuleFacts(r), r.Decoded))
	}
	if f, ok := s.meshConfigFacts(); ok {
		out = append(out, f)
	}
	return out
}

// meshConfigFacts judges the mesh-wide default where the set holds the mesh's
// configuration or its root namespace: only there would the policy lie.
func (s *Mesh) meshConfigFacts() (fact.Subject, bool) {
	root := s.Inventory.Namespaces[s.Config.RootNamespace]
	from := s.Config.source
	if root != nil && root.Declared == fact.Yes {
		from = root.Anchor
	}
	if from.Object == nil {
		return fact.Subject{}, false
	}
	f := &fact.MeshConfigFacts{Default: "none", HasMembers: fact.No, AllStrict: fact.Yes}
	switch {
	case !s.Config.RootKnown || s.Inventory.Siblings.MeetsOthers(s.Inventory.Place, s.Config.RootNamespace) || s.Inventory.Gaps.Unread(s.Config.RootNamespace, "PeerAuthentication"):
		f.Default = "unknown"
	case root == nil:
	case len(s.generalInForce[root]) == 1:
		f.Default = string(s.generalInForce[root][0].mode())
	case len(s.generalInForce[root]) > 1:
		f.Default = "unknown"
	}
	for _, w := range s.Inventory.Workloads {
		if m := s.Member(w); m != fact.Sidecar && m != fact.Ambient || w.Gateway || w.Platform {
			continue
		}
		f.HasMembers = fact.Yes
		if m := s.mode(w, 0); m.Mode != fact.Strict || m.Scope != fact.NamespaceScope && m.Scope != fact.WorkloadScope {
			f.AllStrict = fact.No
		}
	}
	return fact.Subject{Type: "mesh", Facts: f, Evidence: fact.Evidence{
		From: from, Names: map[string]string{"root": fact.NamespaceName(s.Config.RootNamespace)},
	}}, true
}

func (s *Mesh) PeerAuthFacts(p *peerAuthentication) *fact.PeerAuthenticationFacts {
	f := &fact.PeerAuthenticationFacts{
		RootNamespace: p.root, Selector: "none", Selects: fact.Unknown, Complete: p.ns.CompleteFor(p.Object),
		Mode: modeOf(p.Spec.GetMtls()), Ports: s.portExceptions(p),
	}
	if p.selects() {
		f.Selector = "some"
		if !p.root {
			f.Selects = s.Inventory.Answer(p.sel, p.selected, p.possiblySelected, p.ns)
		}
	}
	f.PodSel = inventory.SelectorFacts(p.Decoded, p.sel, p.ns, f.Selects, "spec", "selector")
	f.Conflicts = s.conflicting(p)
	f.Ambient = s.ambientFacts(p)
	return f
}
