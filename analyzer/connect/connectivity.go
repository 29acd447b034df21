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

// Connection is one row of the answer: one source, one destination, one protocol
// and one verdict. A pair without a row is denied.
type Connection struct {
	Src, Dst Endpoint
	Protocol string           // TCP, UDP or SCTP
	Ports    []fact.PortRange // sorted, disjoint, not adjacent
	Verdict  fact.Verdict     // of the network alone Allowed or Unsure: what is denied has no row
	TLS      string           // with the mesh: what reaches the server: mtls, plaintext, origination; "" where it is not known
	When     string           // with a conditional verdict: the requests that are allowed
	Because  []fact.Reason    // filled by Explain only
	// Environments are sorted, see environments: those with this row, where another
	// environment that has both ends lacks it.
	Environments []string

	set *Layers
}

// Sets are the layers of every set of a tree, in the order of the tree.
type Sets []*Layers

// Endpoint is one side of a connection. Name is what users read and write:
// a workload's id, an address range `low-high`, or a class of pods that the
// tree does not hold, `any-namespace/any-pod`.
type Endpoint struct {
	Name     string
	Workload *inventory.Workload // nil for addresses and classes

	Peer *netpol.Endpoint // as network policies see it
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

// Connectivity lists the connections that are allowed, or may be, sorted by
// destination, source and protocol: workloads by id, then addresses, then
// classes. A name that nothing has is an error that suggests similar names.
func (s Sets) Connectivity(opts ConnectivityOptions) ([]Connection, error) {
	rows, err := s.connections(opts)
	if err != nil {
		return nil, err
	}
	out := slices.Collect(rows)
	if len(s) > 1 || s.sameNames() {
		slices.SortStableFunc(out, func(a, b Connection) int {
			return cmp.Or(a.Dst.compare(&b.Dst), a.Src.compare(&b.Src))
		})
		out = s.distinctRows(out)
	}
	return out, nil
}

// sameNames reports that a set has two workloads with one id, as a tree with
// alternatives in one directory does: a reader cannot tell them apart.
func (s Sets) sameNames() bool {
	seen := map[string]bool{}
	for _, l := range s {
		for _, w := range l.Inventory.Workloads {
			if seen[w.ID] {
				return true
			}
			seen[w.ID] = true
		}
	}
	return false
}

// distinctRows merges the rows that several sets have in common, as variants of
// one tree do. Reasons are equal when they read the same. Where the sets differ,
// each row names its own.
func (s Sets) distinctRows(rows []Connection) []Connection {
	in := map[string]map[string]bool{} // the environments of each row
	keys := make([]string, 0, len(rows))
	rows = slices.DeleteFunc(rows, func(c Connection) bool {
		key := fmt.Sprint(c.Src.Name, "\x00", c.Dst.Name, "\x00", c.Protocol, c.Ports, c.Verdict, c.TLS, c.When, "\x00", reasonKey(c.Because))
		drop := in[key] != nil
		if !drop {
			in[key] = map[string]bool{}
			keys = append(keys, key)
		}
		for _, name := range c.set.environments() {
			in[key][name] = true
		}
		return drop
	})
	if len(s) == 1 {
		return rows
	}
	holders := s.rootsByWorkload()
	for i := range rows {
		c := &rows[i]
		if both := holders.countBoth(c); len(in[keys[i]]) < both {
			c.Environments = slices.Sorted(maps.Keys(in[keys[i]]))
		}
	}
	return rows
}

// environments name what tells the answers of a set from those of others: its
// environments, or the directory of a set without any.
func (l *Layers) environments() []string {
	if scope := l.Inventory.Scope; scope.Root == "" {
		return scope.Environments
	}
	return []string{l.Inventory.Scope.Root}
}

// setRoots are the roots of the sets that hold a workload, by its id.
type setRoots map[string]map[string]bool

func (s Sets) rootsByWorkload() setRoots {
	out := setRoots{}
	for _, l := range s {
		for _, w := range l.Inventory.Workloads {
			if out[w.ID] == nil {
				out[w.ID] = map[string]bool{}
			}
			for _, name := range l.environments() {
				out[w.ID][name] = true
			}
		}
	}
	return out
}

// countBoth counts the sets that hold both ends of a row. Ends that are not
// workloads are in every set.
func (h setRoots) countBoth(c *Connection) int {
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

// DistinctByText drops the reasons that read the same, as those of several sets
// or pairs do.
func DistinctByText(reasons []fact.Reason) []fact.Reason {
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
func (s Sets) connections(opts ConnectivityOptions) (iter.Seq[Connection], error) {
	var ask question
	var err error
	for _, c := range []struct {
		name string
		to   *func(*Endpoint) bool
	}{{opts.From, &ask.from}, {opts.To, &ask.to}, {opts.Focus, &ask.focus}} {
		if *c.to, err = s.endpointsNamed(c.name, opts.Exposure); err != nil {
			return nil, err
		}
	}
	if ask.ports, err = s.portsMeant(opts.To, opts.Port); err != nil {
		return nil, err
	}
	ask.ConnectivityOptions = opts
	return func(yield func(Connection) bool) {
		for _, l := range s {
			within := func(c Connection) bool {
				c.set = l
				return l.toldOnlyElsewhere(&c) || yield(c)
			}
			if !l.rows(&ask, within) {
				return
			}
		}
	}, nil
}

func (e *Endpoint) compare(o *Endpoint) int {
	if e.Peer.Kind == netpol.AddressEndpoint && o.Peer.Kind == netpol.AddressEndpoint {
		return e.Peer.Addresses.From().Compare(o.Peer.Addresses.From())
	}
	return cmp.Or(cmp.Compare(e.Peer.Kind, o.Peer.Kind), cmp.Compare(e.Name, o.Name))
}
