package yaml

// NodeKind says what a YAML or JSON value is, by the rules that Kubernetes
// reads YAML with: sigs.k8s.io/yaml, whose booleans are those of YAML 1.1
// (`on` and `yes` are true) and which leaves timestamps text.
type NodeKind uint8

// The kinds of a value.
const (
	Null NodeKind = iota
	Bool
	Int
	Float
	String
	Map
	List
)

// String names the kind as a person would in a message.
func (k NodeKind) String() string {
	return [...]string{"null", "boolean", "integer", "number", "string", "mapping", "list"}[k]
}

// Node is one value of a document. Aliases and merge keys are resolved: an
// alias is a node of its own at the place of use that shares the anchor's
// children, and merged fields follow the mapping's own. Nodes are read-only
// after loading and may be shared.
type Node struct {
	Kind   NodeKind
	Style  Style
	Text   string  // of a scalar: its content after YAML's unquoting and folding
	Pos    Pos     // first character of the value; of a block mapping its first key
	Fields []Field // of a Map, in source order
	Items  []*Node // of a List
	Notes  *Comments
}

// Style is how a scalar or collection was written.
type Style uint8

// The styles of a value.
const (
	Plain Style = iota
	SingleQuoted
	DoubleQuoted
	Block // a literal or folded block scalar
	Flow  // a collection in brackets or braces
)

// Field is one key and value of a Map. Merged marks a field that came in
// through a merge key (`<<`).
type Field struct {
	Key    *Node
	Value  *Node
	Merged bool
}

// Comments are the comments that the parser attached to a node, `#` included.
type Comments struct{ Head, Line, Foot string }

// Get returns the value of the last field of that key (of a duplicate key
// Kubernetes believes the last), nil if there is none or n is not a mapping. It
// may be called on nil.
func (n *Node) Get(key string) *Node {
	if f := n.Field(key); f != nil {
		return f.Value
	}
	return nil
}

// Field is Get with the key.
func (n *Node) Field(key string) *Field {
	if n == nil || n.Kind != Map {
		return nil
	}
	for i := len(n.Fields) - 1; i >= 0; i-- {
		if n.Fields[i].Key.Text == key && n.Fields[i].Key.Kind < Map {
			return &n.Fields[i]
		}
	}
	return nil
}

// List returns the items of a list, none for anything else. It may be called on nil.
func (n *Node) List() []*Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// Str returns the text of a string scalar and whether n is one.
func (n *Node) Str() (string, bool) {
	if n == nil || n.Kind != String {
		return "", false
	}
	return n.Text, true
}

// IsEmpty reports whether n is a null that is not written out.
func (n *Node) IsEmpty() bool { return n.Kind == Null && n.Text == "" && n.Style == Plain }

// ScalarText returns the text of a scalar of any kind, "" for anything else: an
// unquoted `name: 1234` is wrong, and is the object's name all the same. It may
// be called on nil.
func (n *Node) ScalarText() string {
	if n == nil || n.Kind >= Map || n.Kind == Null {
		return ""
	}
	return n.Text
}
