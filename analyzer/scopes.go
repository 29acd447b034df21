package analyzer

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// inScope names the environments of subjects, where the tree has several, and
// drops what is said in another scope.
func inScope(subjects []fact.Subject, tree *source.Tree, scope *source.Scope) []fact.Subject {
	if len(scope.Shared) > 0 {
		subjects = slices.DeleteFunc(subjects, func(s fact.Subject) bool { return scope.Shared[s.From.Object] })
	}
	if len(scope.Environments) == len(tree.Environments) {
		return subjects
	}
	for i := range subjects {
		subjects[i].Environments = scope.Environments
	}
	return subjects
}

// ownWorkloads are those that do not belong to another scope.
func (s *analysis) ownWorkloads() []*inventory.Workload {
	shared := s.inventory.Scope.Shared
	return slices.DeleteFunc(slices.Clone(s.inventory.Workloads), func(w *inventory.Workload) bool { return shared[w.Object] })
}

// workloadsOnce drops what several environments have alike.
func workloadsOnce(workloads []*inventory.Workload) []*inventory.Workload {
	type key struct {
		object *source.Object
		id     string
	}
	seen := make(map[key]bool, len(workloads))
	return slices.DeleteFunc(workloads, func(w *inventory.Workload) bool {
		if w.Object == nil || w.Implied {
			return false
		}
		drop := seen[key{w.Object, w.ID}]
		seen[key{w.Object, w.ID}] = true
		return drop
	})
}
