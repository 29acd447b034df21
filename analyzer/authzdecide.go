package analyzer

import (
	"slices"

	"go4.org/netipx"
)

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
// requests a conditional answer allows.
type authzAnswer struct {
	verdict Verdict
	when    string
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
	set     *setModel
	client  caller
	port    int // 0: not known
	plane   plane
	request *httpRequest // nil: whatever it asks for
}

// authorize answers whether the workload's policies allow a caller's requests
// to one of its TCP ports: all, none, some of them, or unknown.
func (s *setModel) authorize(w *Workload, port int, client caller) authzAnswer {
	return s.authorizeRequest(w, port, client, nil)
}

// authorizeRequest answers for one HTTP request.
func (s *setModel) authorizeRequest(w *Workload, port int, client caller, request *httpRequest) authzAnswer {
	q := authzQuestion{set: s, client: client, port: port, request: request}
	sure, unsure := s.policiesOf(w)
	unread := s.authzUnread(w)
	member := w.Facts.Mesh.Member
	attached := s.authz.attached && s.mayAttach(w)
	switch {
	case member == "none" || s.notCaptured(w, port) || member == "sidecar" && ofTheProxy(port):
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
	if attached || answer.verdict != Allowed && (member == "unknown" || s.mayAttach(w) || s.capture(w, port).state == "unknown") {
		answer.verdict, answer.when = Unsure, "" // no proxy may be there to enforce, or a waypoint decides
	}
	return answer
}

// notCaptured reports a port that no proxy takes, so that nothing is enforced.
func (s *setModel) notCaptured(w *Workload, port int) bool {
	state := s.capture(w, port).state
	return state != "captured" && state != "unknown"
}

// mayAttach reports that a waypoint may stand before the workload, to which
// policies are attached that do not select the workload itself.
func (s *setModel) mayAttach(w *Workload) bool {
	m := w.Facts.Mesh.Member
	return (m == "ambient" || m == "unknown") && !w.isWaypoint() && s.waypoint(w) != No
}

// ofTheProxy reports the sidecar's own ports, which are never captured.
// https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
func ofTheProxy(port int) bool {
	return port == 15008 || port == 15020 || port == 15021 || port == 15090
}

// planes lists what may enforce at the port: two where it may take HTTP for
// TCP.
func (s *setModel) planes(w *Workload, port int, request *httpRequest) []plane {
	switch is := s.httpTri(w, port); {
	case w.Facts.Mesh.Member == "unknown":
		return []plane{envoyHTTP, envoyTCP, ztunnel}
	case w.Facts.Mesh.Member == "ambient" && !w.isWaypoint():
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
func (s *setModel) merge(web, tcp authzAnswer, w *Workload, port int) authzAnswer {
	switch {
	case web.verdict == tcp.verdict && web.verdict != Conditional:
		return web
	case web.verdict == Unsure || tcp.verdict == Unsure || s.httpTri(w, port) != detected:
		web.verdict, web.when = Unsure, ""
		return web
	}
	when := "HTTP only"
	if web.when != "" {
		when = "over HTTP: " + web.when
	}
	if web.verdict == Denied {
		when = "anything but HTTP"
	}
	return authzAnswer{Conditional, when, append(web.because, tcp.because...)}
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

// tally collects what the policies say.
type tally struct {
	custom, deny, allow extent
	allows              bool      // an ALLOW policy is in force: what none matches is denied
	mayAllow            bool      // one may be
	providers           []string  // of CUSTOM policies that match
	matched             []matched // rules that are not out of the question
	defaults            []*authzPolicy
}

type matched struct {
	rule *authzRule
	how  extent
	text string // which requests, if only some
}

func (q *authzQuestion) count(t *tally, p *authzPolicy, sure bool) {
	if p.dryRun {
		// Not even an ALLOW policy denies by default then: it makes shadow rules only.
		// istio/istio pilot/pkg/security/authz/builder/builder.go (build).
		return
	}
	result := never
	for _, r := range p.rules {
		how := q.match(r)
		if !sure && how != never {
			how = unclear
		}
		if how != never {
			m := matched{rule: r, how: how}
			if how == sometimes {
				m.text = q.text(r)
			}
			t.matched = append(t.matched, m)
		}
		result = result.or(how)
	}
	switch p.action() {
	case "ALLOW":
		t.allow = t.allow.or(result)
		t.allows = t.allows || sure
		t.mayAllow = t.mayAllow || !sure
		t.defaults = append(t.defaults, p)
	case "DENY":
		t.deny = t.deny.or(result)
	case "CUSTOM":
		q.custom(t, p, result)
	}
}

// custom: the provider decides about what matches. For anything but HTTP that
// rests on the kind of provider, which the mesh configuration says; ztunnel
// ignores the action; of two providers Istio takes neither and denies, unless
// a feature flag is set.
func (q *authzQuestion) custom(t *tally, p *authzPolicy, result extent) {
	if result == never || q.plane == ztunnel {
		return
	}
	if name := p.spec.GetProvider().GetName(); !slices.Contains(t.providers, name) {
		t.providers = append(t.providers, name)
	}
	if q.plane == envoyTCP || len(t.providers) > 1 || result == unclear {
		t.custom = unclear
	} else if t.custom != unclear {
		t.custom = sometimes
	}
}

func (t *tally) answer(unread bool) authzAnswer {
	allow := t.allow
	switch {
	case !t.allows && !t.mayAllow:
		allow = always
	case !t.allows && allow != always:
		allow = unclear // nobody knows whether anything is denied by default
	}
	verdict := Conditional
	switch {
	case t.deny == always:
		verdict = Denied
	case unread:
		verdict = Unsure
	case allow == never:
		verdict = Denied
	case t.deny == unclear || allow == unclear || t.custom == unclear:
		verdict = Unsure
	case t.deny == never && allow == always && t.custom == never:
		verdict = Allowed
	}
	answer := authzAnswer{verdict: verdict, because: t.reasons(verdict)}
	if verdict == Conditional {
		answer.when = t.when()
	}
	return answer
}
