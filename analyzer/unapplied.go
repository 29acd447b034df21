package analyzer

import (
	"path"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader"
)

// UnappliedFacts is input.unapplied: a policy in a file that lies beside a
// kustomization and that no kustomization of the tree reads.
type UnappliedFacts struct {
	Where string `json:"where" enum:"beside,below" doc:"where its file lies; beside: in the directory of the kustomization; below: in a directory below that one"`
}

// splitUnapplied takes the policies out of what lies beside a kustomization and
// is not listed by it: `kustomize build` leaves them out, and so they count for
// nothing (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/).
// Where workloads lie beside them that are not listed either, somebody applies
// both in another way, and nothing is said; nor where the kustomization names
// the file in a comment.
func splitUnapplied(set *loader.Set) ([]Subject, *loader.Set) {
	if set.Kind != loader.BesideSet {
		return nil, set
	}
	applied := map[string]bool{} // the parts of the directory that are applied in another way
	for _, o := range set.Objects {
		if !isPolicy(o) && (isWorkloadKind(o.Kind) || o.Kind == "Service" || podOwner(o) != ownsNone) {
			applied[subtreeOf(set, o)] = true
		}
	}
	rest := *set
	rest.Objects = nil
	var out []Subject
	for _, o := range set.Objects {
		if !isPolicy(o) || applied[subtreeOf(set, o)] || set.Mentioned[o.File.Name] {
			rest.Objects = append(rest.Objects, o)
			continue
		}
		out = append(out, unappliedSubject(set, o))
	}
	return out, &rest
}

func unappliedSubject(set *loader.Set, o *loader.Object) Subject {
	facts := &UnappliedFacts{Where: "beside"}
	if subtreeOf(set, o) != "" {
		facts.Where = "below"
	}
	return Subject{Type: "unapplied", Facts: facts, Evidence: Evidence{
		From: Source{Object: o, Path: loader.Path{"metadata", "name"}},
		Names: map[string]string{
			"policy": refName(o), "file": fileBelow(set, o), "kustomization": path.Base(set.Gaps[0].File),
		},
	}}
}

// subtreeOf is the first directory between a kustomization and a file, "" for a
// file right beside it.
func subtreeOf(set *loader.Set, o *loader.Object) string {
	part, _, found := strings.Cut(fileBelow(set, o), "/")
	if !found {
		return ""
	}
	return part
}

func fileBelow(set *loader.Set, o *loader.Object) string {
	return strings.TrimPrefix(o.File.Name, set.Root+"/")
}

// isPolicy reports a kind that says who may connect, or how the mesh treats
// connections.
func isPolicy(o *loader.Object) bool {
	switch o.Group() {
	case "networking.k8s.io":
		return o.Kind == "NetworkPolicy"
	case "policy.networking.k8s.io":
		return true
	case "security.istio.io":
		return o.Kind == "PeerAuthentication" || o.Kind == "AuthorizationPolicy" || o.Kind == "RequestAuthentication"
	case "telemetry.istio.io":
		return o.Kind == "Telemetry"
	}
	return len(otherScopes(o)) > 0
}
