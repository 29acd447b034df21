package mesh

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// membership is whether the pods of a workload are in the mesh, and what
// decides that.
type membership struct {
	member   fact.Member
	reason   reason
	from     fact.Source // the label, annotation or object that decides
	revision string      // the Istio revision, with the reason byRevision
}

// reason says what decided a membership. The values are those of
// fact.MeshFacts.Reason, which documents each.
type reason string

const (
	hostNetwork          reason = "host-network"
	neverInjected        reason = "never-injected"
	alreadyInjected      reason = "injected"
	byNamespace          reason = "namespace"
	namespaceDisabled    reason = "namespace-disabled"
	byRevision           reason = "revision"
	unknownRevision      reason = "unknown-revision"
	byPod                reason = "pod"
	optOut               reason = "opt-out"
	byDefault            reason = "default"
	noLabel              reason = "no-label"
	labelOnOwner         reason = "label-on-owner"
	annotationOnly       reason = "annotation-only"
	ambientNamespace     reason = "ambient-namespace"
	ambientPod           reason = "ambient-pod"
	ambientOptOut        reason = "ambient-opt-out"
	notRead              reason = "unread"
	undeclaredNamespace  reason = "undeclared-namespace"
	undiscoveredByIstiod reason = "undiscovered"
)

// facts lays the membership out for rules.
func (d membership) facts() fact.MeshFacts {
	f := fact.MeshFacts{Member: d.member, Reason: string(d.reason), Evidence: fact.Evidence{From: d.from}}
	if d.revision != "" {
		f.Names = map[string]string{"revision": d.revision}
	}
	return f
}

// membership follows the injection webhook and ambient's enrolment, in the
// order in which they decide.
//   - namespace and pod selectors of the webhook:
//     istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml
//   - then pkg/kube/inject/inject.go (injectRequired): host network, ignored
//     namespaces, and the label before the annotation
//   - ambient: https://istio.io/latest/docs/ambient/usage/add-workloads/
func (m *Mesh) membership(w *inventory.Workload) membership {
	decision := m.decideMembership(w)
	if decision.from.Object == nil {
		decision.from = w.Source("metadata", "name")
	}
	return decision
}

func (m *Mesh) decideMembership(w *inventory.Workload) membership {
	switch {
	case w.HostNetwork():
		return membership{member: fact.NoMesh, reason: hostNetwork, from: w.PodSource("spec", "hostNetwork")}
	case ignoredByInjector(w.Namespace):
		return membership{member: fact.NoMesh, reason: neverInjected, from: w.Ns.Anchor}
	case w.Implied:
		return m.membershipOfInferred(w)
	case w.Annotations[statusAnnotation] != "":
		return membership{member: fact.Sidecar, reason: alreadyInjected, from: w.PodSource("metadata", "annotations", statusAnnotation)}
	case !m.setComplete(w) || w.LabelSet.Open && !decidesForItself(w):
		return membership{member: fact.UnknownMember, reason: notRead}
	case m.Config.discovers(w.Ns) != fact.Yes:
		return membership{member: fact.UnknownMember, reason: undiscoveredByIstiod, from: m.Config.source}
	}
	decision := m.injection(w)
	if decision.member == fact.NoMesh || decision.reason == undeclaredNamespace {
		if a, ok := ambientEnrolment(w); ok {
			return a
		}
	}
	return decision
}

// setComplete reports that pod labels and namespaces are those that will be
// applied: a chart or kustomization that was not built may add labels.
func (m *Mesh) setComplete(w *inventory.Workload) bool {
	return !m.Inventory.Gaps.Anything(w.Namespace)
}

// decidesForItself reports that labels or annotations of the pod decide about
// its membership, so that labels which are not known cannot change it.
func decidesForItself(w *inventory.Workload) bool {
	return w.Labels[injectLabel] != "" || w.Annotations[injectLabel] != "" || w.Labels[ambientLabel] != ""
}

// membershipOfInferred decides for pods that are not in the tree but must
// exist, such as those behind a Service: only the namespace's labels are known.
func (m *Mesh) membershipOfInferred(w *inventory.Workload) membership {
	unknown := membership{member: fact.UnknownMember, reason: undeclaredNamespace, from: w.Ns.Anchor}
	if w.Ns.Declared != fact.Yes || !m.setComplete(w) || m.Config.discovers(w.Ns) != fact.Yes {
		return unknown
	}
	labels := w.Ns.Labels.Known
	switch request := injectionOf(w.Ns); {
	case request == injectionPlaceholder:
	case request == injectionEnabled:
		return membership{member: fact.Sidecar, reason: byNamespace, from: w.Ns.Anchor}
	case request == injectionByRevision && labels[revisionLabel] != "":
		return m.memberByRevision(labels[revisionLabel], w.Ns.Anchor)
	case labels[ambientLabel] == "ambient":
		return membership{member: fact.Ambient, reason: ambientNamespace, from: w.Ns.Anchor}
	}
	return unknown
}

// ignoredByInjector reports a namespace in which the webhook injects nothing.
// istio/istio pkg/kube/inject/inject.go (IgnoredNamespaces).
func ignoredByInjector(namespace string) bool {
	switch namespace {
	case "kube-system", "kube-public", "kube-node-lease", "local-path-storage":
		return true
	}
	return false
}

// injection decides whether the webhook gives the pods a sidecar. The pod's
// label decides before its annotation, and both before the namespace's labels.
func (m *Mesh) injection(w *inventory.Workload) membership {
	label, hasLabel := w.Labels[injectLabel]
	if hasLabel && decode.IsPlaceholder(label) {
		return membership{member: fact.UnknownMember, reason: notRead}
	}
	value, place := label, w.PodSource("metadata", "labels", injectLabel)
	if !hasLabel {
		value, place = w.Annotations[injectLabel], w.PodSource("metadata", "annotations", injectLabel)
	}
	switch {
	case decode.IsPlaceholder(value):
		return membership{member: fact.UnknownMember, reason: notRead, from: place}
	case value != "" && !isTrue(value):
		return membership{member: fact.NoMesh, reason: optOut, from: place}
	case w.Ns.Declared == fact.Yes:
		return m.injectionByNamespace(w, label, hasLabel)
	case label == "true":
		return membership{member: fact.Sidecar, reason: byPod, from: place}
	}
	return membership{member: fact.UnknownMember, reason: undeclaredNamespace}
}

// injectionByNamespace decides for a pod that does not opt out, in a namespace
// whose labels are known. label is the pod's own sidecar.istio.io/inject.
func (m *Mesh) injectionByNamespace(w *inventory.Workload, label string, hasLabel bool) membership {
	switch injectionOf(w.Ns) {
	case injectionPlaceholder:
		return membership{member: fact.UnknownMember, reason: notRead}
	case injectionEnabled:
		return membership{member: fact.Sidecar, reason: byNamespace, from: namespaceLabel(w.Ns, injectionLabel)}
	case injectionDisabled:
		return membership{member: fact.NoMesh, reason: namespaceDisabled, from: namespaceLabel(w.Ns, injectionLabel)}
	case injectionByRevision:
		return m.memberByRevision(w.Ns.Labels.Known[revisionLabel], namespaceLabel(w.Ns, revisionLabel))
	case injectionUnset:
	}
	switch {
	case w.Labels[revisionLabel] != "":
		return m.memberByRevision(w.Labels[revisionLabel], w.PodSource("metadata", "labels", revisionLabel))
	case label == "true":
		return membership{member: fact.Sidecar, reason: byPod, from: w.PodSource("metadata", "labels", injectLabel)}
	case m.Config.enrolsByDefault == fact.Yes && !hasLabel:
		return membership{member: fact.Sidecar, reason: byDefault, from: m.Config.source}
	case m.Config.enrolsByDefault == fact.Unknown:
		return membership{member: fact.UnknownMember, reason: notRead}
	}
	return notInjected(w)
}

// isTrue reads a boolean as injectRequired does.
// istio/istio pkg/kube/inject/inject.go.
func isTrue(s string) bool {
	return slices.Contains([]string{"y", "yes", "true", "on"}, strings.ToLower(s))
}

// notInjected says why a workload of an unlabelled namespace gets no sidecar:
// nothing asks for one, or the request stands where it has no effect.
func notInjected(w *inventory.Workload) membership {
	switch {
	case w.Object.Kind != "Pod" && w.Object.Root.Get("metadata").Get("labels").Get(injectLabel) != nil:
		return membership{member: fact.NoMesh, reason: labelOnOwner, from: w.Source("metadata", "labels", injectLabel)}
	case isTrue(w.Annotations[injectLabel]):
		return membership{member: fact.NoMesh, reason: annotationOnly, from: w.PodSource("metadata", "annotations", injectLabel)}
	}
	return membership{member: fact.NoMesh, reason: noLabel}
}

// ambientEnrolment decides by the label istio.io/dataplane-mode; the pod's
// value wins over the namespace's. decided is false where neither has a say.
// https://istio.io/latest/docs/ambient/usage/add-workloads/
func ambientEnrolment(w *inventory.Workload) (_ membership, decided bool) {
	own, inherited := w.Labels[ambientLabel], w.Ns.Labels.Known[ambientLabel]
	ofPod := w.PodSource("metadata", "labels", ambientLabel)
	switch {
	case decode.IsPlaceholder(own) || own == "" && decode.IsPlaceholder(inherited):
		return membership{member: fact.UnknownMember, reason: notRead}, true
	case own == "ambient":
		return membership{member: fact.Ambient, reason: ambientPod, from: ofPod}, true
	case own == "none" && inherited == "ambient":
		return membership{member: fact.NoMesh, reason: ambientOptOut, from: ofPod}, true
	case own != "none" && w.Ns.Declared == fact.Yes && inherited == "ambient":
		return membership{member: fact.Ambient, reason: ambientNamespace, from: namespaceLabel(w.Ns, ambientLabel)}, true
	}
	return membership{}, false
}
