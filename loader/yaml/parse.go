package yaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Findings are what parse noticed beside the tree.
type Findings struct {
	Duplicates []Duplicate
	ComplexKey Pos // the first mapping key that is itself a collection
}

// Parse reads the one document of data, whose first byte stands at a place in
// the file. A document without content is nil. It is the only function that
// knows the YAML parser.
func Parse(data []byte, at Pos) (*Node, Findings, *Error) {
	var found Findings
	if f := tooManyNodes(data, at); f != nil {
		return nil, found, f
	}
	doc, err := decode(bytes.NewReader(jsonForYAML(data)))
	if err != nil {
		return nil, found, &Error{BadSyntax, at, err.Error()}
	}
	if doc == nil || len(doc.Content) == 0 {
		return nil, found, nil
	}
	c := converter{data: data, offsets: newOffsets(data, at), arena: newArena(len(data))}
	root := c.node(doc.Content[0])
	if c.err != nil {
		return nil, found, c.err
	}
	addDocumentComments(root, doc)
	return root, c.found, nil
}

// decode runs the parser. The second call finds text that follows the document
// without a marker; a panic of the parser is its finding like any other.
func decode(r io.Reader) (doc *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = nil, fmt.Errorf("the parser gave up: %v", p)
		}
	}()
	decoder := yaml.NewDecoder(r)
	doc = new(yaml.Node)
	if err := decoder.Decode(doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil //nolint:nilnil // an empty document has no node
		}
		return nil, err
	}
	var second yaml.Node
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, errors.New("did not find expected <document start>")
	}
	return doc, nil
}

// Check is decode for diagnosis: the text of its error, "" for none.
func Check(r io.Reader) string {
	if _, err := decode(r); err != nil {
		return err.Error()
	}
	return ""
}

func addDocumentComments(root *Node, doc *yaml.Node) {
	if doc.HeadComment == "" && doc.FootComment == "" {
		return
	}
	notes := Comments{Head: doc.HeadComment, Foot: doc.FootComment}
	if own := root.Notes; own != nil {
		notes = Comments{joinComments(notes.Head, own.Head), own.Line, joinComments(own.Foot, notes.Foot)}
	}
	root.Notes = &notes
}

func joinComments(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}

const (
	// MaxDepth is how many levels deep values may be nested.
	MaxDepth = 1000
	// MaxExpanded is how many values a small document may have with every alias
	// followed. An alias costs nothing to parse and everything to walk: a document may
	// grow tenfold by its aliases, and small ones as they like.
	MaxExpanded = 100_000
	maxGrowth   = 10
)

// anchored is a converted node that aliases may refer to.
type anchored struct {
	node *Node // nil while its own content is being converted
	size int   // nodes with every alias followed
}

// converter turns the parser's nodes into ours.
type converter struct {
	data    []byte
	offsets offsets
	arena   arena
	anchors map[*yaml.Node]anchored
	path    []pathStep
	seen    map[string]int // scratch of duplicates
	found   Findings
	err     *Error

	depth    int
	count    int // nodes
	expanded int // nodes with every alias followed
	lines    []int
}

func (c *converter) node(y *yaml.Node) *Node {
	n := c.arena.node()
	if c.err != nil {
		return n
	}
	if c.depth++; c.depth > MaxDepth {
		c.err = &Error{Reason: TooDeep, Pos: c.offsets.pos(y.Line, y.Column)}
		return n
	}
	c.count++
	c.expanded++
	switch {
	case y.Kind == yaml.AliasNode:
		c.alias(n, y)
	case y.Anchor != "":
		c.anchor(n, y)
	default:
		c.fill(n, y)
	}
	if y.HeadComment != "" || y.LineComment != "" || y.FootComment != "" {
		n.Notes = &Comments{y.HeadComment, y.LineComment, y.FootComment}
	}
	c.depth--
	return n
}

func (c *converter) fill(n *Node, y *yaml.Node) {
	n.Pos = c.offsets.pos(y.Line, y.Column)
	if (y.Anchor != "" || y.Style&yaml.TaggedStyle != 0) && (y.Value != "" || y.Kind != yaml.ScalarNode) {
		n.Pos = c.skipProperties(y.Line, y.Column)
	}
	n.Style = style(y.Style)
	switch y.Kind {
	case yaml.MappingNode:
		n.Kind = Map
		c.mapping(n, y)
	case yaml.SequenceNode:
		n.Kind = List
		n.Items = c.arena.newItems(len(y.Content))
		for i, item := range y.Content {
			c.path = append(c.path, pathStep{index: i})
			n.Items[i] = c.node(item)
			c.path = c.path[:len(c.path)-1]
		}
	default:
		n.Text = y.Value
		n.Kind = scalarKind(y.Tag, y.Value, n.Style)
	}
}

func style(s yaml.Style) Style {
	switch {
	case s&yaml.DoubleQuotedStyle != 0:
		return DoubleQuoted
	case s&yaml.SingleQuotedStyle != 0:
		return SingleQuoted
	case s&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return Block
	case s&yaml.FlowStyle != 0:
		return Flow
	}
	return Plain
}

func (c *converter) anchor(n *Node, y *yaml.Node) {
	if c.anchors == nil {
		c.anchors = make(map[*yaml.Node]anchored)
	}
	c.anchors[y] = anchored{}
	before := c.expanded
	c.fill(n, y)
	c.anchors[y] = anchored{n, c.expanded - before}
}

// alias makes n a copy of its target that shares the target's children.
func (c *converter) alias(n *Node, y *yaml.Node) {
	at := c.offsets.pos(y.Line, y.Column)
	target := c.anchors[y.Alias]
	if target.node == nil {
		c.err = &Error{SelfAlias, at, y.Value}
		return
	}
	*n = *target.node
	n.Pos, n.Notes = at, nil
	c.grow(target.size, at)
}

// grow accounts for nodes that exist once and count again.
func (c *converter) grow(by int, at Pos) {
	if c.expanded += by; c.expanded > MaxExpanded+maxGrowth*c.count {
		c.err = &Error{Reason: AliasBomb, Pos: at}
	}
}

func (c *converter) mapping(n *Node, y *yaml.Node) {
	n.Fields = c.arena.newFields(len(y.Content) / 2)[:0]
	var merges []Field
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := c.node(y.Content[i])
		if key.Kind >= Map && c.found.ComplexKey == (Pos{}) {
			c.found.ComplexKey = key.Pos
		}
		c.path = append(c.path, pathStep{key: key.Text, index: -1})
		value := c.node(y.Content[i+1])
		c.path = c.path[:len(c.path)-1]
		if y.Content[i].Tag == mergeTag {
			merges = append(merges, Field{Key: key, Value: value})
			continue
		}
		n.Fields = append(n.Fields, Field{Key: key, Value: value})
	}
	if len(n.Fields) > 0 && n.Style != Flow {
		n.Pos = n.Fields[0].Key.Pos
	}
	c.duplicates(n.Fields)
	if merges != nil {
		c.merge(n, merges)
	}
}
