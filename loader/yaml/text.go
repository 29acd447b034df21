package yaml

// ParseText reads YAML that a field of an object holds as text, such as the
// mesh configuration in Istio's ConfigMap. Places are within the text. The
// result is nil for text without content and for text that does not parse.
func ParseText(text string) *Node {
	root, _, f := Parse([]byte(text), Pos{Line: 1, Col: 1})
	if f != nil {
		return nil
	}
	return root
}

// FirstDocument parses a kustomization file once more for what it refers to.
func FirstDocument(data []byte) *Node {
	for _, p := range Split(data) {
		if root, _, f := Parse(p.Data, p.At); f == nil && root != nil {
			return root
		}
	}
	return nil
}
