package fact

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Display names a namespace in messages and ids.
func Display(namespace string) string {
	if namespace == "" {
		return "_"
	}
	return namespace
}

// NamespaceName is how messages speak of a namespace.
func NamespaceName(namespace string) string {
	if namespace == "" {
		return "`_` (the objects name none)"
	}
	return "`" + namespace + "`"
}

func RefName(o *source.Object) string {
	if o.Namespace == "" {
		return fmt.Sprintf("%s `%s`", o.Kind, o.Name)
	}
	return fmt.Sprintf("%s `%s/%s`", o.Kind, o.Namespace, o.Name)
}

// SortedKeys never returns nil: an empty list is [] in the rules' input.
func SortedKeys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func JoinSorted(set map[string]bool) string { return strings.Join(SortedKeys(set), ", ") }

// RefPlain names an object as namespace/name in backticks.
func RefPlain(o *source.Object) string {
	if o.Namespace == "" {
		return "`" + o.Name + "`"
	}
	return "`" + o.Namespace + "/" + o.Name + "`"
}
