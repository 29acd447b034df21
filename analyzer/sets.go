package analyzer

import "github.com/aisec-lint/aisec-lint/loader"

// siblings tells what the sets of a tree know of each other: only in which
// namespaces pods of another may live. Sets are audited apart, and yet who
// applies two kustomizations to one namespace has the pods of both there.
type siblings struct {
	sets []*loader.Set
	pods []podPlaces // of each set
}

// podPlaces are the namespaces in which a set may have pods.
type podPlaces struct {
	anywhere bool
	in       map[string]bool
}

func newSiblings(sets []*loader.Set) *siblings {
	out := &siblings{sets: sets, pods: make([]podPlaces, len(sets))}
	for i, set := range sets {
		out.pods[i] = placesOf(set)
	}
	return out
}

func placesOf(set *loader.Set) podPlaces {
	p := podPlaces{in: map[string]bool{}, anywhere: isRendered(set) && !set.Built}
	for _, gap := range set.Gaps {
		p.anywhere = p.anywhere || gap.Kind == "" && isRendered(set)
	}
	for _, o := range set.Objects {
		owner := podOwner(o)
		switch {
		case !isWorkloadKind(o.Kind) && owner == ownsNone:
		case owner == deploysAnywhere, o.Namespace == "", isPlaceholder(o.Namespace):
			p.anywhere = true
		default:
			p.in[o.Namespace] = true
		}
	}
	return p
}

// meetsOthers reports whether the pods of another set may live in a namespace.
// Plain manifests and their variants contradict each other and never meet.
func (x *siblings) meetsOthers(set *loader.Set, namespace string) bool {
	for i, other := range x.sets {
		if other == set || !isRendered(set) && !isRendered(other) {
			continue
		}
		if p := x.pods[i]; p.anywhere || p.in[namespace] || namespace == "" && len(p.in) > 0 {
			return true
		}
	}
	return false
}

func isRendered(s *loader.Set) bool { return s.Kind == loader.ChartSet || s.Kind == loader.KustomizeSet }
