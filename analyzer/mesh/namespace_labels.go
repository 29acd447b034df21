package mesh

import (
	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// The labels and annotations that decide whether pods are in the mesh.
const (
	injectionLabel = "istio-injection"         // of a namespace
	injectLabel    = "sidecar.istio.io/inject" // of a pod; also read as an annotation
	revisionLabel  = "istio.io/rev"
	ambientLabel   = "istio.io/dataplane-mode"
	// statusAnnotation is written by the injector: a manifest that has it
	// already contains the sidecar.
	statusAnnotation = "sidecar.istio.io/status"
)

// injectionRequest is what the labels of a namespace ask of the injection
// webhook.
type injectionRequest int

const (
	injectionUnset injectionRequest = iota
	injectionEnabled
	injectionDisabled // or a value that no selector of the webhook matches
	injectionByRevision
	injectionPlaceholder // another tool fills in the label's value
)

// injectionOf reads the labels as the selectors of the webhook do: istio.io/rev
// counts only where istio-injection is absent.
// istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml.
func injectionOf(ns *inventory.Namespace) injectionRequest {
	value, labelled := ns.Labels.Known[injectionLabel]
	_, byRevision := ns.Labels.Known[revisionLabel]
	switch {
	case decode.IsPlaceholder(value):
		return injectionPlaceholder
	case value == "enabled":
		return injectionEnabled
	case labelled:
		return injectionDisabled
	case byRevision:
		return injectionByRevision
	}
	return injectionUnset
}

// enrolled answers whether the namespace's labels ask for the mesh.
func enrolled(ns *inventory.Namespace) fact.Tri {
	request, ambient := injectionOf(ns), ns.Labels.Known[ambientLabel]
	switch {
	case ns.Declared != fact.Yes:
		return fact.Unknown
	case request == injectionEnabled, request == injectionByRevision, ambient == "ambient":
		return fact.Yes
	case request == injectionPlaceholder, decode.IsPlaceholder(ambient):
		return fact.Unknown
	default:
		return fact.No
	}
}

// namespaceLabel is the place of a label on the namespace's object.
func namespaceLabel(ns *inventory.Namespace, label string) fact.Source {
	return fact.Source{Object: ns.Anchor.Object, Path: yaml.Path{"metadata", "labels", label}}
}
