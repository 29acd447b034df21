package mesh

import (
	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// membership follows the injection webhook and ambient's enrolment, in the
// order in which they decide.
//   - namespace and pod selectors of the webhook:
//     istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml
//   - then pkg/kube/inject/inject.go (injectRequired): host network, ignored
//     namespaces, and the label before the annotation
//   - ambient: https://istio.io/latest/docs/ambient/usage/add-workloads/
func (s *Mesh) membership(w *inventory.Workload) fact.MeshFacts {
	at := func(member fact.Member, reason string, from fact.Source) fact.MeshFacts {
		if from.Object == nil {
			from = w.Source("metadata", "name")
		}
		return fact.MeshFacts{Member: member, Reason: reason, Evidence: fact.Evidence{From: from}}
	}
	switch {
	case w.HostNetwork():
		return at(fact.NoMesh, "host-network", w.PodSource("spec", "hostNetwork"))
	case neverInjected(w.Namespace):
		return at(fact.NoMesh, "never-injected", w.Ns.Anchor)
	case w.Implied:
		return s.impliedMembership(w)
	case w.Annotations[statusAnnotation] != "":
		return at(fact.Sidecar, "injected", w.PodSource("metadata", "annotations", statusAnnotation))
	case !s.setComplete(w) || w.LabelSet.Open && !saysMesh(w):
		return at(fact.UnknownMember, "unread", fact.Source{})
	case s.Config.discovers(w.Ns) != fact.Yes:
		return at(fact.UnknownMember, "undiscovered", s.Config.source)
	}
	m := s.injection(w)
	if m.Member == fact.NoMesh || m.Reason == "undeclared-namespace" {
		if a, ok := s.ambient(w); ok {
			m = a
		}
	}
	if m.From.Object == nil {
		m.From = w.Source("metadata", "name")
	}
	return m
}

// setComplete reports that pod labels and namespaces are those that will be
// applied: a chart or kustomization that was not built may add labels.
func (s *Mesh) setComplete(w *inventory.Workload) bool {
	return !s.Inventory.Gaps.Anything(w.Namespace)
}

// saysMesh reports whether the workload itself decides about its membership, so
// that labels which are not told cannot.
func saysMesh(w *inventory.Workload) bool {
	return w.Labels[injectLabel] != "" || w.Annotations[injectLabel] != "" || w.Labels[ambientLabel] != ""
}

// impliedMembership knows the namespace's labels and nothing of the pods.
func (s *Mesh) impliedMembership(w *inventory.Workload) fact.MeshFacts {
	m := fact.MeshFacts{Member: fact.UnknownMember, Reason: "undeclared-namespace", Evidence: fact.Evidence{From: w.Ns.Anchor}}
	if w.Ns.Declared != fact.Yes || !s.setComplete(w) || s.Config.discovers(w.Ns) != fact.Yes {
		return m
	}
	labels := w.Ns.Labels.Known
	_, labelled := labels["istio-injection"]
	switch {
	case labels["istio-injection"] == "enabled":
		m.Member, m.Reason = fact.Sidecar, "namespace"
	case !labelled && labels[revisionLabel] != "":
		r := s.byRevision(labels[revisionLabel], w.Ns.Anchor)
		m.Member, m.Reason = r.Member, r.Reason
	case labels[ambientLabel] == "ambient":
		m.Member, m.Reason = fact.Ambient, "ambient-namespace"
	}
	return m
}

func neverInjected(namespace string) bool {
	switch namespace {
	case "kube-system", "kube-public", "kube-node-lease", "local-path-storage":
		return true
	}
	return false
}

const (
	injectLabel   = "sidecar.istio.io/inject"
	revisionLabel = "istio.io/rev"
	ambientLabel  = "istio.io/dataplane-mode"
	// statusAnnotation is what the injector leaves: its sidecar stands in the manifest.
	statusAnnotation = "sidecar.istio.io/status"
)

// injection decides whether the pods get a sidecar.
func (s *Mesh) injection(w *inventory.Workload) fact.MeshFacts {
	answer := func(member fact.Member, reason string, from fact.Source) fact.MeshFacts {
		return fact.MeshFacts{Member: member, Reason: reason, Evidence: fact.Evidence{From: from}}
	}
	label, hasLabel := w.Labels[injectLabel]
	if hasLabel && decode.IsPlaceholder(label) {
		return answer(fact.UnknownMember, "unread", fact.Source{})
	}
	optOut := w.PodSource("metadata", "labels", injectLabel)
	wants := label
	if !hasLabel {
		wants = w.Annotations[injectLabel]
		optOut = w.PodSource("metadata", "annotations", injectLabel)
	}
	if decode.IsPlaceholder(wants) {
		return answer(fact.UnknownMember, "unread", optOut)
	}
	if wants != "" && !isTrue(wants) {
		return answer(fact.NoMesh, "opt-out", optOut)
	}
	if w.Ns.Declared != fact.Yes {
		if label == "true" {
			return answer(fact.Sidecar, "pod", optOut)
		}
		return answer(fact.UnknownMember, "undeclared-namespace", fact.Source{})
	}
	injection, labelled := w.Ns.Labels.Known["istio-injection"]
	_, byRevision := w.Ns.Labels.Known[revisionLabel]
	switch {
	case decode.IsPlaceholder(injection):
		return answer(fact.UnknownMember, "unread", fact.Source{})
	case injection == "enabled":
		return answer(fact.Sidecar, "namespace", s.namespaceLabel(w.Ns, "istio-injection"))
	case labelled: // disabled, or a value that no selector of the webhook knows
		return answer(fact.NoMesh, "namespace-disabled", s.namespaceLabel(w.Ns, "istio-injection"))
	case byRevision:
		return s.byRevision(w.Ns.Labels.Known[revisionLabel], s.namespaceLabel(w.Ns, revisionLabel))
	case w.Labels[revisionLabel] != "":
		return s.byRevision(w.Labels[revisionLabel], w.PodSource("metadata", "labels", revisionLabel))
	case label == "true":
		return answer(fact.Sidecar, "pod", optOut)
	case s.Config.enrolsByDefault == fact.Yes && !hasLabel:
		return answer(fact.Sidecar, "default", s.Config.source)
	case s.Config.enrolsByDefault == fact.Unknown:
		return answer(fact.UnknownMember, "unread", fact.Source{})
	}
	return s.notInjected(w)
}

// notInjected tells why a workload of an unlabelled namespace gets no sidecar:
// nothing asks for one, or something does in a place that has no effect.
func (s *Mesh) notInjected(w *inventory.Workload) fact.MeshFacts {
	m := fact.MeshFacts{Member: fact.NoMesh, Reason: "no-label", Evidence: fact.Evidence{From: w.Source("metadata", "name")}}
	if w.Object.Kind != "Pod" && w.Object.Root.Get("metadata").Get("labels").Get(injectLabel) != nil {
		m.Reason = "label-on-owner"
		m.From = w.Source("metadata", "labels", injectLabel)
	} else if isTrue(w.Annotations[injectLabel]) {
		m.Reason = "annotation-only"
		m.From = w.PodSource("metadata", "annotations", injectLabel)
	}
	return m
}

// namespaceLabel is the place of a label on the namespace's object.
func (s *Mesh) namespaceLabel(ns *inventory.Namespace, label string) fact.Source {
	return fact.Source{Object: ns.Anchor.Object, Path: yaml.Path{"metadata", "labels", label}}
}

// ambient decides enrolment by label; the pod's value wins over the
// namespace's.
func (s *Mesh) ambient(w *inventory.Workload) (fact.MeshFacts, bool) {
	own, inherited := w.Labels[ambientLabel], w.Ns.Labels.Known[ambientLabel]
	if decode.IsPlaceholder(own) || own == "" && decode.IsPlaceholder(inherited) {
		return fact.MeshFacts{Member: fact.UnknownMember, Reason: "unread"}, true
	}
	switch own {
	case "ambient":
		return fact.MeshFacts{Member: fact.Ambient, Reason: "ambient-pod", Evidence: fact.Evidence{From: w.PodSource("metadata", "labels", ambientLabel)}}, true
	case "none":
		if w.Ns.Labels.Known[ambientLabel] == "ambient" {
			return fact.MeshFacts{Member: fact.NoMesh, Reason: "ambient-opt-out", Evidence: fact.Evidence{From: w.PodSource("metadata", "labels", ambientLabel)}}, true
		}
		return fact.MeshFacts{}, false
	}
	if w.Ns.Declared == fact.Yes && w.Ns.Labels.Known[ambientLabel] == "ambient" {
		return fact.MeshFacts{Member: fact.Ambient, Reason: "ambient-namespace", Evidence: fact.Evidence{From: s.namespaceLabel(w.Ns, ambientLabel)}}, true
	}
	return fact.MeshFacts{}, false
}
