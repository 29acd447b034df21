package source

import (
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// The reasons of a Skip.
const (
	SkipHelmTemplate   = "helm-template"
	SkipHelmValues     = "helm-values"
	SkipTemplate       = "template"
	SkipKustomization  = "kustomization"
	SkipKustomizePatch = "kustomize-patch"
	SkipNotKubernetes  = "not-kubernetes"
	SkipToolConfig     = "tool-config"
)

// reason says why root is not a Kubernetes object.
func (m *member) reason(root *yaml.Node, ref Ref) string {
	base := path.Base(m.File.Name)
	switch {
	case IsKustomizationFile(base), isKustomization(ref.APIVersion, ref.Kind):
		return SkipKustomization
	case isPatchList(root):
		return SkipKustomizePatch
	case IsValuesFile(base):
		return SkipHelmValues
	case base == ".aisec-lint.yaml":
		return SkipToolConfig
	case root.Kind != yaml.Map && root.Kind != yaml.List && diagnose.HasPlaceholder([]byte(root.Text)):
		return SkipTemplate
	}
	return SkipNotKubernetes
}

// IsKustomizationFile reports whether kustomize reads a file of that base name as
// a directory's kustomization.
func IsKustomizationFile(base string) bool {
	return base == "kustomization.yaml" || base == "kustomization.yml" || base == "Kustomization"
}

// IsValuesFile reports whether a base name is one that values of a chart have.
func IsValuesFile(base string) bool {
	ext := path.Ext(base)
	return strings.HasPrefix(base, "values") && (ext == ".yaml" || ext == ".yml")
}

// isPatchList reports whether root is a JSON patch (RFC 6902).
func isPatchList(root *yaml.Node) bool {
	if root.Kind != yaml.List || len(root.Items) == 0 {
		return false
	}
	return !slices.ContainsFunc(root.Items, func(n *yaml.Node) bool {
		return n.Get("op") == nil || n.Get("path") == nil
	})
}
