package analyzer

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader"
)

// meshScope is what the set as a whole says of a mesh.
type meshScope struct {
	present bool // the set has Istio objects or enrols workloads
	enrols  bool // some workload is enrolled by its own or its namespace's labels
}

// rootNamespace is Istio's default for meshConfig.rootNamespace.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-root_namespace
const rootNamespace = "istio-system"

// resolveMesh decides for every workload whether its pods get a sidecar or are
// captured by ambient's ztunnel.
func (s *setModel) resolveMesh() {
	for _, o := range s.objects {
		if i, ok := o.typed.(*istioObject); ok && i != nil {
			s.mesh.present = true
			switch o.Kind {
			case "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication":
				s.namespace(o.Namespace).istio = true
			}
		}
	}
	for _, w := range s.workloads {
		w.Facts.Gateway = w.isGateway()
		w.Facts.Platform = isPlatform(w)
		w.Facts.Mesh = s.membership(w)
		if m := w.Facts.Mesh.Member; m == "sidecar" || m == "ambient" {
			s.mesh.enrols = true
		}
	}
	for _, w := range s.workloads {
		w.Facts.Mesh.Expected = s.expected(w)
	}
}

// expected answers whether the tree itself means the workload to be in a mesh.
func (s *setModel) expected(w *Workload) Tri {
	switch {
	case w.ns.istio || s.mesh.enrols:
		return Yes
	case s.mesh.present:
		return Unknown // Istio may serve as a gateway only
	default:
		return No
	}
}

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
	case !s.setComplete() || w.labels.open && !w.saysMesh():
		return at("unknown", "unread", Source{})
	}
	m := s.injection(w)
	if m.Member != "sidecar" {
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
	if w.ns.declared == Yes && w.ns.labels.known["istio-injection"] == "enabled" {
		m.Member, m.Reason = "sidecar", "namespace"
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
		s.assumeRevision(w.ns.labels.known[revisionLabel])
		return fact("sidecar", "revision", s.namespaceLabel(w.ns, revisionLabel))
	case label == "true":
		return fact("sidecar", "pod", optOut)
	case w.Labels[revisionLabel] != "":
		s.assumeRevision(w.Labels[revisionLabel])
		return fact("sidecar", "revision", w.podSource("metadata", "labels", revisionLabel))
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

func (s *setModel) assumeRevision(rev string) {
	s.assumed["Istio revision `"+rev+"` is installed"] = true
}

// namespaceLabel is the place of a label on the namespace's object.
func (s *setModel) namespaceLabel(ns *namespace, label string) Source {
	return Source{Object: ns.anchor.Object, Path: loader.Path{"metadata", "labels", label}}
}

// ambient decides enrolment by label; the pod's value wins over the
// namespace's.
func (s *setModel) ambient(w *Workload) (MeshFacts, bool) {
	switch w.Labels[ambientLabel] {
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

// isTrue reads a boolean as injectRequired does.
func isTrue(s string) bool {
	return slices.Contains([]string{"y", "yes", "true", "on"}, strings.ToLower(s))
}

// isGateway recognises pods that are a mesh or ingress gateway: what reaches
// them comes from outside by design.
func (w *Workload) isGateway() bool {
	switch w.Labels["istio"] {
	case "ingressgateway", "egressgateway", "eastwestgateway":
		return true
	}
	if w.Labels["gateway.networking.k8s.io/gateway-name"] != "" || strings.Contains(w.Annotations["inject.istio.io/templates"], "gateway") {
		return true
	}
	for _, key := range []string{"app.kubernetes.io/name", "app"} {
		switch w.Labels[key] {
		case "ingress-nginx", "istio-ingressgateway", "istio-ingress", "traefik", "contour", "envoy-gateway":
			return true
		}
	}
	return false
}

// isPlatform recognises the control planes of Kubernetes and Istio, which
// enforce policies rather than live under them.
func isPlatform(w *Workload) bool {
	switch w.Namespace {
	case "kube-system", rootNamespace:
		return true
	}
	return w.Labels["app"] == "istiod" || w.Labels["istio"] == "pilot"
}

// resolveServiceMesh gives each Service port the mesh membership of the pods
// behind it.
func (s *setModel) resolveServiceMesh() {
	for _, v := range s.services {
		member := "unknown"
		for i, w := range v.selected {
			switch {
			case w.Facts.Gateway: // a gateway's ports are its listeners', which say their protocol themselves
				member = "unknown"
			case i == 0:
				member = w.Facts.Mesh.Member
			case w.Facts.Mesh.Member != member:
				member = "unknown"
			}
		}
		for i := range v.facts.Ports {
			v.facts.Ports[i].Mesh = member
		}
	}
}
