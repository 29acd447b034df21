package source

import (
	"path"
	"strings"
)

// The reasons of gaps that others tell apart.
const (
	UnbuiltReason     = "kustomization that was not built"
	UnincludedReason  = "component that no kustomization of the tree includes"
	BesideReason      = "kustomization that does not list the files beside it"
	VariantReason     = "variant of "
	UnrenderedReason  = "helm chart that was not rendered"
	UntemplatedReason = "template of a helm chart that was not rendered"
)

// DecidesConnections recognises by its name something that was not read and
// that is about the very questions which the audit answers.
func DecidesConnections(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"polic", "netpol", "istio", "mesh", "security", "cilium", "calico", "zero-trust", "zerotrust"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// MissingKind guesses from the name of a file that is not there what kind of
// object it holds, "" for any. Files with secrets are kept out of repositories
// more often than any other, and hold no policy.
func MissingKind(name string) string {
	base := strings.ToLower(path.Base(name))
	if DecidesConnections(base) {
		return ""
	}
	for _, guess := range []struct {
		kind  string
		words []string
	}{
		{"Secret", []string{"secret", ".env", "credential", "password", "token", "htpasswd", ".pem", ".key", ".crt"}},
		{"ConfigMap", []string{"configmap", "config-map", "values", ".properties", ".conf", ".json"}},
		{"PersistentVolumeClaim", []string{"pvc", "volumeclaim"}},
		{"ServiceAccount", []string{"serviceaccount", "service-account", "service_account"}},
		{"Role", []string{"rbac", "role"}},
	} {
		for _, word := range guess.words {
			if strings.Contains(base, word) {
				return guess.kind
			}
		}
	}
	if isDefinition(name) {
		return "CustomResourceDefinition"
	}
	return ""
}

// isDefinition recognises the names that controller-gen gives to CRDs,
// `group.domain_plurals.yaml`, and their usual directory.
// https://book.kubebuilder.io/reference/controller-gen
func isDefinition(name string) bool {
	for step := range strings.SplitSeq(strings.ToLower(name), "/") {
		if step == "crd" || step == "crds" || strings.HasPrefix(step, "crd.") || strings.HasPrefix(step, "crds.") || strings.HasSuffix(step, "-crds.yaml") {
			return true
		}
	}
	group, plural, found := strings.Cut(path.Base(name), "_")
	return found && strings.Contains(group, ".") && plural != ""
}
