package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader"
)

// subjects lays out everything that rules judge of the set.
func (s *setModel) subjects() []Subject {
	var out []Subject
	for _, o := range s.inventory.objects {
		for i := range o.problems {
			out = append(out, fieldSubject(o, &o.problems[i]))
		}
	}
	out = append(out, s.inventory.duplicates()...)
	for _, w := range s.inventory.workloads {
		out = append(out, Subject{Type: "workload", Facts: s.workloadFacts(w), Evidence: Evidence{
			From: w.anchor(), Workloads: []WorkloadRef{w.ref()},
			Names: map[string]string{"workload": "`" + w.ID + "`", "namespace": namespaceName(w.Namespace), "product": w.product.name},
		}})
	}
	for _, f := range s.needs.flows() {
		out = append(out, f.subject())
	}
	for _, v := range s.inventory.services {
		facts := v.facts
		for i := range facts.Ports {
			facts.Ports[i].Mesh = s.mesh.serviceMember(v)
		}
		out = append(out, namedSubject("service", "service", &facts, v.decoded))
	}
	for _, p := range s.network.policies {
		out = append(out, namedSubject("network_policy", "policy", s.network.policyFacts(p), p.decoded))
	}
	for _, p := range s.mesh.peerAuths {
		out = append(out, namedSubject("peer_authentication", "policy", s.mesh.peerAuthFacts(p), p.decoded))
	}
	out = append(out, s.network.unmodelledSubjects()...)
	out = append(out, s.authz.authzSubjects()...)
	return append(out, s.mesh.subjects()...)
}

func namedSubject(kind, role string, facts any, o *decoded) Subject {
	return Subject{Type: kind, Facts: facts, Evidence: Evidence{
		From:  Source{Object: o.Object, Path: loader.Path{"metadata", "name"}},
		Names: map[string]string{role: refPlain(o.Object), "namespace": namespaceName(o.Namespace)},
	}}
}

func fieldSubject(o *decoded, p *fieldProblem) Subject {
	return Subject{Type: "field", Facts: &FieldFacts{Problem: p.problem}, Evidence: Evidence{
		From:  Source{Object: o.Object, Path: p.path, Key: p.key},
		Names: map[string]string{"message": p.message, "help": p.help},
	}}
}

func (w *Workload) ref() WorkloadRef { return WorkloadRef{w.ID, w.anchor()} }

// anchor is where a finding about the workload as a whole belongs.
func (w *Workload) anchor() Source {
	if !w.implied {
		return w.source("metadata", "name")
	}
	switch w.Kind {
	case "NetworkPolicy":
		return w.source("spec", "podSelector")
	default:
		return w.source("spec", "selector")
	}
}

// duplicates finds identities that the set holds more than once. Namespaces
// are exempt: their labels unite.
func (s *Inventory) duplicates() []Subject {
	type identity struct{ group, kind, namespace, name string }
	first := map[identity]*decoded{}
	var out []Subject
	for _, o := range s.objects {
		if o.Kind == "Namespace" || o.Name == "" || isPlaceholder(o.Name) || isPlaceholder(o.Namespace) || strings.HasSuffix(o.Name, "*") {
			continue
		}
		id := identity{o.Group(), o.Kind, o.Namespace, o.Name}
		other, twice := first[id]
		if !twice {
			first[id] = o
			continue
		}
		// Files that name no namespace, or that a build picks from, need never be applied together.
		if o.File != other.File && (o.Namespace == "" || s.gaps.any) {
			continue
		}
		at, _ := other.At(loader.Path{"metadata", "name"})
		out = append(out, Subject{Type: "duplicate", Facts: &DuplicateFacts{Same: equalNodes(o.Root, other.Root)}, Evidence: Evidence{
			From: Source{Object: o.Object, Path: loader.Path{"metadata", "name"}},
			Names: map[string]string{
				"object": refName(o.Object), "other": fmt.Sprintf("%s:%d", other.File.Name, at.Start.Line),
			},
		}})
	}
	return out
}

// equalNodes compares content, not layout.
func equalNodes(a, b *loader.Node) bool {
	return string(appendJSON(nil, a)) == string(appendJSON(nil, b))
}

// unknowns says in words what the manifests leave open about each workload.
func (s *setModel) unknowns() []string {
	var out []string
	for _, w := range s.inventory.workloads {
		member := s.mesh.member(w)
		if s.network.isolatedIn(w, ingress) == Unknown && !w.implied {
			out = append(out, fmt.Sprintf("whether NetworkPolicies isolate `%s`: %s", w.ID, s.whyUnread(w, "NetworkPolicy")))
		}
		if member == "unknown" && s.mesh.scope.present && !w.implied {
			out = append(out, fmt.Sprintf("whether `%s` is in the mesh: %s", w.ID, s.whyUnread(w, "Namespace")))
		}
		if slices.ContainsFunc(w.ports, func(p *port) bool { return s.mesh.modes[p].Mode == "UNKNOWN" }) {
			out = append(out, fmt.Sprintf("which mTLS mode `%s` accepts: %s", w.ID, s.whyUnread(w, "PeerAuthentication")))
		}
		if member != "none" && slices.ContainsFunc(w.ports, func(p *port) bool { return s.authz.cover(w, p).Covered == Unknown }) && s.mesh.scope.present && !w.implied {
			out = append(out, fmt.Sprintf("whether a policy limits who may call `%s`: %s", w.ID, s.whyUnread(w, "AuthorizationPolicy")))
		}
	}
	return out
}

// whyUnread names what would decide an open question.
func (s *setModel) whyUnread(w *Workload, kind string) string {
	for _, g := range s.inventory.set.Gaps {
		if g.Kind == "" || g.Kind == kind {
			return g.Reason + " (" + g.File + ")"
		}
	}
	switch {
	case kind == "NetworkPolicy" && s.network.other(w, ingress) != nil:
		return refName(s.network.other(w, ingress)) + " is of a kind that is not modelled and may decide otherwise"
	case kind == "NetworkPolicy" && s.network.otherUnknown(w, ingress):
		return "policies of another kind (Cilium, Calico, Antrea) may apply"
	case kind == "PeerAuthentication" && !s.mesh.config.rootKnown:
		return "the mesh configurations of the tree differ in their root namespace, or leave it open"
	case kind == "NetworkPolicy" && w.guarded():
		return "its operator makes policies of its own for it"
	case s.inventory.gaps.unread(w.Namespace, kind):
		return "objects without a namespace may belong to it; name it with --namespace"
	case kind == "Namespace" && w.ns.declared != Yes:
		return "the Namespace object is not in the tree"
	case kind == "Namespace" && w.operated != nil:
		return "its operator decides what its pods are labelled and annotated with"
	case kind == "Namespace":
		return "labels or annotations that the manifests leave open decide"
	default:
		return "policies contradict each other, or match on labels that a controller sets"
	}
}
