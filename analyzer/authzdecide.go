package analyzer

import "go4.org/netipx"

// caller is who calls.
type caller struct {
	// mesh: the caller presents a certificate that mutual TLS verified. Without
	// one it has no principal, no namespace and no account.
	mesh               Tri
	namespace, account string         // with a certificate; "" is not known
	addresses          netipx.IPRange // it calls from; the zero range is not known
}

// httpRequest is one request, for questions about it alone.
type httpRequest struct {
	method, path, host string
	headers            map[string]string // by lower-case name
	token              string            // the verified token's `issuer/subject`, "" without one
}

// authzAnswer is what the policies in force say to a caller. When says which
// requests a conditional answer allows, open what an unknown one rests on.
type authzAnswer struct {
	verdict Verdict
	when    string
	open    string
	because []Reason
}

// Conditional is the verdict that only some HTTP requests are allowed.
const Conditional Verdict = "conditional"

// plane is what enforces, and what it can see of a request.
type plane int

const (
	envoyHTTP plane = iota
	envoyTCP
	ztunnel
)

// authzQuestion is one caller at one port of one workload.
type authzQuestion struct {
	policies *Policies
	client   caller
	port     int // 0: not known
	plane    plane
	request  *httpRequest // nil: whatever it asks for
}

// authorize answers whether the workload's policies allow a caller's requests
// to one of its TCP ports: all, none, some of them, or unknown.
func (s *Policies) authorize(w *Workload, port int, client caller) authzAnswer {
	return s.authorizeRequest(w, port, client, nil)
}

// authorizeRequest answers for one HTTP request.
func (s *Policies) authorizeRequest(w *Workload, port int, client caller, request *httpRequest) authzAnswer {
	q := authzQuestion{policies: s, client: client, port: port, request: request}
	sure, unsure := s.policiesOf(w)
	unread := s.authzUnread(w)
	member := s.mesh.member(w)
	attached := s.attached && s.mayAttach(w)
	switch {
	case member == "none" || s.notCaptured(w, port):
		return authzAnswer{verdict: Allowed} // no proxy in between
	case len(sure)+len(unsure) == 0 && !unread && !attached:
		return authzAnswer{verdict: Allowed} // nothing to enforce
	}
	var answer authzAnswer
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
	case attached || answer.verdict != Allowed && s.mayAttach(w) && member == "ambient":
		return answer.unsure("policies may be attached to a waypoint before the workload")
	case answer.verdict != Allowed && s.mesh.capture(w, port).state == "unknown":
		return answer.unsure("whether a proxy takes the port is not known")
	case answer.verdict != Allowed && member == "unknown":
		return answer.unsure("whether the workload is in the mesh is not known")
	}
	return answer
}

// notCaptured reports a port that no proxy takes, so that nothing is enforced.
func (s *Policies) notCaptured(w *Workload, port int) bool {
	state := s.mesh.capture(w, port).state
	return state != "captured" && state != "unknown"
}

func (a authzAnswer) unsure(open string) authzAnswer {
	a.verdict, a.when, a.open = Unsure, "", open
	return a
}

// mayAttach reports that a waypoint may stand before the workload, to which
// policies are attached that do not select the workload itself.
func (s *Policies) mayAttach(w *Workload) bool {
	m := s.mesh.member(w)
	return (m == "ambient" || m == "unknown") && !w.isWaypoint() && s.mesh.waypoint(w) != No
}

// planes lists what may enforce at the port: two where it may take HTTP for
// TCP.
func (s *Policies) planes(w *Workload, port int, request *httpRequest) []plane {
	switch is := s.httpTri(w, port); {
	case s.mesh.member(w) == "unknown":
		return []plane{envoyHTTP, envoyTCP, ztunnel}
	case s.mesh.member(w) == "ambient" && !w.isWaypoint():
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
func (s *Policies) merge(web, tcp authzAnswer, w *Workload, port int) authzAnswer {
	switch {
	case web.verdict == tcp.verdict && web.verdict != Conditional:
		return web
	case web.verdict == Unsure:
		return web
	case tcp.verdict == Unsure:
		return tcp
	case s.httpTri(w, port) != detected:
		return web.unsure("whether the port speaks HTTP is not known")
	}
	when := "HTTP only"
	if web.when != "" {
		when = "over HTTP: " + web.when
	}
	if web.verdict == Denied {
		when = "anything but HTTP"
	}
	return authzAnswer{verdict: Conditional, when: when, because: append(web.because, tcp.because...)}
}

// decide applies the order of evaluation: CUSTOM, then DENY, then ALLOW, of
// which one must match if there is any. AUDIT decides nothing.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/
func (q *authzQuestion) decide(sure, unsure []*authzPolicy, unread bool) authzAnswer {
	var t tally
	for _, p := range sure {
		q.count(&t, p, true)
	}
	for _, p := range unsure {
		q.count(&t, p, false)
	}
	return t.answer(unread)
}
