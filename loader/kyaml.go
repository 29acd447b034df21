package loader

import "sigs.k8s.io/kustomize/kyaml/yaml"

// fromParser turns what the library made into nodes without a place.
func fromParser(y *yaml.Node, depth int) *Node {
	n := &Node{Style: style(y.Style)}
	if depth > MaxDepth {
		return n
	}
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) == 0 {
			return nil
		}
		return fromParser(y.Content[0], depth+1)
	case yaml.AliasNode:
		return fromParser(y.Alias, depth+1)
	case yaml.MappingNode:
		n.Kind = Map
		n.Fields = make([]Field, 0, len(y.Content)/2)
		for i := 0; i+1 < len(y.Content); i += 2 {
			n.Fields = append(n.Fields, Field{Key: fromParser(y.Content[i], depth+1), Value: fromParser(y.Content[i+1], depth+1)})
		}
	case yaml.SequenceNode:
		n.Kind = List
		for _, item := range y.Content {
			n.Items = append(n.Items, fromParser(item, depth+1))
		}
	default:
		n.Text = y.Value
		// A text that was set to look like a boolean stays a text: it is quoted when it is printed.
		n.Kind = scalarKind(y.ShortTag(), y.Value, DoubleQuoted)
	}
	return n
}
