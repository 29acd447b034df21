package analyzer

import "slices"

// protocolIndex is the place of a protocol in portSet, -1 for none of them.
func protocolIndex(protocol string) int {
	names := protocols()
	return slices.Index(names[:], protocol)
}

// lastPort bounds the ports that a policy without ports speaks of.
const lastPort = 65535

// protocols are those that NetworkPolicy knows, in the order of portSet.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func protocols() [3]string { return [3]string{"TCP", "UDP", "SCTP"} }

// intervals are sorted, disjoint and not adjacent. They are shared: nobody
// writes to them after they were made.
type intervals []PortRange

func wholeRange() intervals { return intervals{{1, lastPort}} }

func (a intervals) whole() bool { return len(a) == 1 && a[0] == PortRange{1, lastPort} }

func (a intervals) union(b intervals) intervals {
	switch {
	case len(a) == 0 || b.whole():
		return b
	case len(b) == 0 || a.whole():
		return a
	}
	out := make(intervals, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		var next PortRange
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

func (a intervals) intersect(b intervals) intervals {
	switch {
	case a.whole():
		return b
	case b.whole():
		return a
	}
	var out intervals
	for len(a) > 0 && len(b) > 0 {
		first, last := max(a[0].First, b[0].First), min(a[0].Last, b[0].Last)
		if first <= last {
			out = append(out, PortRange{first, last})
		}
		if a[0].Last < b[0].Last {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

func (a intervals) minus(b intervals) intervals {
	if len(a) == 0 || len(b) == 0 {
		return a
	}
	var rest intervals
	next := 1
	for _, r := range b {
		if r.First > next {
			rest = append(rest, PortRange{next, r.First - 1})
		}
		next = r.Last + 1
	}
	if next <= lastPort {
		rest = append(rest, PortRange{next, lastPort})
	}
	return a.intersect(rest)
}

func (a intervals) contains(port int) bool {
	return slices.ContainsFunc(a, func(r PortRange) bool { return r.First <= port && port <= r.Last })
}

// portSet holds ports of each protocol.
type portSet [3]intervals

func wholePorts() portSet { return portSet{wholeRange(), wholeRange(), wholeRange()} }

func (s portSet) whole() bool { return s[0].whole() && s[1].whole() && s[2].whole() }

func (s portSet) empty() bool { return len(s[0])+len(s[1])+len(s[2]) == 0 }

func (s portSet) union(o portSet) portSet {
	return portSet{s[0].union(o[0]), s[1].union(o[1]), s[2].union(o[2])}
}

func (s portSet) intersect(o portSet) portSet {
	return portSet{s[0].intersect(o[0]), s[1].intersect(o[1]), s[2].intersect(o[2])}
}

func (s portSet) minus(o portSet) portSet {
	return portSet{s[0].minus(o[0]), s[1].minus(o[1]), s[2].minus(o[2])}
}

// permitted is an answer for every port at once: certainly yes, and perhaps.
// may includes yes; what is in neither is denied.
type permitted struct{ yes, may portSet }

func permitAll() permitted { return permitted{wholePorts(), wholePorts()} }

func (p permitted) and(q permitted) permitted {
	return permitted{p.yes.intersect(q.yes), p.may.intersect(q.may)}
}

func (p permitted) verdict(protocol, port int) Verdict {
	switch {
	case p.yes[protocol].contains(port):
		return Allowed
	case p.may[protocol].contains(port):
		return Unsure
	default:
		return Denied
	}
}
