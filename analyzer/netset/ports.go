package netset

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// ProtocolIndex is the place of a protocol in portSet, -1 for none of them.
func ProtocolIndex(protocol string) int {
	names := Protocols()
	return slices.Index(names[:], protocol)
}

// LastPort bounds the ports that a policy without ports speaks of.
const LastPort = 65535

// Protocols are those that NetworkPolicy knows, in the order of portSet.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func Protocols() [3]string { return [3]string{"TCP", "UDP", "SCTP"} }

// Intervals are sorted, disjoint and not adjacent. They are shared: nobody
// writes to them after they were made.
type Intervals []fact.PortRange

func WholeRange() Intervals { return Intervals{{First: 1, Last: LastPort}} }

func (a Intervals) Whole() bool {
	return len(a) == 1 && a[0] == fact.PortRange{First: 1, Last: LastPort}
}

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

func (a Intervals) Contains(port int) bool {
	return slices.ContainsFunc(a, func(r fact.PortRange) bool { return r.First <= port && port <= r.Last })
}

// Ports holds ports of each protocol.
type Ports [3]Intervals

func WholePorts() Ports { return Ports{WholeRange(), WholeRange(), WholeRange()} }

func (s Ports) Whole() bool { return s[0].Whole() && s[1].Whole() && s[2].Whole() }

func (s Ports) Empty() bool { return len(s[0])+len(s[1])+len(s[2]) == 0 }

func (s Ports) Union(o Ports) Ports {
	return Ports{s[0].Union(o[0]), s[1].Union(o[1]), s[2].Union(o[2])}
}

func (s Ports) Intersect(o Ports) Ports {
	return Ports{s[0].Intersect(o[0]), s[1].Intersect(o[1]), s[2].Intersect(o[2])}
}

func (s Ports) Minus(o Ports) Ports {
	return Ports{s[0].Minus(o[0]), s[1].Minus(o[1]), s[2].Minus(o[2])}
}

// Permitted is an answer for every port at once: certainly yes, and perhaps.
// may includes yes; what is in neither is denied.
type Permitted struct{ Definite, Possible Ports }

func PermitAll() Permitted { return Permitted{WholePorts(), WholePorts()} }

func (p Permitted) Intersect(q Permitted) Permitted {
	return Permitted{p.Definite.Intersect(q.Definite), p.Possible.Intersect(q.Possible)}
}

func (p Permitted) Verdict(protocol, port int) fact.Verdict {
	switch {
	case p.Definite[protocol].Contains(port):
		return fact.Allowed
	case p.Possible[protocol].Contains(port):
		return fact.Undetermined
	default:
		return fact.Denied
	}
}

const (
	TCP = 0 // of protocols
	UDP = 1
)

func (p Permitted) Within(q Permitted) bool {
	return p.Definite.Minus(q.Definite).Empty() && p.Possible.Minus(q.Possible).Empty()
}

func (p Permitted) Allows(protocol, port int) fact.Tri {
	switch {
	case p.Definite[protocol].Contains(port):
		return fact.Yes
	case p.Possible[protocol].Contains(port):
		return fact.Unknown
	}
	return fact.No
}
