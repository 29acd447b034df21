package inventory

import (
	"fmt"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Duplicates finds identities that the set holds more than once. Namespaces
// are exempt: their labels unite.
func (s *Inventory) Duplicates() []fact.Subject {
	type identity struct{ group, kind, Namespace, name string }
	first := map[identity]*decode.Decoded{}
	var out []fact.Subject
	for _, o := range s.Objects {
		if o.Kind == "Namespace" || o.Name == "" || decode.IsPlaceholder(o.Name) || decode.IsPlaceholder(o.Namespace) || strings.HasSuffix(o.Name, "*") {
			continue
		}
		id := identity{o.Group(), o.Kind, o.Namespace, o.Name}
		other, twice := first[id]
		if !twice {
			first[id] = o
			continue
		}
		// Files that name no namespace, or that a build picks from, need never be applied together.
		if o.File != other.File && (o.Namespace == "" || s.Gaps.Any) {
			continue
		}
		at, _ := other.At(yaml.Path{"metadata", "name"})
		out = append(out, fact.Subject{Type: "duplicate", Facts: &fact.DuplicateFacts{Same: decode.EqualNodes(o.Root, other.Root)}, Evidence: fact.Evidence{
			From: fact.Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}},
			Names: map[string]string{
				"object": fact.RefName(o.Object), "other": fmt.Sprintf("%s:%d", other.File.Name, at.Start.Line),
			},
		}})
	}
	return out
}
