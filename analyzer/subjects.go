package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// subjects lays out everything that rules judge of the set.
func (s *setModel) subjects() []Subject {
	var out []Subject
	for _, o := range s.objects {
		for i := range o.problems {
			out = append(out, fieldSubject(o, &o.problems[i]))
		}
	}
	out = append(out, s.duplicates()...)
	for _, w := range s.workloads {
		s.finish(w)
		out = append(out, Subject{Type: "workload", Facts: &w.Facts, Evidence: Evidence{
			From: w.anchor(), Workloads: []WorkloadRef{w.ref()},
			Names: map[string]string{"workload": "`" + w.ID + "`", "namespace": namespaceName(w.Namespace), "product": w.product.name},
		}})
	}
	for _, f := range s.flows() {
		out = append(out, f.subject())
	}
	for _, v := range s.services {
		out = append(out, namedSubject("service", "service", &v.facts, v.decoded))
	}
	for _, p := range s.policies {
		out = append(out, namedSubject("network_policy", "policy", s.policyFacts(p), p.decoded))
	}
	for _, p := range s.peerAuths {
		out = append(out, namedSubject("peer_authentication", "policy", s.peerAuthFacts(p), p.decoded))
	}
	out = append(out, s.unmodelledSubjects()...)
	out = append(out, s.authzSubjects()...)
	return append(out, s.meshSubjects()...)
}

func namedSubject(kind, role string, facts any, o *decoded) Subject {
	return Subject{Type: kind, Facts: facts, Evidence: Evidence{
		From:  Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}},
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
func (s *setModel) duplicates() []Subject {
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
		at, _ := other.At(yaml.Path{"metadata", "name"})
		out = append(out, Subject{Type: "duplicate", Facts: &DuplicateFacts{Same: equalNodes(o.Root, other.Root)}, Evidence: Evidence{
			From: Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}},
			Names: map[string]string{
				"object": refName(o.Object), "other": fmt.Sprintf("%s:%d", other.File.Name, at.Start.Line),
			},
		}})
	}
	return out
}

// equalNodes compares content, not layout.
func equalNodes(a, b *yaml.Node) bool {
	return string(appendJSON(nil, a)) == string(appendJSON(nil, b))
}

// unknowns says in words what the manifests leave open about each workload.
func (s *setModel) unknowns() []string {
	var out []string
	for _, w := range s.workloads {
		f := &w.Facts
		if f.Ingress.Isolated == Unknown && !w.implied {
			out = append(out, fmt.Sprintf("whether NetworkPolicies isolate `%s`: %s", w.ID, s.whyUnread(w, "NetworkPolicy")))
		}
		if f.Mesh.Member == "unknown" && s.mesh.present && !w.implied {
			out = append(out, fmt.Sprintf("whether `%s` is in the mesh: %s", w.ID, s.whyUnread(w, "Namespace")))
		}
		if slices.ContainsFunc(f.Ports, func(p PortFacts) bool { return p.MTLS.Mode == "UNKNOWN" }) {
			out = append(out, fmt.Sprintf("which mTLS mode `%s` accepts: %s", w.ID, s.whyUnread(w, "PeerAuthentication")))
		}
		if f.Mesh.Member != "none" && slices.ContainsFunc(f.Ports, func(p PortFacts) bool { return p.Authz.Covered == Unknown }) && s.mesh.present && !w.implied {
			out = append(out, fmt.Sprintf("whether a policy limits who may call `%s`: %s", w.ID, s.whyUnread(w, "AuthorizationPolicy")))
		}
	}
	return out
}

// whyUnread names what would decide an open question.
func (s *setModel) whyUnread(w *Workload, kind string) string {
	for _, g := range s.set.Gaps {
		if g.Kind == "" || g.Kind == kind {
			return g.Reason + " (" + g.File + ")"
		}
	}
	switch {
	case kind == "NetworkPolicy" && w.other(ingress) != nil:
		return refName(w.other(ingress)) + " is of a kind that is not modelled and may decide otherwise"
	case kind == "NetworkPolicy" && s.otherUnknown(w, ingress):
		return "policies of another kind (Cilium, Calico, Antrea) may apply"
	case kind == "PeerAuthentication" && !s.config.rootKnown:
		return "the mesh configurations of the tree differ in their root namespace, or leave it open"
	case kind == "NetworkPolicy" && w.guarded():
		return "its operator makes policies of its own for it"
	case s.gaps.unread(w.Namespace, kind):
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
