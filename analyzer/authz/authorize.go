package authz

import (
	"go4.org/netipx"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// Caller is the client of a connection as a server sees it.
type Caller struct {
	// Mesh says whether the caller presents a certificate that mutual TLS
	// verified. Without one it has no principal, namespace or account.
	Mesh               fact.Tri
	Namespace, Account string         // in the certificate; "" where they are not known
	Addresses          netipx.IPRange // that it calls from; the zero range where they are not known
}

// httpRequest is one request, for questions about it alone.
type httpRequest struct {
	method, path, host string
	headers            map[string]string // by lower-case name
	token              string            // the verified token's `issuer/subject`, "" without one
}

// Answer is what the policies in force decide about a caller.
type Answer struct {
	Verdict fact.Verdict
	When    string        // with a conditional verdict: the requests that are allowed
	Missing string        // with an unknown verdict: what is not known
	Because []fact.Reason // the policies and rules that decide
}

// plane is the proxy that enforces, and how much of a request it sees.
type plane int

const (
	envoyHTTP plane = iota
	envoyTCP
	ztunnel
)

// question is one caller at one port of one workload.
type question struct {
	policies *Policies
	client   Caller
	port     int // 0 where it is not known
	plane    plane
	request  *httpRequest // nil stands for any request
}

// Authorize answers whether the workload's policies allow a caller's requests
// to one of its TCP ports: all, none, some of them, or unknown.
func (ps *Policies) Authorize(w *inventory.Workload, port int, client Caller) Answer {
	return ps.authorizeRequest(w, port, client, nil)
}

// authorizeRequest answers for one HTTP request; nil stands for any request.
func (ps *Policies) authorizeRequest(w *inventory.Workload, port int, client Caller, request *httpRequest) Answer {
	q := question{policies: ps, client: client, port: port, request: request}
	definite, possible := ps.policiesOf(w)
	unread := ps.unread(w)
	member := ps.mesh.Member(w)
	attached := ps.attached && ps.possibleWaypoint(w)
	switch {
	case member == fact.NoMesh || !ps.mesh.Capture(w, port).Enforced():
		return Answer{Verdict: fact.Allowed} // no proxy in between
	case len(definite)+len(possible) == 0 && !unread && !attached:
		return Answer{Verdict: fact.Allowed} // nothing to enforce
	}
	var answer Answer
	for i, p := range ps.planes(w, port, request) {
		q.plane = p
		next := q.decide(definite, possible, unread)
		if i == 0 {
			answer = next
		} else {
			answer = ps.merge(answer, next, w, port)
		}
	}
	switch {
	case attached || answer.Verdict != fact.Allowed && ps.possibleWaypoint(w) && member == fact.Ambient:
		return answer.unknown("policies may be attached to a waypoint before the workload")
	case answer.Verdict != fact.Allowed && ps.mesh.Capture(w, port).State == fact.UnknownCapture:
		return answer.unknown("whether a proxy takes the port is not known")
	case answer.Verdict != fact.Allowed && member == fact.UnknownMember:
		return answer.unknown("whether the workload is in the mesh is not known")
	}
	return answer
}

// unknown is the answer where something that decides is not known.
func (a Answer) unknown(missing string) Answer {
	a.Verdict, a.When, a.Missing = fact.Undetermined, "", missing
	return a
}

// possibleWaypoint reports that a waypoint may stand before the workload, to which
// policies are attached that do not select the workload itself.
func (ps *Policies) possibleWaypoint(w *inventory.Workload) bool {
	m := ps.mesh.Member(w)
	return (m == fact.Ambient || m == fact.UnknownMember) && !w.IsWaypoint() && ps.mesh.Waypoint(w) != fact.No
}

// planes lists the proxies that may enforce at the port: two where traffic may
// be handled as HTTP or as TCP.
func (ps *Policies) planes(w *inventory.Workload, port int, request *httpRequest) []plane {
	switch is := ps.protocolOf(w, port); {
	case ps.mesh.Member(w) == fact.UnknownMember:
		return []plane{envoyHTTP, envoyTCP, ztunnel}
	case ps.mesh.Member(w) == fact.Ambient && !w.IsWaypoint():
		return []plane{ztunnel}
	case is == httpProtocol, is == detectedProtocol && request != nil:
		return []plane{envoyHTTP}
	case is == tcpProtocol:
		return []plane{envoyTCP}
	}
	return []plane{envoyHTTP, envoyTCP}
}

// merge combines the answers for HTTP and for any other protocol. Where Istio
// detects the protocol, both occur; where it is not known, one of them does.
func (ps *Policies) merge(web, tcp Answer, w *inventory.Workload, port int) Answer {
	switch {
	case web.Verdict == tcp.Verdict && web.Verdict != fact.Conditional:
		return web
	case web.Verdict == fact.Undetermined:
		return web
	case tcp.Verdict == fact.Undetermined:
		return tcp
	case ps.protocolOf(w, port) != detectedProtocol:
		return web.unknown("whether the port speaks HTTP is not known")
	}
	when := "HTTP only"
	if web.When != "" {
		when = "over HTTP: " + web.When
	}
	if web.Verdict == fact.Denied {
		when = "anything but HTTP"
	}
	return Answer{Verdict: fact.Conditional, When: when, Because: append(web.Because, tcp.Because...)}
}

// decide evaluates the policies in Istio's order: CUSTOM, then DENY, then ALLOW,
// of which one must match if there is any. AUDIT has no effect on the decision.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/
func (q *question) decide(definite, possible []*policy, unread bool) Answer {
	var t evaluation
	for _, p := range definite {
		q.add(&t, p, true)
	}
	for _, p := range possible {
		q.add(&t, p, false)
	}
	return t.answer(unread)
}
