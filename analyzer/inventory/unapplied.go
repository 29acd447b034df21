package inventory

import (
	"path"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// SplitUnapplied takes the policies out of what lies beside a kustomization and
// is not listed by it: `kustomize build` leaves them out, and so they count for
// nothing (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/).
// Where workloads lie beside them that are not listed either, somebody applies
// both in another way, and nothing is said; nor where the kustomization names
// the file in a comment.
func SplitUnapplied(set *source.Set) ([]fact.Subject, *source.Set) {
	if set.Kind != source.BesideSet {
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
	var out []fact.Subject
	for _, o := range set.Objects {
		if !isPolicy(o) || applied[subtreeOf(set, o)] || set.Mentioned[o.File.Name] {
			rest.Objects = append(rest.Objects, o)
			continue
		}
		out = append(out, unappliedSubject(set, o))
	}
	return out, &rest
}

func unappliedSubject(set *source.Set, o *source.Object) fact.Subject {
	facts := &fact.UnappliedFacts{Where: "beside"}
	if subtreeOf(set, o) != "" {
		facts.Where = "below"
	}
	return fact.Subject{Type: "unapplied", Facts: facts, Evidence: fact.Evidence{
		From: fact.Source{Object: o, Path: yaml.Path{"metadata", "name"}},
		Names: map[string]string{
			"policy": fact.RefName(o), "file": fileBelow(set, o), "kustomization": path.Base(set.Gaps[0].File),
		},
	}}
}

// subtreeOf is the first directory between a kustomization and a file, "" for a
// file right beside it.
func subtreeOf(set *source.Set, o *source.Object) string {
	part, _, found := strings.Cut(fileBelow(set, o), "/")
	if !found {
		return ""
	}
	return part
}

func fileBelow(set *source.Set, o *source.Object) string {
	return strings.TrimPrefix(o.File.Name, set.Root+"/")
}

// isPolicy reports a kind that says who may connect, or how the mesh treats
// connections.
func isPolicy(o *source.Object) bool {
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
	return isOtherPolicy(o.Group(), o.Kind)
}

// isOtherPolicy recognises by their kinds the policies of Cilium, Calico,
// Antrea and OVN that say who may connect.
func isOtherPolicy(group, kind string) bool {
	switch group {
	case "cilium.io", "crd.projectcalico.org", "projectcalico.org", "crd.antrea.io":
		switch kind {
		case "CiliumBGPPeeringPolicy", "CiliumLocalRedirectPolicy", "PolicyRecommendationScope":
			return false
		}
		return strings.Contains(kind, "Policy") && !strings.HasPrefix(kind, "Staged")
	case "k8s.ovn.org", "network.openshift.io":
		return kind == "EgressFirewall" || kind == "EgressNetworkPolicy"
	}
	return false
}
