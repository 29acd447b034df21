package yaml

import (
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// FromKyaml turns what kustomize made into nodes without a place.
func FromKyaml(y *yaml.Node) *Node { return fromKyaml(y, 0) }

func fromKyaml(y *yaml.Node, depth int) *Node {
	n := &Node{Style: style(y.Style)}
	if depth > MaxDepth {
		return n
	}
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) == 0 {
			return nil
		}
		return fromKyaml(y.Content[0], depth+1)
	case yaml.AliasNode:
		return fromKyaml(y.Alias, depth+1)
	case yaml.MappingNode:
		n.Kind = Map
		n.Fields = make([]Field, 0, len(y.Content)/2)
		for i := 0; i+1 < len(y.Content); i += 2 {
			n.Fields = append(n.Fields, Field{Key: fromKyaml(y.Content[i], depth+1), Value: fromKyaml(y.Content[i+1], depth+1)})
		}
	case yaml.SequenceNode:
		n.Kind = List
		for _, item := range y.Content {
			n.Items = append(n.Items, fromKyaml(item, depth+1))
		}
	default:
		n.Text = y.Value
		// A text that was set to look like a boolean stays a text: it is quoted when it is printed.
		n.Kind = scalarKind(y.ShortTag(), y.Value, DoubleQuoted)
	}
	return n
}
