package connect

import (
	"maps"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// names are what tells the answers of a scope from those of others: its
// environments, or the directory of what names no namespace.
func (s *Layers) names() []string {
	if scope := s.Inventory.Scope; scope.Root == "" {
		return scope.Environments
	}
	return []string{s.Inventory.Scope.Root}
}

// toldElsewhere reports a workload of another scope, which answers for it.
func (s *Layers) toldElsewhere(w *inventory.Workload) bool {
	return w != nil && s.Inventory.Scope.Shared[w.Object]
}

// toldOnlyElsewhere reports a row that another scope has, too.
func (s *Layers) toldOnlyElsewhere(c *Connection) bool {
	src, dst := s.toldElsewhere(c.Src.Workload), s.toldElsewhere(c.Dst.Workload)
	return src && dst || src && c.Dst.Workload == nil || dst && c.Src.Workload == nil
}

// answers unites the rows of several scopes.
type answers struct {
	asked map[string]map[string]bool // by question, the names of all that answer it
	given map[string]map[string]bool // by question and answer
}

func newAnswers() *answers {
	return &answers{asked: map[string]map[string]bool{}, given: map[string]map[string]bool{}}
}

// add notes an answer and reports whether it is a new one.
func (a *answers) add(question, answer string, names []string) bool {
	key := question + "\x00" + answer
	added := a.given[key] == nil
	if added {
		a.given[key] = map[string]bool{}
	}
	if a.asked[question] == nil {
		a.asked[question] = map[string]bool{}
	}
	for _, name := range names {
		a.given[key][name], a.asked[question][name] = true, true
	}
	return added
}

// names are those that give an answer, where others give another one; nil
// where all agree.
func (a *answers) names(question, answer string) []string {
	given := a.given[question+"\x00"+answer]
	if len(given) == len(a.asked[question]) {
		return nil
	}
	return slices.Sorted(maps.Keys(given))
}
