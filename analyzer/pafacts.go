package analyzer

import (
	"cmp"
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// rivals are the policies of the same scope that may be the one in force in
// this one's stead. A pair is told at the policy whose name comes later.
func (s *setModel) rivals(p *peerAuthentication) []RivalFacts {
	out := []RivalFacts{}
	scope := "namespace"
	switch {
	case p.selects() && p.root:
		return out
	case p.selects():
		scope = "workload"
	case p.root:
		scope = "mesh"
	}
	found := map[*peerAuthentication]*RivalFacts{}
	var order []*peerAuthentication
	note := func(q *peerAuthentication, w *Workload, same bool) {
		f := found[q]
		if f == nil {
			f = &RivalFacts{Scope: scope, Same: true}
			f.From = Source{Object: p.Object, Path: yaml.Path{"metadata", "name"}}
			f.Names = map[string]string{"rival": refPlain(q.Object)}
			found[q], order = f, append(order, q)
		}
		f.Same = f.Same && same
		if w != nil {
			f.Workloads = append(f.Workloads, w.ref())
		}
	}
	if scope == "workload" {
		for _, w := range p.selected {
			s.rivalsOn(w, p, note)
		}
	} else {
		s.rivalsIn(p, scope, note)
	}
	slices.SortFunc(order, func(a, b *peerAuthentication) int { return cmp.Compare(a.Name, b.Name) })
	for _, q := range order {
		out = append(out, *found[q])
	}
	return out
}

// rivalsOn compares the policies that select one workload with the first.
func (s *setModel) rivalsOn(w *Workload, p *peerAuthentication, note func(*peerAuthentication, *Workload, bool)) {
	if w.Facts.Mesh.Member == "none" {
		return
	}
	candidates := inForce(w.selection.peerAuths)
	first, ok := firstNamed(candidates, p)
	if !ok {
		return
	}
	all := s.scopesOf(w)
	place, ambient := w.source("metadata", "name"), w.Facts.Mesh.Member == "ambient"
	mine := composition{all.mesh[0], all.namespace[0], p, place}
	other := composition{all.mesh[0], all.namespace[0], first, place}
	same := mine.port(0, ambient).Mode == other.port(0, ambient).Mode
	for _, policy := range []*peerAuthentication{p, first} {
		for number := range policy.spec.GetPortLevelMtls() {
			same = same && mine.port(int(number), ambient).Mode == other.port(int(number), ambient).Mode
		}
	}
	note(first, w, same)
}

func (s *setModel) rivalsIn(p *peerAuthentication, scope string, note func(*peerAuthentication, *Workload, bool)) {
	var all []*peerAuthentication
	for _, q := range p.ns.peerAuths {
		if !q.selects() {
			all = append(all, q)
		}
	}
	first, ok := firstNamed(inForce(all), p)
	if !ok {
		return
	}
	mine, other := composition{mesh: p}, composition{mesh: first}
	if scope == "namespace" {
		var mesh *peerAuthentication
		if root := s.namespaces[s.config.rootNamespace]; root != nil && s.config.rootKnown {
			mesh = orNone(root.general())[0]
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
func (s *setModel) ambientFacts(p *peerAuthentication) AmbientFacts {
	f := AmbientFacts{Concerned: No}
	f.From = Source{Object: p.Object, Path: yaml.Path{"spec", "mtls", "mode"}}
	if p.mode() != "DISABLE" {
		f.From.Path = yaml.Path{"metadata", "name"}
		return f
	}
	list := p.ns.index.all
	switch {
	case p.selects():
		list = p.selected
	case p.root:
		list = s.workloads
	}
	for _, w := range list {
		if w.Facts.Mesh.Member != "ambient" || w.implied {
			continue
		}
		all := s.scopesOf(w)
		if slices.Contains(all.workload, p) || all.workload[0].mode() == "UNSET" && (slices.Contains(all.namespace, p) || all.namespace[0].mode() == "UNSET" && slices.Contains(all.mesh, p)) {
			f.Concerned = Yes
			f.Workloads = append(f.Workloads, w.ref())
		}
	}
	return f
}

// meshSubjects are the subjects of the mesh as a whole and of its clients.
func (s *setModel) meshSubjects() []Subject {
	var out []Subject
	for _, r := range s.rules.all {
		out = append(out, namedSubject("destination_rule", "rule", s.destinationRuleFacts(r), r.decoded))
	}
	if f, ok := s.meshConfigFacts(); ok {
		out = append(out, f)
	}
	return out
}

// meshConfigFacts judges the mesh-wide default where the set holds the mesh's
// configuration or its root namespace: only there would the policy lie.
func (s *setModel) meshConfigFacts() (Subject, bool) {
	root := s.namespaces[s.config.rootNamespace]
	from := s.config.source
	if root != nil && root.declared == Yes {
		from = root.anchor
	}
	if from.Object == nil {
		return Subject{}, false
	}
	f := &MeshConfigFacts{Default: "none", Members: No, Covered: Yes}
	switch {
	case !s.config.rootKnown || s.siblings.meetsOthers(s.place, s.config.rootNamespace) || s.gaps.unread(s.config.rootNamespace, "PeerAuthentication"):
		f.Default = "unknown"
	case root == nil:
	case len(root.general()) == 1:
		f.Default = root.general()[0].mode()
	case len(root.general()) > 1:
		f.Default = "unknown"
	}
	for _, w := range s.workloads {
		if m := w.Facts.Mesh.Member; m != "sidecar" && m != "ambient" || w.Facts.Gateway || w.Facts.Platform {
			continue
		}
		f.Members = Yes
		if m := s.mode(w, 0); m.Mode != "STRICT" || m.Scope != "namespace" && m.Scope != "workload" {
			f.Covered = No
		}
	}
	return Subject{Type: "mesh", Facts: f, Evidence: Evidence{
		From: from, Names: map[string]string{"root": namespaceName(s.config.rootNamespace)},
	}}, true
}
