package connect

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
)

// Connection is one row of who may connect to whom by network policy: one
// source, one destination, one protocol. A pair without a row is denied.
type Connection struct {
	Src, Dst     Endpoint
	Protocol     string           // TCP, UDP or SCTP
	Ports        []fact.PortRange // sorted, disjoint, not adjacent
	Verdict      fact.Verdict     // of the network alone Allowed or Undetermined: what is denied has no row
	TLS          string           // with the mesh: what the client sends: mtls, plaintext, origination; "" is not known
	When         string           // with Conditional: which requests are allowed
	Because      []fact.Reason    // filled by Explain only
	Environments []string         // sorted roots of those that it holds in, where another set of both ends answers otherwise

	set *Layers
}

// Sets are the layers of every set of a tree, in its order.
type Sets []*Layers

// Endpoint is one side of a connection. Name is what users read and write:
// a workload's id, an address range `low-high`, or a class of pods that the
// tree does not hold, `any-namespace/any-pod`.
type Endpoint struct {
	Name     string
	Workload *inventory.Workload // nil for addresses and classes

	Party *netpol.Endpoint
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
func (m Sets) Connectivity(opts ConnectivityOptions) ([]Connection, error) {
	rows, err := m.connections(opts)
	if err != nil {
		return nil, err
	}
	out := slices.Collect(rows)
	if len(m) > 1 || m.namesakes() {
		slices.SortStableFunc(out, func(a, b Connection) int {
			return cmp.Or(a.Dst.compare(&b.Dst), a.Src.compare(&b.Src))
		})
		out = m.onceEach(out)
	}
	return out, nil
}

// namesakes reports that a set holds two workloads of one name, as a tree with
// alternatives in one directory does: to a reader they are one.
func (m Sets) namesakes() bool {
	seen := map[string]bool{}
	for _, s := range m {
		for _, w := range s.Inventory.Workloads {
			if seen[w.ID] {
				return true
			}
			seen[w.ID] = true
		}
	}
	return false
}

// onceEach unites rows that several sets have in common: variants of one tree
// agree on most. A reason is the same when it is read the same. Where they do
// not agree, each row names its sets.
func (m Sets) onceEach(rows []Connection) []Connection {
	in := map[string]map[string]bool{} // the environments of each row
	keys := make([]string, 0, len(rows))
	rows = slices.DeleteFunc(rows, func(c Connection) bool {
		key := fmt.Sprint(c.Src.Name, "\x00", c.Dst.Name, "\x00", c.Protocol, c.Ports, c.Verdict, c.TLS, c.When, "\x00", reasonKey(c.Because))
		drop := in[key] != nil
		if !drop {
			in[key] = map[string]bool{}
			keys = append(keys, key)
		}
		for _, name := range c.set.names() {
			in[key][name] = true
		}
		return drop
	})
	if len(m) == 1 {
		return rows
	}
	holders := m.holders()
	for i := range rows {
		c := &rows[i]
		if both := holders.both(c); len(in[keys[i]]) < both {
			c.Environments = slices.Sorted(maps.Keys(in[keys[i]]))
		}
	}
	return rows
}

// setsOf are the roots of the sets that hold a workload, by its id.
type setsOf map[string]map[string]bool

func (m Sets) holders() setsOf {
	out := setsOf{}
	for _, s := range m {
		for _, w := range s.Inventory.Workloads {
			if out[w.ID] == nil {
				out[w.ID] = map[string]bool{}
			}
			for _, name := range s.names() {
				out[w.ID][name] = true
			}
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
func sayOnce(reasons []fact.Reason) []fact.Reason {
	seen := map[string]bool{}
	return slices.DeleteFunc(reasons, func(r fact.Reason) bool {
		key := reasonKey([]fact.Reason{r})
		drop := seen[key]
		seen[key] = true
		return drop
	})
}

func reasonKey(reasons []fact.Reason) string {
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

// connections yields the same rows one at a time, set by set, for answers that
// are too large to keep.
func (m Sets) connections(opts ConnectivityOptions) (iter.Seq[Connection], error) {
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
		for _, s := range m {
			within := func(c Connection) bool {
				c.set = s
				return s.toldOnlyElsewhere(&c) || yield(c)
			}
			if !s.rows(&ask, within) {
				return
			}
		}
	}, nil
}

func (e *Endpoint) compare(o *Endpoint) int {
	if e.Party.Kind == netpol.AddressEndpoint && o.Party.Kind == netpol.AddressEndpoint {
		return e.Party.Addresses.From().Compare(o.Party.Addresses.From())
	}
	return cmp.Or(cmp.Compare(e.Party.Kind, o.Party.Kind), cmp.Compare(e.Name, o.Name))
}
