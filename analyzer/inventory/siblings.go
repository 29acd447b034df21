package inventory

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Siblings tells what the sets of a tree know of each other. They are audited
// apart, and yet who applies two kustomizations has the pods and policies of
// both: what one lacks may stand in the other. Sets that hold the same workload
// are alternatives and never meet.
type Siblings struct {
	sets []*siblingSet
	// policies are the sets that hold policies or Namespaces, by the namespace
	// that those concern; "" is any.
	policies map[string][]policyPlace
}

// siblingSet is what others want to know of a set.
type siblingSet struct {
	*source.Set
	anywhere  bool            // its pods may live in any namespace
	pods      map[string]bool // namespaces of its pods
	workloads map[workloadIdentity]bool
	named     map[[2]string]bool // its workloads by kind and name, in any namespace
}

type workloadIdentity struct{ kind, namespace, name string }

type policyPlace struct {
	set  *siblingSet
	kind string
	file string
}

func NewSiblings(sets []*source.Set) *Siblings {
	x := &Siblings{policies: map[string][]policyPlace{}}
	for _, set := range sets {
		s := &siblingSet{
			Set: set, anywhere: isRendered(set) && !set.Built,
			pods: map[string]bool{}, workloads: map[workloadIdentity]bool{}, named: map[[2]string]bool{},
		}
		x.sets = append(x.sets, s)
		for _, gap := range set.Gaps {
			s.anywhere = s.anywhere || gap.Kind == "" && isRendered(set)
		}
		for _, o := range set.Objects {
			s.addPods(o)
			x.addPolicy(s, o)
		}
	}
	return x
}

func (s *siblingSet) addPods(o *source.Object) {
	owner := podOwner(o)
	if isWorkloadKind(o.Kind) {
		s.workloads[workloadIdentity{o.Kind, o.Namespace, o.Name}] = true
		s.named[[2]string{o.Kind, o.Name}] = true
	} else if owner == ownsNone {
		return
	}
	if owner == deploysAnywhere || decode.IsPlaceholder(o.Namespace) {
		s.anywhere = true
		return
	}
	s.pods[o.Namespace] = true
}

// addPolicy notes what may decide something for the pods of a namespace. The
// policies of Istio's root namespace do for all, and so do those of the cluster.
func (x *Siblings) addPolicy(s *siblingSet, o *source.Object) {
	if s.Kind == source.BesideSet || !isPolicy(o) && o.Kind != "Namespace" {
		return
	}
	namespace := o.Namespace
	switch {
	case o.Kind == "Namespace":
		namespace = o.Name
	case o.Group() == "security.istio.io" && namespace == "istio-system", decode.IsPlaceholder(namespace):
		namespace = ""
	}
	places := x.policies[namespace]
	if n := len(places); n > 0 && places[n-1].set == s && places[n-1].kind == o.Kind {
		return
	}
	x.policies[namespace] = append(places, policyPlace{s, o.Kind, o.File.Name})
}

func isRendered(s *source.Set) bool {
	return s.Kind == source.ChartSet || s.Kind == source.KustomizeSet
}

// alternatives reports whether two sets hold the same workload. A chart's bear
// the name of a release that is made up, in a namespace that nobody knows: all
// of them must be in the other set, but for that name.
func alternatives(a, b *siblingSet) bool {
	if a.releasedIn(b) || b.releasedIn(a) {
		return true
	}
	if len(a.workloads) > len(b.workloads) {
		a, b = b, a
	}
	for id := range a.workloads {
		if b.workloads[id] {
			return true
		}
	}
	return false
}

// releasedIn reports whether a chart deploys nothing but what the other set has.
func (s *siblingSet) releasedIn(other *siblingSet) bool {
	if s.Kind != source.ChartSet || other.Kind == source.ChartSet || len(s.workloads) == 0 {
		return false
	}
	for id := range s.workloads {
		name := strings.TrimPrefix(id.name, source.ReleaseName+"-")
		if name == id.name || !other.named[[2]string{id.kind, name}] {
			return false
		}
	}
	return true
}

// MeetsOthers reports whether the pods of another set may live in a namespace.
// Plain manifests and their variants never meet.
func (x *Siblings) MeetsOthers(place int, namespace string) bool {
	if x == nil {
		return false
	}
	self := x.sets[place]
	for i, other := range x.sets {
		if i == place || !isRendered(self.Set) && !isRendered(other.Set) {
			continue
		}
		shared := other.anywhere || other.pods[namespace] || namespace == "" && len(other.pods) > 0 || other.pods[""]
		if shared && !alternatives(self, other) {
			return true
		}
	}
	return false
}

// gaps are the kinds of which a built kustomization may have more in another
// set of the tree.
func (x *Siblings) gaps(place int) []source.Gap {
	self := x.sets[place]
	if !self.Built {
		return nil
	}
	var out []source.Gap
	seen := map[string]bool{}
	add := func(namespace string) {
		for _, p := range x.policies[namespace] {
			if p.set == self || seen[p.kind] || alternatives(p.set, self) {
				continue
			}
			seen[p.kind] = true
			out = append(out, source.Gap{Kind: p.kind, File: p.file, Reason: "policy of another set of the tree, for the same pods"})
		}
	}
	add("")
	for _, namespace := range fact.SortedKeys(self.pods) {
		if namespace != "" {
			add(namespace)
			continue
		}
		for _, other := range sortedNames(x.policies) {
			add(other)
		}
	}
	return out
}

func sortedNames(policies map[string][]policyPlace) []string {
	names := make(map[string]bool, len(policies))
	for name := range policies {
		names[name] = true
	}
	return fact.SortedKeys(names)
}

// addGaps extends the set's gaps, and not those that the loader gave.
func (s *Inventory) addGaps(gaps []source.Gap) {
	if len(gaps) == 0 {
		return
	}
	set := *s.Set
	set.Gaps = slices.Concat(set.Gaps, gaps)
	s.Set = &set
}
