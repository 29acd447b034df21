package yaml

import (
	"encoding/binary"
	"hash/fnv"
)

// Hash is equal for equal content, whatever the order of the fields, the
// positions and the comments. It is the same in every run, so that what it
// orders is, too.
func Hash(n *Node) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte{byte(n.Kind)})
	switch n.Kind {
	case Map:
		var sum uint64
		for _, f := range n.Fields {
			pair := fnv.New64a()
			_, _ = pair.Write([]byte(f.Key.Text))
			_, _ = pair.Write(binary.BigEndian.AppendUint64(nil, Hash(f.Value)))
			sum += pair.Sum64()
		}
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, sum))
	case List:
		for _, item := range n.Items {
			_, _ = h.Write(binary.BigEndian.AppendUint64(nil, Hash(item)))
		}
	case Null, Bool, Int, Float, String:
		_, _ = h.Write([]byte(n.Text))
	}
	return h.Sum64()
}
