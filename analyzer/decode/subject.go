package decode

import (
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// NamedSubject returns the subject of an object, whose place is its name. role is
// the placeholder of messages for that name: "policy", "service".
func NamedSubject(kind, role string, facts any, o *Decoded) fact.Subject {
	return fact.Subject{Type: kind, Facts: facts, Evidence: fact.Evidence{
		From:  fact.Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}},
		Names: map[string]string{role: fact.RefPlain(o.Object), "namespace": fact.NamespaceName(o.Namespace)},
	}}
}
