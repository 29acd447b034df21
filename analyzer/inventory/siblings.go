package inventory

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Siblings tells what the scopes of a tree know of each other. Who installs a
// chart beside other manifests chooses its namespace, so that its pods may
// live in any of theirs. Scopes that hold the same workload are alternatives
// and never meet.
type Siblings struct {
	scopes []*siblingScope
}

// siblingScope is what others want to know of a scope.
type siblingScope struct {
	*source.Scope
	anywhere  bool            // its pods may live in any namespace
	pods      map[string]bool // namespaces of its pods
	workloads map[workloadIdentity]bool
	named     map[[2]string]bool // its workloads by kind and name, in any namespace
}

type workloadIdentity struct{ kind, namespace, name string }

// NewSiblings looks at every scope of a tree.
func NewSiblings(scopes []*source.Scope) *Siblings {
	x := &Siblings{}
	for _, scope := range scopes {
		s := &siblingScope{
			Scope: scope,
			pods:  map[string]bool{}, workloads: map[workloadIdentity]bool{}, named: map[[2]string]bool{},
		}
		x.scopes = append(x.scopes, s)
		for _, gap := range scope.Gaps {
			s.anywhere = s.anywhere || gap.Kind == "" && s.isRendered()
		}
		for _, o := range scope.Objects {
			if !scope.Shared[o] {
				s.addPods(o)
			}
		}
	}
	return x
}

func (s *siblingScope) addPods(o *source.Object) {
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

// isRendered reports a scope of one chart or kustomization.
func (s *siblingScope) isRendered() bool {
	return s.Root != "" && (s.isChart() || s.Sets[0].Kind == source.KustomizeSet)
}

func (s *siblingScope) isChart() bool {
	return s.Root != "" && s.Sets[0].Kind == source.ChartSet
}

// alternatives reports whether two scopes hold the same workload. A chart's bear
// the name of a release that is made up, in a namespace that nobody knows: all
// of them must be in the other scope, but for that name.
func alternatives(a, b *siblingScope) bool {
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

// releasedIn reports whether a chart deploys nothing but what the other scope has.
func (s *siblingScope) releasedIn(other *siblingScope) bool {
	if !s.isChart() || other.isChart() || len(s.workloads) == 0 {
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

// MeetsOthers reports whether the pods of another scope may live in a
// namespace. Directories of plain manifests that name none stay among
// themselves.
func (x *Siblings) MeetsOthers(place int, namespace string) bool {
	if x == nil {
		return false
	}
	self := x.scopes[place]
	for i, other := range x.scopes {
		if i == place || !self.meets(other) || self.Root != "" && !self.isRendered() || other.Root != "" && !other.isRendered() {
			continue
		}
		shared := other.anywhere || other.pods[namespace] || namespace == "" && len(other.pods) > 0 || other.pods[""]
		if shared && !alternatives(self, other) {
			return true
		}
	}
	return false
}

// meets reports that some environment holds both.
func (s *siblingScope) meets(other *siblingScope) bool {
	return slices.ContainsFunc(s.Environments, func(name string) bool { return slices.Contains(other.Environments, name) })
}
