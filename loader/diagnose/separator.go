package diagnose

import (
	"fmt"
	"strconv"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// MissingSeparator recognises two objects in one document: both of the keys
// that name a type occur twice.
func MissingSeparator(root *yaml.Node, duplicates []yaml.Duplicate) *Fault {
	var apiVersion, kind *yaml.Duplicate
	for i := range duplicates {
		d := &duplicates[i]
		if len(d.Path) != 1 {
			continue
		}
		switch {
		case d.Path[0] == "apiVersion" && apiVersion == nil:
			apiVersion = d
		case d.Path[0] == "kind" && kind == nil:
			kind = d
		}
	}
	if apiVersion == nil || kind == nil {
		return nil
	}
	return separatorFault(kindsOf(root), apiVersion, kind)
}

// kindsOf returns the value of every `kind` of a mapping.
func kindsOf(root *yaml.Node) []string {
	var kinds []string
	for _, f := range root.Fields {
		if f.Key.Text == "kind" {
			kinds = append(kinds, f.Value.ScalarText())
		}
	}
	return kinds
}

func separatorFault(kinds []string, apiVersion, kind *yaml.Duplicate) *Fault {
	first, second := kind.First, kind.Second
	start := apiVersion.Second
	if second.Before(start) {
		start = second
	}
	count := "two"
	if len(kinds) > 2 {
		count = strconv.Itoa(len(kinds))
	}
	return &Fault{
		Cause: CauseMissingSeparator, Pos: start, Kinds: kinds,
		Message: fmt.Sprintf("%s objects in one document: a %s (`kind` in line %d) and a %s (`kind` in line %d) without a `---` between them",
			count, Printable(kinds[0]), first.Line, Printable(kinds[1]), second.Line),
		Help:    fmt.Sprintf("put a line with `---` before line %d; of this document nothing was evaluated", start.Line),
		Related: []place{{"the first object's kind", first}},
	}
}
