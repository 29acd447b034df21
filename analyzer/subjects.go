package analyzer

import (
	"fmt"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// subjects lays out everything that rules judge of the set.
func (s *analysis) subjects() []fact.Subject {
	var out []fact.Subject
	for _, o := range s.inventory.Objects {
		for i := range o.Problems {
			out = append(out, fieldSubject(o, &o.Problems[i]))
		}
	}
	out = append(out, s.inventory.Duplicates()...)
	for _, w := range s.inventory.Workloads {
		out = append(out, fact.Subject{Type: "workload", Facts: s.workloadFacts(w), Evidence: fact.Evidence{
			From: w.Anchor(), Workloads: []fact.WorkloadRef{w.Ref()},
			Names: map[string]string{"workload": "`" + w.ID + "`", "namespace": fact.NamespaceName(w.Namespace), "product": w.Product.Name},
		}})
	}
	out = append(out, s.needs.Subjects()...)
	for _, v := range s.inventory.Services {
		facts, member := v.Facts, s.mesh.ServiceMember(v)
		facts.Ports = slices.Clone(facts.Ports) // those of the inventory stay as they are
		for i := range facts.Ports {
			facts.Ports[i].Mesh = member
		}
		out = append(out, decode.NamedSubject("service", "service", &facts, v.Decoded))
	}
	for _, p := range s.network.Policies {
		out = append(out, decode.NamedSubject("network_policy", "policy", s.network.PolicyFacts(p), p.Decoded))
	}
	out = append(out, s.mesh.PeerAuthenticationSubjects()...)
	out = append(out, s.network.UnmodelledSubjects()...)
	out = append(out, s.authz.Subjects()...)
	return append(out, s.mesh.Subjects()...)
}

func fieldSubject(o *decode.Decoded, p *decode.FieldProblem) fact.Subject {
	return fact.Subject{Type: "field", Facts: &fact.FieldFacts{Problem: p.Problem}, Evidence: fact.Evidence{
		From:  fact.Source{Object: o.Object, Path: p.Path, Key: p.Key},
		Names: map[string]string{"message": p.Message, "help": p.Help},
	}}
}

// unknowns says in words what the manifests leave open about each workload.
func (s *analysis) unknowns() []string {
	var out []string
	for _, w := range s.inventory.Workloads {
		member := s.mesh.Member(w)
		if s.network.IsolatedIn(w, fact.Ingress) == fact.Unknown && !w.Implied {
			out = append(out, fmt.Sprintf("whether NetworkPolicies isolate `%s`: %s", w.ID, s.whyUnread(w, "NetworkPolicy")))
		}
		if member == fact.UnknownMember && s.mesh.Configured() && !w.Implied {
			out = append(out, fmt.Sprintf("whether `%s` is in the mesh: %s", w.ID, s.whyUnread(w, "Namespace")))
		}
		if slices.ContainsFunc(w.Ports, func(p *inventory.Port) bool { return s.mesh.PortMTLS(w, p).Mode == fact.UnknownMTLS }) {
			out = append(out, fmt.Sprintf("which mTLS mode `%s` accepts: %s", w.ID, s.whyUnread(w, "PeerAuthentication")))
		}
		if member != fact.NoMesh && s.mesh.Configured() && !w.Implied && slices.ContainsFunc(w.Ports, func(p *inventory.Port) bool { return s.authz.Cover(w, p).Covered == fact.Unknown }) {
			out = append(out, fmt.Sprintf("whether a policy limits who may call `%s`: %s", w.ID, s.whyUnread(w, "AuthorizationPolicy")))
		}
	}
	return out
}

// whyUnread names what would decide an open question.
func (s *analysis) whyUnread(w *inventory.Workload, kind string) string {
	if gap, found := s.inventory.Gaps.WhatHides(kind, w.Namespace); found {
		return gap.Reason + " (" + gap.File + ")"
	}
	switch stray := s.inventory.Stray(kind, w); {
	case stray != nil:
		return fact.RefName(stray) + " (" + stray.File.Name + ") may be meant for it: nothing says which namespace both are applied to"
	case kind == "NetworkPolicy" && s.network.UnmodelledPolicy(w, fact.Ingress) != nil:
		return fact.RefName(s.network.UnmodelledPolicy(w, fact.Ingress)) + " is of a kind that is not modelled and may decide otherwise"
	case kind == "NetworkPolicy" && s.network.UnmodelledMayApply(w, fact.Ingress):
		return "policies of another kind (Cilium, Calico, Antrea) may apply"
	case kind == "PeerAuthentication" && !s.mesh.Config.RootKnown:
		return "the mesh configurations of the tree differ in their root namespace, or leave it open"
	case kind == "NetworkPolicy" && w.OperatorAddsPolicies():
		return "its operator makes policies of its own for it"
	case s.inventory.Gaps.Unread(w.Namespace, kind):
		return "objects without a namespace may belong to it; name it with --namespace"
	case kind == "Namespace" && w.Ns.Declared != fact.Yes:
		return "the Namespace object is not in the tree"
	case kind == "Namespace" && w.Operated != nil:
		return "its operator decides what its pods are labelled and annotated with"
	case kind == "Namespace":
		return "labels or annotations that the manifests leave open decide"
	default:
		return "policies contradict each other, or match on labels that a controller sets"
	}
}
