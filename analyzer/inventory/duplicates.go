package inventory

import (
	"fmt"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Duplicates finds identities that one source holds more than once. Namespaces
// are exempt: their labels unite.
func (s *Inventory) Duplicates() []fact.Subject {
	type identity struct {
		set                          *source.Set
		group, kind, Namespace, name string
	}
	copies := map[identity][]*decode.Decoded{}
	var order []identity
	for _, o := range s.Objects {
		if o.Kind == "Namespace" || o.Name == "" || decode.IsPlaceholder(o.Name) || decode.IsPlaceholder(o.Namespace) || strings.HasSuffix(o.Name, "*") {
			continue
		}
		id := identity{o.Set, o.Group(), o.Kind, o.Namespace, o.Name}
		// Files that name no namespace, or that a build picks from, need never be applied together.
		if have := copies[id]; len(have) == 0 {
			order = append(order, id)
		} else if have[0].File != o.File && (o.Namespace == "" || s.Gaps.Anything(o.Namespace)) {
			continue
		}
		copies[id] = append(copies[id], o)
	}
	var out []fact.Subject
	for _, id := range order {
		if len(copies[id]) > 1 {
			out = append(out, duplicate(copies[id]))
		}
	}
	return out
}

// duplicate stands at the second of several objects of one name, and names the
// others.
func duplicate(copies []*decode.Decoded) fact.Subject {
	o := copies[1]
	same := true
	var others []string
	for _, other := range copies {
		if other == o {
			continue
		}
		same = same && decode.EqualNodes(o.Root, other.Root)
		at, _ := other.At(yaml.Path{"metadata", "name"})
		others = append(others, fmt.Sprintf("%s:%d", other.File.Name, at.Start.Line))
	}
	return fact.Subject{Type: "duplicate", Facts: &fact.DuplicateFacts{Same: same}, Evidence: fact.Evidence{
		From:  fact.Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}},
		Names: map[string]string{"object": fact.RefName(o.Object), "other": strings.Join(others, ", ")},
	}}
}
