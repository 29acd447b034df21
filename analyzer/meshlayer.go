package analyzer

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// BrokenTLS is the verdict that what the client sends is not what the server
// takes.
const BrokenTLS Verdict = "broken-tls"

// Anonymous is the source that stands for a client without an identity of the
// mesh.
const Anonymous = "anonymous"

// Layers answers for one set what the network and the mesh together make of
// connections. What the mesh answers depends on the caller's identity and
// settings only, so that callers of one account share it.
type Layers struct {
	inventory *Inventory
	network   *network
	mesh      *Mesh
	authz     *Policies

	known map[meshKey][]meshSegment
	own   map[string]bool // namespaces whose workloads may have settings of their own, once asked
}

// NewLayers puts the layers of one set together.
func NewLayers(network *network, mesh *Mesh, policies *Policies) *Layers {
	return &Layers{
		inventory: mesh.inventory, network: network, mesh: mesh, authz: policies,
		known: map[meshKey][]meshSegment{}, own: map[string]bool{},
	}
}

type meshKey struct {
	src string
	dst *Workload
}

// meshSegment is ports of a destination that fare alike.
type meshSegment struct {
	ports intervals
	meshAnswer
}

// meshAnswer is what becomes of a connection in the mesh.
type meshAnswer struct {
	verdict Verdict
	tls     string // mtls, plaintext, origination; empty when it is not known
	when    string // which requests a conditional verdict allows
	because []Reason
}

func (a *meshAnswer) same(b *meshAnswer) bool {
	return a.verdict == b.verdict && a.tls == b.tls && a.when == b.when
}

// sender is the caller's side of a connection.
type sender struct {
	w      *Workload // nil outside the tree
	member string
	caller caller
}

func (m *Layers) senderOf(e *Endpoint) sender {
	if w := e.Workload; w != nil {
		account, _ := w.account()
		return sender{w: w, member: m.mesh.member(w), caller: caller{namespace: w.Namespace, account: account}}
	}
	out := sender{member: "none"}
	if e.party.kind == addressParty {
		out.caller.addresses = e.party.addresses
	}
	return out
}

// key is what the answers about a sender depend on.
func (m *Layers) key(x *sender) string {
	if x.w == nil {
		return "\x00" + x.caller.addresses.String()
	}
	key := x.caller.namespace + "\x00" + x.caller.account + "\x00" + x.member
	own, asked := m.own[x.w.Namespace]
	if !asked {
		own = m.mesh.selectsIn(x.w.Namespace)
		m.own[x.w.Namespace] = own
	}
	if own {
		key += "\x00" + x.w.ID
	}
	return key
}

// segments partitions the TCP ports of a destination by what becomes of a
// connection there.
func (m *Layers) segments(x sender, dst *Workload) []meshSegment {
	key := meshKey{m.key(&x), dst}
	if found, ok := m.known[key]; ok {
		return found
	}
	var out []meshSegment
	add := func(ports intervals, a meshAnswer) {
		for i := range out {
			if out[i].same(&a) {
				out[i].ports = out[i].ports.union(ports)
				out[i].because = append(out[i].because, a.because...)
				return
			}
		}
		out = append(out, meshSegment{ports, a})
	}
	single := m.distinctPorts(dst)
	rest := wholeRange()
	for _, number := range slices.Sorted(maps.Keys(single)) {
		one := intervals{{number, number}}
		rest = rest.minus(one)
		add(one, m.answer(&x, dst, single[number]))
	}
	// The ports that nothing names fare alike: one stands for all.
	add(rest, m.answer(&x, dst, &port{number: rest[0].First, protocol: "TCP"}))
	for i := range out {
		out[i].because = distinctReasons(out[i].because)
	}
	m.known[key] = out
	return out
}

// distinctPorts are the TCP ports of which something may hold that does not
// hold of the others: those of containers and Services, those that policies
// name, and the proxy's own.
func (m *Layers) distinctPorts(w *Workload) map[int]*port {
	out := map[int]*port{}
	for _, p := range w.ports {
		if p.protocol == "TCP" && p.number > 0 {
			out[p.number] = p
		}
	}
	named := append(annotatedPorts(w), 22, hbonePort, mergedMetricsPort, 15021, 15090)
	for _, p := range slices.Concat(m.mesh.peerAuthsOf[w], m.mesh.maybePeerAuthsOf[w]) {
		for number := range p.spec.GetPortLevelMtls() {
			named = append(named, int(number))
		}
	}
	for _, number := range append(named, m.authorizedPorts(w)...) {
		if number > 0 && number <= lastPort && out[number] == nil {
			out[number] = &port{number: number, protocol: "TCP"}
		}
	}
	return out
}

// authorizedPorts are the ports that authorization policies name.
func (m *Layers) authorizedPorts(w *Workload) []int {
	var out []int
	sure, unsure := m.authz.policiesOf(w)
	for _, p := range slices.Concat(sure, unsure) {
		for _, r := range p.rules {
			for _, text := range r.portValues() {
				if n, err := strconv.Atoi(text); err == nil {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// answer meets what the client sends with what the port takes, and with what
// the policies allow to the identity that the server then knows.
func (m *Layers) answer(x *sender, dst *Workload, p *port) meshAnswer {
	mode := m.mesh.portMTLS(dst, p)
	sent, because := m.sends(x, dst, p, mode.Mode)
	if mode.From.Object != nil && mode.Scope != "default" && mode.Scope != "none" {
		of := dst.ID
		if slices.Contains(mode.From.Path, any("portLevelMtls")) {
			of = "port " + p.String() + " of " + of
		}
		because = append(because, Reason{mode.From.Object, mode.From.Path, "sets " + of + " to " + mode.Mode})
	}
	out := meshAnswer{verdict: Allowed, tls: sent}
	identity := No
	switch sent {
	case "mtls":
		identity = Yes
	case "broken":
		return meshAnswer{verdict: BrokenTLS, because: because}
	case "unknown":
		out.tls, identity = "", Unknown
		out.verdict = Unsure
	case "plaintext":
		switch {
		case mode.Mode == "UNKNOWN", mode.Mode == "STRICT" && m.mesh.member(dst) == "unknown":
			out.verdict = Unsure
		case mode.Mode == "STRICT":
			return meshAnswer{verdict: BrokenTLS, tls: sent, because: because}
		}
	}
	client := x.caller
	client.mesh = identity
	authorized := m.authz.authorize(dst, p.number, client)
	out.because = slices.Concat(because, authorized.because)
	switch {
	case authorized.verdict == Denied:
		out.verdict = Denied
	case out.verdict == Unsure:
	default:
		out.verdict, out.when = authorized.verdict, authorized.when
	}
	return out
}

// sends answers what arrives at the port: by way of the Services that lead to
// it or, where none does, of the pod's address, to which a sidecar adds
// nothing.
// https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#unmatched-traffic
func (m *Layers) sends(x *sender, dst *Workload, p *port, mode string) (string, []Reason) {
	member := m.mesh.member(dst)
	if state := m.mesh.capture(dst, p.number).state; state == "bypassed" {
		member = "none"
	}
	switch x.member {
	case "none":
		return "plaintext", nil
	case "ambient":
		return ambientSends(member), nil
	case "sidecar":
		return m.sidecarSends(x, dst, p, mode, member)
	}
	return "unknown", nil
}

// ambientSends: ztunnel tunnels to pods of the ambient mesh, and to sidecars
// only where these were told to listen for it.
// https://github.com/istio/ztunnel/blob/master/ARCHITECTURE.md
func ambientSends(member string) string {
	switch member {
	case "ambient":
		return "mtls"
	case "none":
		return "plaintext"
	}
	return "unknown"
}

func (m *Layers) sidecarSends(x *sender, dst *Workload, p *port, mode, member string) (string, []Reason) {
	answer := ""
	var because []Reason
	for v, sp := range dst.servicePorts(p) {
		t := m.mesh.clientTLS(x.w, v.host(), v.Namespace, int(sp.Port), "")
		next := m.mesh.connection(t.mode, member, mode, v.headless())
		if t.rule != nil {
			because = append(because, Reason{t.rule.Object, t.path, "makes clients of " + v.shownHost() + " send " + t.mode})
		}
		if answer != "" && answer != next {
			return "unknown", because
		}
		answer = next
	}
	switch {
	case answer == "tls-origination":
		answer = "origination"
	case answer == "" && member == "unknown":
		answer = "unknown"
	case answer == "":
		answer = "plaintext"
	}
	return answer, because
}

// servicePorts yields the TCP ports of Services that lead to a port.
func (w *Workload) servicePorts(p *port) iter.Seq2[*service, *corev1.ServicePort] {
	return func(yield func(*service, *corev1.ServicePort) bool) {
		for _, v := range w.services {
			for i := range v.spec.Ports {
				sp := &v.spec.Ports[i]
				if orTCP(sp.Protocol) == "TCP" && w.servicePortTarget(sp) == p && !yield(v, sp) {
					return
				}
			}
		}
	}
}

func distinctReasons(all []Reason) []Reason {
	var out []Reason
	for _, r := range all {
		if !slices.ContainsFunc(out, func(o Reason) bool {
			return o.Object == r.Object && o.Effect == r.Effect && o.Path.String() == r.Path.String()
		}) {
			out = append(out, r)
		}
	}
	return out
}

// annotatedPorts are the ports that annotations of the pod leave to the
// sidecar or take from it.
func annotatedPorts(w *Workload) []int {
	var out []int
	for _, key := range []string{"excludeInboundPorts", "includeInboundPorts"} {
		for text := range strings.SplitSeq(w.Annotations[trafficPrefix+key], ",") {
			if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
				out = append(out, n)
			}
		}
	}
	return out
}

// portValues are the ports that a rule asks for, as they are written.
func (r *authzRule) portValues() []string {
	var out []string
	r.any(func(c *condition) bool {
		if c.attr == byPort {
			out = append(append(out, c.values...), c.not...)
		}
		return false
	})
	return out
}
