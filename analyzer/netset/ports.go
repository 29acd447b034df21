package netset

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// ProtocolIndex returns the index of a protocol in Protocols and in Ports, -1 for
// any other text.
func ProtocolIndex(protocol string) int {
	names := Protocols()
	return slices.Index(names[:], protocol)
}

// LastPort is the highest port number; a policy without ports is for 1 to
// LastPort.
const LastPort = 65535

// Protocols returns the protocols of NetworkPolicy, in the order of Ports.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func Protocols() [3]string { return [3]string{"TCP", "UDP", "SCTP"} }

// Indexes of protocols.
const (
	TCP = 0
	UDP = 1
)

// Intervals is a set of port numbers: ranges that are sorted, disjoint and not
// adjacent. It is not changed after it was made.
type Intervals []fact.PortRange

// WholeRange returns every port number.
func WholeRange() Intervals { return Intervals{{First: 1, Last: LastPort}} }

// Whole reports that the set holds every port number.
func (a Intervals) Whole() bool {
	return len(a) == 1 && a[0] == fact.PortRange{First: 1, Last: LastPort}
}

// Union returns the numbers of either set.
func (a Intervals) Union(b Intervals) Intervals {
	switch {
	case len(a) == 0 || b.Whole():
		return b
	case len(b) == 0 || a.Whole():
		return a
	}
	out := make(Intervals, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		var next fact.PortRange
		if len(b) == 0 || len(a) > 0 && a[0].First <= b[0].First {
			next, a = a[0], a[1:]
		} else {
			next, b = b[0], b[1:]
		}
		if n := len(out); n > 0 && next.First <= out[n-1].Last+1 {
			out[n-1].Last = max(out[n-1].Last, next.Last)
		} else {
			out = append(out, next)
		}
	}
	return out
}

// Intersect returns the numbers of both sets.
func (a Intervals) Intersect(b Intervals) Intervals {
	switch {
	case a.Whole():
		return b
	case b.Whole():
		return a
	}
	var out Intervals
	for len(a) > 0 && len(b) > 0 {
		first, last := max(a[0].First, b[0].First), min(a[0].Last, b[0].Last)
		if first <= last {
			out = append(out, fact.PortRange{First: first, Last: last})
		}
		if a[0].Last < b[0].Last {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// Minus returns the numbers of a that are not in b.
func (a Intervals) Minus(b Intervals) Intervals {
	if len(a) == 0 || len(b) == 0 {
		return a
	}
	var rest Intervals
	next := 1
	for _, r := range b {
		if r.First > next {
			rest = append(rest, fact.PortRange{First: next, Last: r.First - 1})
		}
		next = r.Last + 1
	}
	if next <= LastPort {
		rest = append(rest, fact.PortRange{First: next, Last: LastPort})
	}
	return a.Intersect(rest)
}

// Contains reports whether the set holds a port number.
func (a Intervals) Contains(port int) bool {
	return slices.ContainsFunc(a, func(r fact.PortRange) bool { return r.First <= port && port <= r.Last })
}

// Ports is a set of ports: the numbers of each protocol, in the order of
// Protocols.
type Ports [3]Intervals

// WholePorts returns every port of every protocol.
func WholePorts() Ports { return Ports{WholeRange(), WholeRange(), WholeRange()} }

// Whole reports that the set holds every port of every protocol.
func (s Ports) Whole() bool { return s[0].Whole() && s[1].Whole() && s[2].Whole() }

// Empty reports that the set holds no port.
func (s Ports) Empty() bool { return len(s[0])+len(s[1])+len(s[2]) == 0 }

// Union returns the ports of either set.
func (s Ports) Union(o Ports) Ports {
	return Ports{s[0].Union(o[0]), s[1].Union(o[1]), s[2].Union(o[2])}
}

// Intersect returns the ports of both sets.
func (s Ports) Intersect(o Ports) Ports {
	return Ports{s[0].Intersect(o[0]), s[1].Intersect(o[1]), s[2].Intersect(o[2])}
}

// Minus returns the ports of s that are not in o.
func (s Ports) Minus(o Ports) Ports {
	return Ports{s[0].Minus(o[0]), s[1].Minus(o[1]), s[2].Minus(o[2])}
}

// String writes ports as people do: `TCP 80, 8000-8001, UDP 53`.
func (s Ports) String() string {
	if s.Whole() {
		return "every port"
	}
	var parts []string
	for i, name := range Protocols() {
		if s[i].Whole() {
			parts = append(parts, "every "+name+" port")
			continue
		}
		for j, r := range s[i] {
			text := strconv.Itoa(r.First)
			if r.Last > r.First {
				text += "-" + strconv.Itoa(r.Last)
			}
			if j == 0 {
				text = name + " " + text
			}
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}
