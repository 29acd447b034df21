package decode

import (
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// TextAt returns the string at a key, and absent where the key is missing or
// null.
func TextAt(n *yaml.Node, key, absent string) string {
	v := n.Get(key)
	if v == nil || v.Kind == yaml.Null {
		return absent
	}
	return v.Text
}

// TextMap returns the entries of a mapping whose values are strings. It never
// returns nil.
func TextMap(n *yaml.Node) map[string]string {
	out := map[string]string{}
	if n != nil {
		for i := range n.Fields {
			if v, ok := n.Fields[i].Value.Str(); ok {
				out[n.Fields[i].Key.Text] = v
			}
		}
	}
	return out
}

// FirstText returns the first string that is not empty, empty if there is none.
func FirstText(nodes ...*yaml.Node) string {
	for _, n := range nodes {
		if text, ok := n.Str(); ok && text != "" {
			return text
		}
	}
	return ""
}

// NodeInt reads an integer of 32 bits; false is anything else.
func NodeInt(n *yaml.Node) (int, bool) {
	if n == nil || n.Kind != yaml.Int {
		return 0, false
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(n.Text, "_", ""), 0, 32)
	return int(i), err == nil
}

// BoolOr reads a boolean, and returns missing for an absent or null one. Any
// other value is unknown: another tool is to fill it in.
func BoolOr(n *yaml.Node, missing fact.Tri) fact.Tri {
	switch {
	case n == nil || n.Kind == yaml.Null:
		return missing
	case n.Kind != yaml.Bool:
		return fact.Unknown
	case ParseBool(n.Text):
		return fact.Yes
	default:
		return fact.No
	}
}

// IsSet reports a value that is there: neither null nor an empty list.
func IsSet(n *yaml.Node) bool {
	return n != nil && n.Kind != yaml.Null && (n.Kind != yaml.List || len(n.Items) > 0)
}

// MayBeTrue reports a value that is true or a placeholder, which may become true.
func MayBeTrue(n *yaml.Node) bool {
	return IsSet(n) && (n.Kind != yaml.Bool || ParseBool(n.Text))
}

// LabelSelectorAt reads a LabelSelector; false if it is not one.
func LabelSelectorAt(n *yaml.Node) (*metav1.LabelSelector, bool) {
	var out metav1.LabelSelector
	ok := NewDecoder().Into(n, &out)
	return &out, ok && n.Kind == yaml.Map
}

// EqualNodes compares the content of two nodes, not their layout.
func EqualNodes(a, b *yaml.Node) bool {
	return string(AppendJSON(nil, a)) == string(AppendJSON(nil, b))
}

// Deref returns the value that a pointer of an API type points to, and the zero
// value for nil.
func Deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// OrTCP returns a protocol, and TCP for one that is left out.
func OrTCP[T ~string](protocol T) string {
	if protocol == "" {
		return "TCP"
	}
	return string(protocol)
}
