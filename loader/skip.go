package loader

import (
	"path"
	"slices"
	"strings"
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

// reason says why root is no Kubernetes object.
func (m *member) reason(root *Node, ref Ref) string {
	base := path.Base(m.file.Name)
	switch {
	case isKustomizationFile(base), isKustomization(ref.APIVersion, ref.Kind):
		return SkipKustomization
	case isPatchList(root):
		return SkipKustomizePatch
	case isValuesFile(base):
		return SkipHelmValues
	case base == ".aisec-lint.yaml":
		return SkipToolConfig
	case root.Kind != Map && root.Kind != List && hasPlaceholder([]byte(root.Text)):
		return SkipTemplate
	}
	return SkipNotKubernetes
}

func isKustomizationFile(base string) bool {
	return base == "kustomization.yaml" || base == "kustomization.yml" || base == "Kustomization"
}

func isValuesFile(base string) bool {
	ext := path.Ext(base)
	return strings.HasPrefix(base, "values") && (ext == ".yaml" || ext == ".yml")
}

// isPatchList reports whether root is a JSON patch (RFC 6902).
func isPatchList(root *Node) bool {
	if root.Kind != List || len(root.Items) == 0 {
		return false
	}
	return !slices.ContainsFunc(root.Items, func(n *Node) bool {
		return n.Get("op") == nil || n.Get("path") == nil
	})
}
