package analyzer

import (
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// membership follows the injection webhook and ambient's enrolment, in the
// order in which they decide.
//   - namespace and pod selectors of the webhook:
//     istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml
//   - then pkg/kube/inject/inject.go (injectRequired): host network, ignored
//     namespaces, and the label before the annotation
//   - ambient: https://istio.io/latest/docs/ambient/usage/add-workloads/
func (s *setModel) membership(w *Workload) MeshFacts {
	at := func(member, reason string, from Source) MeshFacts {
		if from.Object == nil {
			from = w.source("metadata", "name")
		}
		return MeshFacts{Member: member, Reason: reason, Evidence: Evidence{From: from}}
	}
	switch {
	case w.hostNetwork():
		return at("none", "host-network", w.podSource("spec", "hostNetwork"))
	case neverInjected(w.Namespace):
		return at("none", "never-injected", w.ns.anchor)
	case w.implied:
		return s.impliedMembership(w)
	case w.Annotations[statusAnnotation] != "":
		return at("sidecar", "injected", w.podSource("metadata", "annotations", statusAnnotation))
	case !s.setComplete() || w.labels.open && !w.saysMesh():
		return at("unknown", "unread", Source{})
	case s.config.discovers(w.ns) != Yes:
		return at("unknown", "undiscovered", s.config.source)
	}
	m := s.injection(w)
	if m.Member == "none" || m.Reason == "undeclared-namespace" {
		if a, ok := s.ambient(w); ok {
			m = a
		}
	}
	if m.From.Object == nil {
		m.From = w.source("metadata", "name")
	}
	return m
}

// setComplete reports that pod labels and namespaces are those that will be
// applied: a chart or kustomization that was not built may add labels.
func (s *setModel) setComplete() bool { return !s.gaps.any }

// saysMesh reports whether the workload itself decides about its membership, so
// that labels which are not told cannot.
func (w *Workload) saysMesh() bool {
	return w.Labels[injectLabel] != "" || w.Annotations[injectLabel] != "" || w.Labels[ambientLabel] != ""
}

// impliedMembership knows the namespace's labels and nothing of the pods.
func (s *setModel) impliedMembership(w *Workload) MeshFacts {
	m := MeshFacts{Member: "unknown", Reason: "undeclared-namespace", Evidence: Evidence{From: w.ns.anchor}}
	if w.ns.declared != Yes || !s.setComplete() || s.config.discovers(w.ns) != Yes {
		return m
	}
	labels := w.ns.labels.known
	_, labelled := labels["istio-injection"]
	switch {
	case labels["istio-injection"] == "enabled":
		m.Member, m.Reason = "sidecar", "namespace"
	case !labelled && labels[revisionLabel] != "":
		r := s.byRevision(labels[revisionLabel], w.ns.anchor)
		m.Member, m.Reason = r.Member, r.Reason
	case labels[ambientLabel] == "ambient":
		m.Member, m.Reason = "ambient", "ambient-namespace"
	}
	return m
}

func (w *Workload) podSource(steps ...any) Source {
	return Source{Object: w.object, Path: w.podPath(steps...)}
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
func (s *setModel) injection(w *Workload) MeshFacts {
	fact := func(member, reason string, from Source) MeshFacts {
		return MeshFacts{Member: member, Reason: reason, Evidence: Evidence{From: from}}
	}
	label, hasLabel := w.Labels[injectLabel]
	if hasLabel && isPlaceholder(label) {
		return fact("unknown", "unread", Source{})
	}
	optOut := w.podSource("metadata", "labels", injectLabel)
	wants := label
	if !hasLabel {
		wants = w.Annotations[injectLabel]
		optOut = w.podSource("metadata", "annotations", injectLabel)
	}
	if isPlaceholder(wants) {
		return fact("unknown", "unread", optOut)
	}
	if wants != "" && !isTrue(wants) {
		return fact("none", "opt-out", optOut)
	}
	if w.ns.declared != Yes {
		if label == "true" {
			return fact("sidecar", "pod", optOut)
		}
		return fact("unknown", "undeclared-namespace", Source{})
	}
	injection, labelled := w.ns.labels.known["istio-injection"]
	_, byRevision := w.ns.labels.known[revisionLabel]
	switch {
	case isPlaceholder(injection):
		return fact("unknown", "unread", Source{})
	case injection == "enabled":
		return fact("sidecar", "namespace", s.namespaceLabel(w.ns, "istio-injection"))
	case labelled: // disabled, or a value that no selector of the webhook knows
		return fact("none", "namespace-disabled", s.namespaceLabel(w.ns, "istio-injection"))
	case byRevision:
		return s.byRevision(w.ns.labels.known[revisionLabel], s.namespaceLabel(w.ns, revisionLabel))
	case w.Labels[revisionLabel] != "":
		return s.byRevision(w.Labels[revisionLabel], w.podSource("metadata", "labels", revisionLabel))
	case label == "true":
		return fact("sidecar", "pod", optOut)
	case s.config.enrolsByDefault == Yes && !hasLabel:
		return fact("sidecar", "default", s.config.source)
	case s.config.enrolsByDefault == Unknown:
		return fact("unknown", "unread", Source{})
	}
	return s.notInjected(w)
}

// notInjected tells why a workload of an unlabelled namespace gets no sidecar:
// nothing asks for one, or something does in a place that has no effect.
func (s *setModel) notInjected(w *Workload) MeshFacts {
	m := MeshFacts{Member: "none", Reason: "no-label", Evidence: Evidence{From: w.source("metadata", "name")}}
	if w.object.Kind != "Pod" && w.object.Root.Get("metadata").Get("labels").Get(injectLabel) != nil {
		m.Reason = "label-on-owner"
		m.From = w.source("metadata", "labels", injectLabel)
	} else if isTrue(w.Annotations[injectLabel]) {
		m.Reason = "annotation-only"
		m.From = w.podSource("metadata", "annotations", injectLabel)
	}
	return m
}

// namespaceLabel is the place of a label on the namespace's object.
func (s *setModel) namespaceLabel(ns *namespace, label string) Source {
	return Source{Object: ns.anchor.Object, Path: yaml.Path{"metadata", "labels", label}}
}

// ambient decides enrolment by label; the pod's value wins over the
// namespace's.
func (s *setModel) ambient(w *Workload) (MeshFacts, bool) {
	own, inherited := w.Labels[ambientLabel], w.ns.labels.known[ambientLabel]
	if isPlaceholder(own) || own == "" && isPlaceholder(inherited) {
		return MeshFacts{Member: "unknown", Reason: "unread"}, true
	}
	switch own {
	case "ambient":
		return MeshFacts{Member: "ambient", Reason: "ambient-pod", Evidence: Evidence{From: w.podSource("metadata", "labels", ambientLabel)}}, true
	case "none":
		if w.ns.labels.known[ambientLabel] == "ambient" {
			return MeshFacts{Member: "none", Reason: "ambient-opt-out", Evidence: Evidence{From: w.podSource("metadata", "labels", ambientLabel)}}, true
		}
		return MeshFacts{}, false
	}
	if w.ns.declared == Yes && w.ns.labels.known[ambientLabel] == "ambient" {
		return MeshFacts{Member: "ambient", Reason: "ambient-namespace", Evidence: Evidence{From: s.namespaceLabel(w.ns, ambientLabel)}}, true
	}
	return MeshFacts{}, false
}
