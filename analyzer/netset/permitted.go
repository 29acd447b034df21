package netset

import "github.com/aisec-lint/aisec-lint/analyzer/fact"

// Permitted is an answer for every port at once. Definite ports are permitted
// for certain; Possible ports, among them all definite ones, may be; every other
// port is denied.
type Permitted struct{ Definite, Possible Ports }

// PermitAll returns the answer that permits every port.
func PermitAll() Permitted { return Permitted{WholePorts(), WholePorts()} }

// Intersect returns what both answers permit.
func (p Permitted) Intersect(q Permitted) Permitted {
	return Permitted{p.Definite.Intersect(q.Definite), p.Possible.Intersect(q.Possible)}
}

// Within reports that q permits, and may permit, all that p does.
func (p Permitted) Within(q Permitted) bool {
	return p.Definite.Minus(q.Definite).Empty() && p.Possible.Minus(q.Possible).Empty()
}

// Allows answers for one port of a protocol, which is an index of Protocols.
func (p Permitted) Allows(protocol, port int) fact.Tri {
	switch {
	case p.Definite[protocol].Contains(port):
		return fact.Yes
	case p.Possible[protocol].Contains(port):
		return fact.Unknown
	}
	return fact.No
}

// Verdict is Allows as the verdict about a connection.
func (p Permitted) Verdict(protocol, port int) fact.Verdict {
	switch p.Allows(protocol, port) {
	case fact.Yes:
		return fact.Allowed
	case fact.Unknown:
		return fact.Undetermined
	case fact.No:
	}
	return fact.Denied
}
