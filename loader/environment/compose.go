package environment

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Options say what the sources of a tree have in common, and what the user
// asks for.
type Options struct {
	// Bases are, by the root of a kustomization that was built, the directories of
	// those that it takes objects from.
	Bases map[string][]string
	// Comments are the directories that its comments name as if they were resources.
	Comments map[string][]string
	Roots    []string // everything below each is one environment, the deepest first
	Only     string   // the name of the only environment to keep; "" keeps all
}

// Compose groups the sources of a tree into environments, and those into
// scopes. A scope that several environments have alike is one. Its error is
// that there is no environment of the name that the user asks for.
func Compose(t *source.Tree, opts Options) error {
	follow(t)
	sources := newSources(t, opts.Bases)
	t.Environments = newJoining(sources, &opts).environments()
	numbers := make(map[*source.Object]int)
	for _, set := range t.Sets {
		for _, o := range set.Objects {
			o.Set = set
			numbers[o] = len(numbers)
		}
	}
	known := make(map[string]*source.Scope)
	for _, e := range t.Environments {
		for _, s := range newComposition(e, sources, opts.Roots).scopes() {
			key := keyOf(s, numbers)
			if have := known[key]; have != nil {
				have.Environments = append(have.Environments, e.Name)
				continue
			}
			s.Environments = []string{e.Name}
			known[key] = s
			t.Scopes = append(t.Scopes, s)
		}
	}
	slices.SortStableFunc(t.Scopes, func(a, b *source.Scope) int {
		return cmp.Or(strings.Compare(a.Root, b.Root), slices.Compare(a.Environments, b.Environments))
	})
	return keep(t, opts.Only)
}

// keep drops all environments but one.
func keep(t *source.Tree, name string) error {
	if name == "" {
		return nil
	}
	named := func(e *source.Environment) bool { return e.Name == name }
	if !slices.ContainsFunc(t.Environments, named) {
		names := make([]string, len(t.Environments))
		for i, e := range t.Environments {
			names[i] = e.Name
		}
		return fmt.Errorf("--environment %s: there is %s", name, strings.Join(names, ", "))
	}
	t.Environments = slices.DeleteFunc(t.Environments, func(e *source.Environment) bool { return !named(e) })
	t.Scopes = slices.DeleteFunc(t.Scopes, func(s *source.Scope) bool { return !slices.Contains(s.Environments, name) })
	for _, s := range t.Scopes {
		s.Environments = []string{name}
	}
	return nil
}

// keyOf is equal for scopes that hold the same.
func keyOf(s *source.Scope, numbers map[*source.Object]int) string {
	key := []byte(s.Root)
	for _, list := range [][]*source.Object{s.Objects, s.Elsewhere} {
		key = append(key, 0)
		for _, o := range list {
			key = append(strconv.AppendInt(key, int64(numbers[o]), 36), ' ')
		}
	}
	for _, g := range s.Gaps {
		key = append(key, "\x00"+g.File+"\x00"+g.Kind+"\x00"+g.Reason...)
	}
	return string(key)
}
