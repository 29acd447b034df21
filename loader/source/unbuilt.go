package source

import (
	"path"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Unbuilt is something that a kustomization or chart refers to and that its
// build lacked, or the reason why it was not built at all.
type Unbuilt struct {
	Cause   Cause
	Whole   bool // nothing of it was built
	Message string
	Help    string
	Span    yaml.Span
}

// Cause says what kept something from being built.
type Cause string

// The causes of an Unbuilt.
const (
	Broken  Cause = "broken"  // the tool refuses it, or something is not in the tree
	Refused Cause = "refused" // by design: what lies elsewhere is not fetched, and no plugin is executed
	Input   Cause = "input"   // a file that is kept out of repositories: secrets, .env, what the user excluded
	Follows Cause = "follows" // it needs what else is missing
	Values  Cause = "values"  // a chart that wants values which it does not bring
)

// Silent reports what is noted and is no finding: nobody did anything wrong.
func (u *Unbuilt) Silent() bool { return u.Cause == Input || u.Cause == Follows }

// MissingKind guesses from the name of a file that is not there what kind of
// object it holds, "" for any. Files with secrets are kept out of repositories
// more often than any other, and hold no policy.
func MissingKind(name string) string {
	if DecidesConnections(name) {
		return ""
	}
	base := strings.ToLower(path.Base(name))
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
