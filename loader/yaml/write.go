package yaml

import (
	"bytes"
	"encoding/json"
)

// AppendFlow writes a node as one line of YAML that is JSON wherever JSON can
// say it: without anchors, merge keys, comments and duplicate keys, so that
// another parser can make nothing else of it than ours did.
func AppendFlow(dst []byte, n *Node) []byte {
	switch n.Kind {
	case Map:
		return appendFlowMap(dst, n)
	case List:
		dst = append(dst, '[')
		for i, item := range n.Items {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = AppendFlow(dst, item)
		}
		return append(dst, ']')
	case Null:
		return append(dst, "null"...)
	case Bool:
		return append(dst, BoolText(n.Text)...)
	case Int, Float:
		return append(dst, n.Text...)
	case String:
		return appendQuoted(dst, n.Text)
	}
	return dst
}

func appendFlowMap(dst []byte, n *Node) []byte {
	last := make(map[string]int, len(n.Fields)) // of a duplicate key the last counts
	for i := range n.Fields {
		last[n.Fields[i].Key.Text] = i
	}
	dst = append(dst, '{')
	first := true
	for i := range n.Fields {
		f := &n.Fields[i]
		if last[f.Key.Text] != i {
			continue
		}
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = appendQuoted(dst, f.Key.Text)
		dst = append(dst, ": "...)
		if !f.Value.IsEmpty() { // which kustomize's merges drop, unlike `null`
			dst = AppendFlow(dst, f.Value)
		}
	}
	return append(dst, '}')
}

// BoolText writes the booleans of YAML 1.1 as those of every YAML.
func BoolText(text string) string {
	switch text {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE":
		return "true"
	}
	return "false"
}

func appendQuoted(dst []byte, text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always can be
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte{'\n'})...)
}

// NewText returns a string that stands nowhere.
func NewText(text string) *Node { return &Node{Kind: String, Style: DoubleQuoted, Text: text} }

// NewList returns a list that stands nowhere.
func NewList(items []*Node) *Node { return &Node{Kind: List, Items: items} }

// With returns a copy of a mapping with one key set, or without it if the
// value is nil. Anything else becomes a mapping.
func (n *Node) With(key string, value *Node) *Node {
	out := &Node{Kind: Map}
	if n != nil {
		out.Pos = n.Pos
	}
	for _, f := range n.Entries() {
		if f.Key.Text != key {
			out.Fields = append(out.Fields, f)
		} else if value != nil {
			out.Fields = append(out.Fields, Field{Key: f.Key, Value: value})
			value = nil
		}
	}
	if value != nil {
		out.Fields = append(out.Fields, Field{Key: NewText(key), Value: value})
	}
	return out
}

// Entries returns the fields of a mapping, none for anything else. It may be
// called on nil.
func (n *Node) Entries() []Field {
	if n == nil || n.Kind != Map {
		return nil
	}
	return n.Fields
}
