package fact

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Display names a namespace in ids and rows; `_` stands for the namespace of
// objects that name none.
func Display(namespace string) string {
	if namespace == "" {
		return "_"
	}
	return namespace
}

// NamespaceName names a namespace in messages, in backticks.
func NamespaceName(namespace string) string {
	if namespace == "" {
		return "`_` (the objects name none)"
	}
	return "`" + namespace + "`"
}

// RefName names an object by kind, namespace and name: "Service `ai/web`".
func RefName(o *source.Object) string {
	if o.Namespace == "" {
		return fmt.Sprintf("%s `%s`", o.Kind, o.Name)
	}
	return fmt.Sprintf("%s `%s/%s`", o.Kind, o.Namespace, o.Name)
}

// SortedKeys returns the members of a set, sorted. It never returns nil: an empty
// list is [] in the rules' input.
func SortedKeys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// JoinSorted writes a set as a sorted list with commas.
func JoinSorted(set map[string]bool) string { return strings.Join(SortedKeys(set), ", ") }

// RefPlain names an object by namespace and name: "`ai/web`".
func RefPlain(o *source.Object) string {
	if o.Namespace == "" {
		return "`" + o.Name + "`"
	}
	return "`" + o.Namespace + "/" + o.Name + "`"
}
