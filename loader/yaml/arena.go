package yaml

// arena hands out the nodes of one document from a few large allocations: the
// tree is kept for the whole run, so single nodes need never be freed.
type arena struct {
	nodes  []Node
	fields []Field
	items  []*Node
	chunk  int
}

// newArena guesses the number of nodes from the size of the text.
func newArena(size int) arena {
	return arena{chunk: min(max(size/20, 8), 1024)}
}

func (a *arena) node() *Node {
	if len(a.nodes) == 0 {
		a.nodes = make([]Node, a.chunk)
	}
	n := &a.nodes[0]
	a.nodes = a.nodes[1:]
	return n
}

func (a *arena) newFields(n int) []Field {
	if n > len(a.fields) {
		a.fields = make([]Field, max(n, a.chunk/2))
	}
	out := a.fields[:n:n]
	a.fields = a.fields[n:]
	return out
}

func (a *arena) newItems(n int) []*Node {
	if n > len(a.items) {
		a.items = make([]*Node, max(n, a.chunk/8))
	}
	out := a.items[:n:n]
	a.items = a.items[n:]
	return out
}
