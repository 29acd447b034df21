package analyzer

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Connection is one row of who may connect to whom by network policy: one
// source, one destination, one protocol. A pair without a row is denied.
type Connection struct {
	Src, Dst Endpoint
	Protocol string      // TCP, UDP or SCTP
	Ports    []PortRange // sorted, disjoint, not adjacent
	Verdict  Verdict     // of the network alone Allowed or Unsure: what is denied has no row
	TLS      string      // with the mesh: what the client sends: mtls, plaintext, origination; "" is not known
	When     string      // with Conditional: which requests are allowed
	Because  []Reason    // filled by Explain only
	Sets     []string    // sorted roots of those that it holds in, where another set of both ends answers otherwise

	set *setModel
}

// PortRange is inclusive on both ends.
type PortRange struct{ First, Last int }

// Verdict is the answer of one layer about a connection.
type Verdict string

// The verdicts of the network layer.
const (
	Allowed Verdict = "allowed"
	Denied  Verdict = "denied"
	Unsure  Verdict = "unknown" // manifests cannot tell
)

// Endpoint is one side of a connection. Name is what users read and write:
// a workload's id, an address range `low-high`, or a class of pods that the
// tree does not hold, `any-namespace/any-pod`.
type Endpoint struct {
	Name     string
	Workload *Workload // nil for addresses and classes

	party *party
}

// Reason is one object that decides a connection.
type Reason struct {
	Object *source.Object
	Path   yaml.Path
	Effect string // what it does, in words: "admits pods app=frontend on TCP 8000"
}

// ConnectivityOptions narrow the rows. Names are workload ids, bare names of
// workloads or Services (which mean the workloads behind them), or namespaces;
// empty is everything.
type ConnectivityOptions struct {
	From, To, Focus string
	Port            int // 0 is every port; a port of the Service that To names is the one behind it
	Exposure        bool
	Explain         bool
	Layer           string // NetworkLayer (or empty), MeshLayer or AllLayers
}

// Connectivity answers who may connect to whom, rows sorted by destination,
// source, protocol: workloads by id, then addresses, then classes. A name that
// nothing has is an error with the near names.
func (m *Model) Connectivity(opts ConnectivityOptions) ([]Connection, error) {
	rows, err := m.Connections(opts)
	if err != nil {
		return nil, err
	}
	out := slices.Collect(rows)
	if len(m.sets) > 1 || m.namesakes() {
		slices.SortStableFunc(out, func(a, b Connection) int {
			return cmp.Or(a.Dst.compare(&b.Dst), a.Src.compare(&b.Src))
		})
		out = m.onceEach(out)
	}
	return out, nil
}

// namesakes reports that a set holds two workloads of one name, as a tree with
// alternatives in one directory does: to a reader they are one.
func (m *Model) namesakes() bool {
	seen := make(map[string]bool, len(m.Workloads))
	for _, w := range m.Workloads {
		if seen[w.ID] {
			return true
		}
		seen[w.ID] = true
	}
	return false
}

// onceEach unites rows that several sets have in common: variants of one tree
// agree on most. A reason is the same when it is read the same. Where they do
// not agree, each row names its sets.
func (m *Model) onceEach(rows []Connection) []Connection {
	in := map[string]map[string]bool{} // the sets of each row
	keys := make([]string, 0, len(rows))
	rows = slices.DeleteFunc(rows, func(c Connection) bool {
		key := fmt.Sprint(c.Src.Name, "\x00", c.Dst.Name, "\x00", c.Protocol, c.Ports, c.Verdict, c.TLS, c.When, "\x00", reasonKey(c.Because))
		drop := in[key] != nil
		if !drop {
			in[key] = map[string]bool{}
			keys = append(keys, key)
		}
		in[key][c.set.set.Root] = true
		return drop
	})
	if len(m.sets) == 1 {
		return rows
	}
	holders := m.holders()
	for i := range rows {
		c := &rows[i]
		if both := holders.both(c); len(in[keys[i]]) < both {
			c.Sets = slices.Sorted(maps.Keys(in[keys[i]]))
		}
	}
	return rows
}

// setsOf are the roots of the sets that hold a workload, by its id.
type setsOf map[string]map[string]bool

func (m *Model) holders() setsOf {
	out := setsOf{}
	for _, s := range m.sets {
		for _, w := range s.workloads {
			if out[w.ID] == nil {
				out[w.ID] = map[string]bool{}
			}
			out[w.ID][s.set.Root] = true
		}
	}
	return out
}

// both counts the sets that hold both ends of a row. What is no workload is
// everywhere.
func (h setsOf) both(c *Connection) int {
	src, dst := h[c.Src.Name], h[c.Dst.Name]
	switch {
	case c.Src.Workload == nil:
		return len(dst)
	case c.Dst.Workload == nil:
		return len(src)
	}
	n := 0
	for root := range src {
		if dst[root] {
			n++
		}
	}
	return n
}

// sayOnce drops what several sets, or several pairs, say in the same words.
func sayOnce(reasons []Reason) []Reason {
	seen := map[string]bool{}
	return slices.DeleteFunc(reasons, func(r Reason) bool {
		key := reasonKey([]Reason{r})
		drop := seen[key]
		seen[key] = true
		return drop
	})
}

func reasonKey(reasons []Reason) string {
	var b strings.Builder
	for _, r := range reasons {
		if r.Object != nil {
			span, _ := r.Object.At(r.Path)
			fmt.Fprintf(&b, "%v %v ", r.Object.Ref, span.Start)
			if span.File != nil {
				b.WriteString(span.File.Name)
			}
		}
		fmt.Fprintf(&b, "%s\x00", r.Effect)
	}
	return b.String()
}

// Connections yields the same rows one at a time, set by set, for answers that
// are too large to keep.
func (m *Model) Connections(opts ConnectivityOptions) (iter.Seq[Connection], error) {
	var ask question
	var err error
	for _, c := range []struct {
		name string
		to   *func(*Endpoint) bool
	}{{opts.From, &ask.from}, {opts.To, &ask.to}, {opts.Focus, &ask.focus}} {
		if *c.to, err = m.called(c.name, opts.Exposure); err != nil {
			return nil, err
		}
	}
	if ask.ports, err = m.portsAsked(opts.To, opts.Port); err != nil {
		return nil, err
	}
	ask.ConnectivityOptions = opts
	return func(yield func(Connection) bool) {
		for _, s := range m.sets {
			within := func(c Connection) bool {
				c.set = s
				return yield(c)
			}
			if !s.network().rows(&ask, within) {
				return
			}
		}
	}, nil
}

func (e *Endpoint) compare(o *Endpoint) int {
	if e.party.kind == addressParty && o.party.kind == addressParty {
		return e.party.addresses.From().Compare(o.party.addresses.From())
	}
	return cmp.Or(cmp.Compare(e.party.kind, o.party.kind), cmp.Compare(e.Name, o.Name))
}
