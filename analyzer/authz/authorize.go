package authz

import (
	"go4.org/netipx"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// Caller is who calls.
type Caller struct {
	// mesh: the caller presents a certificate that mutual TLS verified. Without
	// one it has no principal, no namespace and no account.
	Mesh               fact.Tri
	Namespace, Account string         // with a certificate; "" is not known
	Addresses          netipx.IPRange // it calls from; the zero range is not known
}

// httpRequest is one request, for questions about it alone.
type httpRequest struct {
	method, path, host string
	headers            map[string]string // by lower-case name
	token              string            // the verified token's `issuer/subject`, "" without one
}

// Answer is what the policies in force say to a caller. When says which
// requests a conditional answer allows, open what an unknown one rests on.
type Answer struct {
	Verdict fact.Verdict
	When    string
	open    string
	Because []fact.Reason
}

// plane is what enforces, and what it can see of a request.
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
	port     int // 0: not known
	plane    plane
	request  *httpRequest // nil: whatever it asks for
}

// Authorize answers whether the workload's policies allow a caller's requests
// to one of its TCP ports: all, none, some of them, or unknown.
func (s *Policies) Authorize(w *inventory.Workload, port int, client Caller) Answer {
	return s.authorizeRequest(w, port, client, nil)
}

// authorizeRequest answers for one HTTP request.
func (s *Policies) authorizeRequest(w *inventory.Workload, port int, client Caller, request *httpRequest) Answer {
	q := question{policies: s, client: client, port: port, request: request}
	sure, unsure := s.PoliciesOf(w)
	unread := s.unread(w)
	member := s.mesh.Member(w)
	attached := s.attached && s.mayAttach(w)
	switch {
	case member == fact.NoMesh || s.notCaptured(w, port):
		return Answer{Verdict: fact.Allowed} // no proxy in between
	case len(sure)+len(unsure) == 0 && !unread && !attached:
		return Answer{Verdict: fact.Allowed} // nothing to enforce
	}
	var answer Answer
	for i, p := range s.planes(w, port, request) {
		q.plane = p
		next := q.decide(sure, unsure, unread)
		if i == 0 {
			answer = next
		} else {
			answer = s.merge(answer, next, w, port)
		}
	}
	switch {
	case attached || answer.Verdict != fact.Allowed && s.mayAttach(w) && member == fact.Ambient:
		return answer.unsure("policies may be attached to a waypoint before the workload")
	case answer.Verdict != fact.Allowed && s.mesh.Capture(w, port).State == fact.UnknownCapture:
		return answer.unsure("whether a proxy takes the port is not known")
	case answer.Verdict != fact.Allowed && member == fact.UnknownMember:
		return answer.unsure("whether the workload is in the mesh is not known")
	}
	return answer
}

// notCaptured reports a port that no proxy takes, so that nothing is enforced.
func (s *Policies) notCaptured(w *inventory.Workload, port int) bool {
	state := s.mesh.Capture(w, port).State
	return state != fact.Captured && state != fact.UnknownCapture
}

func (a Answer) unsure(open string) Answer {
	a.Verdict, a.When, a.open = fact.Undetermined, "", open
	return a
}

// mayAttach reports that a waypoint may stand before the workload, to which
// policies are attached that do not select the workload itself.
func (s *Policies) mayAttach(w *inventory.Workload) bool {
	m := s.mesh.Member(w)
	return (m == fact.Ambient || m == fact.UnknownMember) && !w.IsWaypoint() && s.mesh.Waypoint(w) != fact.No
}

// planes lists what may enforce at the port: two where it may take HTTP for
// TCP.
func (s *Policies) planes(w *inventory.Workload, port int, request *httpRequest) []plane {
	switch is := s.httpTri(w, port); {
	case s.mesh.Member(w) == fact.UnknownMember:
		return []plane{envoyHTTP, envoyTCP, ztunnel}
	case s.mesh.Member(w) == fact.Ambient && !w.IsWaypoint():
		return []plane{ztunnel}
	case is == yesHTTP, is == detected && request != nil:
		return []plane{envoyHTTP}
	case is == noHTTP:
		return []plane{envoyTCP}
	}
	return []plane{envoyHTTP, envoyTCP}
}

// merge unites the answers for HTTP and for anything else. Where Istio detects
// the protocol both occur; where it is not known, one of them does.
func (s *Policies) merge(web, tcp Answer, w *inventory.Workload, port int) Answer {
	switch {
	case web.Verdict == tcp.Verdict && web.Verdict != fact.Conditional:
		return web
	case web.Verdict == fact.Undetermined:
		return web
	case tcp.Verdict == fact.Undetermined:
		return tcp
	case s.httpTri(w, port) != detected:
		return web.unsure("whether the port speaks HTTP is not known")
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

// decide applies the order of evaluation: CUSTOM, then DENY, then ALLOW, of
// which one must match if there is any. AUDIT decides nothing.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/
func (q *question) decide(sure, unsure []*Policy, unread bool) Answer {
	var t tally
	for _, p := range sure {
		q.count(&t, p, true)
	}
	for _, p := range unsure {
		q.count(&t, p, false)
	}
	return t.answer(unread)
}
