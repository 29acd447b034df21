package environment

import (
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
)

// gapsOf returns what was not read of a source, each with the namespaces that
// it can concern: what a kustomization lacks goes where its other objects go.
func gapsOf(s *source.Set) []source.Gap {
	namespaces := namespacesOf(s.Objects)
	unread := s.Kind == source.KustomizeSet && !s.Built
	out := make([]source.Gap, 0, len(s.Gaps))
	for _, g := range s.Gaps {
		switch {
		case s.Kind == source.BesideSet && g.Reason == source.BesideReason, s.Kind == source.VariantSet && strings.HasPrefix(g.Reason, source.VariantReason):
			continue // they say why a source stands alone, and hide nothing
		case unread && len(namespaces) == 0 && strings.Contains(g.Reason, source.UnincludedReason):
			continue // nobody applies it
		case unread && len(namespaces) == 0:
			g.Foreign = true
		case unread:
			g.Namespaces = namespaces
		case isPlain(s), g.Reason == source.UnrenderedReason, g.Reason == source.UntemplatedReason:
		case !g.Foreign && source.DecidesConnections(g.File+" "+g.Reason):
			g.Namespaces = nil
			if len(namespaces) > 0 {
				g.Namespaces = append(slices.Clone(namespaces), istioSystem)
			}
		default:
			g.Namespaces = namespaces
		}
		out = append(out, g)
	}
	return out
}

// gapsIn narrows the gaps of plain manifests to those of some directories.
func gapsIn(gaps []source.Gap, dirs map[string]bool, in bool) []source.Gap {
	return slices.DeleteFunc(gaps, func(g source.Gap) bool { return dirs[path.Dir(g.File)] != in })
}

func namespacesOf(objects []*source.Object) []string {
	seen := make(map[string]bool)
	out := []string{} // not nil, which would be any
	for _, o := range objects {
		if !clusterWide(o) && !seen[o.Namespace] {
			seen[o.Namespace] = true
			out = append(out, o.Namespace)
		}
		if o.Kind == "Namespace" && !seen[o.Name] {
			seen[o.Name] = true
			out = append(out, o.Name)
		}
	}
	slices.Sort(out)
	return out
}

// istioSystem is where Istio's mesh-wide policies lie by default.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-root_namespace
const istioSystem = "istio-system"
