package connect

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/authz"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// Anonymous is the source that stands for a client without an identity of the
// mesh.
const Anonymous = "anonymous"

// Layers answers for one set what the network and the mesh together make of
// connections. What the mesh answers depends on the caller's identity and
// settings only, so that callers of one account share it.
type Layers struct {
	Inventory *inventory.Inventory
	Network   *netpol.Network
	Mesh      *mesh.Mesh
	authz     *authz.Policies

	known map[meshKey][]meshSegment
	own   map[string]bool // namespaces whose workloads may have settings of their own, once asked
}

// New puts the layers of one set together.
func New(network *netpol.Network, mesh *mesh.Mesh, policies *authz.Policies) *Layers {
	return &Layers{
		Inventory: mesh.Inventory, Network: network, Mesh: mesh, authz: policies,
		known: map[meshKey][]meshSegment{}, own: map[string]bool{},
	}
}

type meshKey struct {
	src string
	dst *inventory.Workload
}

// meshSegment is ports of a destination that fare alike.
type meshSegment struct {
	Ports netset.Intervals
	MeshAnswer
}

// MeshAnswer is what becomes of a connection in the mesh.
type MeshAnswer struct {
	Verdict fact.Verdict
	tls     string // mtls, plaintext, origination; empty when it is not known
	when    string // which requests a conditional verdict allows
	Because []fact.Reason
}

func (a *MeshAnswer) same(b *MeshAnswer) bool {
	return a.Verdict == b.Verdict && a.tls == b.tls && a.when == b.when
}

// Sender is the caller's side of a connection.
type Sender struct {
	W      *inventory.Workload // nil outside the tree
	Member fact.Member
	Caller authz.Caller
}

func (m *Layers) SenderOf(e *Endpoint) Sender {
	if w := e.Workload; w != nil {
		account, _ := w.Account()
		return Sender{W: w, Member: m.Mesh.Member(w), Caller: authz.Caller{Namespace: w.Namespace, Account: account}}
	}
	out := Sender{Member: fact.NoMesh}
	if e.Party.Kind == netpol.AddressEndpoint {
		out.Caller.Addresses = e.Party.Addresses
	}
	return out
}

// key is what the answers about a sender depend on.
func (m *Layers) key(x *Sender) string {
	if x.W == nil {
		return "\x00" + x.Caller.Addresses.String()
	}
	key := x.Caller.Namespace + "\x00" + x.Caller.Account + "\x00" + string(x.Member)
	own, asked := m.own[x.W.Namespace]
	if !asked {
		own = m.Mesh.SelectsIn(x.W.Namespace)
		m.own[x.W.Namespace] = own
	}
	if own {
		key += "\x00" + x.W.ID
	}
	return key
}

// Segments partitions the TCP ports of a destination by what becomes of a
// connection there.
func (m *Layers) Segments(x Sender, dst *inventory.Workload) []meshSegment {
	key := meshKey{m.key(&x), dst}
	if found, ok := m.known[key]; ok {
		return found
	}
	var out []meshSegment
	add := func(ports netset.Intervals, a MeshAnswer) {
		for i := range out {
			if out[i].same(&a) {
				out[i].Ports = out[i].Ports.Union(ports)
				out[i].Because = append(out[i].Because, a.Because...)
				return
			}
		}
		out = append(out, meshSegment{ports, a})
	}
	single := m.distinctPorts(dst)
	rest := netset.WholeRange()
	for _, number := range slices.Sorted(maps.Keys(single)) {
		one := netset.Intervals{{First: number, Last: number}}
		rest = rest.Minus(one)
		add(one, m.answer(&x, dst, single[number]))
	}
	// The ports that nothing names fare alike: one stands for all.
	add(rest, m.answer(&x, dst, &inventory.Port{Number: rest[0].First, Protocol: "TCP"}))
	for i := range out {
		out[i].Because = fact.DistinctReasons(out[i].Because)
	}
	m.known[key] = out
	return out
}

// distinctPorts are the TCP ports of which something may hold that does not
// hold of the others: those of containers and Services, those that policies
// name, and the proxy's own.
func (m *Layers) distinctPorts(w *inventory.Workload) map[int]*inventory.Port {
	out := map[int]*inventory.Port{}
	for _, p := range w.Ports {
		if p.Protocol == "TCP" && p.Number > 0 {
			out[p.Number] = p
		}
	}
	named := append(mesh.AnnotatedPorts(w), 22, mesh.HBONEPort, mesh.MergedMetricsPort, 15021, 15090)
	for _, p := range slices.Concat(m.Mesh.PeerAuthsOf[w], m.Mesh.MaybePeerAuthsOf[w]) {
		for number := range p.Spec.GetPortLevelMtls() {
			named = append(named, int(number))
		}
	}
	for _, number := range append(named, m.authorizedPorts(w)...) {
		if number > 0 && number <= netset.LastPort && out[number] == nil {
			out[number] = &inventory.Port{Number: number, Protocol: "TCP"}
		}
	}
	return out
}

// authorizedPorts are the ports that authorization policies name.
func (m *Layers) authorizedPorts(w *inventory.Workload) []int {
	var out []int
	sure, unsure := m.authz.PoliciesOf(w)
	for _, p := range slices.Concat(sure, unsure) {
		for _, r := range p.Rules {
			for _, text := range r.PortValues() {
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
func (m *Layers) answer(x *Sender, dst *inventory.Workload, p *inventory.Port) MeshAnswer {
	mode := m.Mesh.PortMTLS(dst, p)
	sent, because := m.sends(x, dst, p, mode.Mode)
	if mode.From.Object != nil && mode.Scope != fact.DefaultScope && mode.Scope != fact.NoScope {
		of := dst.ID
		if slices.Contains(mode.From.Path, any("portLevelMtls")) {
			of = "port " + p.String() + " of " + of
		}
		because = append(because, fact.Reason{Object: mode.From.Object, Path: mode.From.Path, Effect: "sets " + of + " to " + string(mode.Mode)})
	}
	out := MeshAnswer{Verdict: fact.Allowed, tls: sent}
	identity := fact.No
	switch sent {
	case "mtls":
		identity = fact.Yes
	case "broken":
		return MeshAnswer{Verdict: fact.BrokenTLS, Because: because}
	case "unknown":
		out.tls, identity = "", fact.Unknown
		out.Verdict = fact.Undetermined
	case "plaintext":
		switch {
		case mode.Mode == fact.UnknownMTLS, mode.Mode == fact.Strict && m.Mesh.Member(dst) == fact.UnknownMember:
			out.Verdict = fact.Undetermined
		case mode.Mode == fact.Strict:
			return MeshAnswer{Verdict: fact.BrokenTLS, tls: sent, Because: because}
		}
	}
	client := x.Caller
	client.Mesh = identity
	authorized := m.authz.Authorize(dst, p.Number, client)
	out.Because = slices.Concat(because, authorized.Because)
	switch {
	case authorized.Verdict == fact.Denied:
		out.Verdict = fact.Denied
	case out.Verdict == fact.Undetermined:
	default:
		out.Verdict, out.when = authorized.Verdict, authorized.When
	}
	return out
}

// sends answers what arrives at the port: by way of the Services that lead to
// it or, where none does, of the pod's address, to which a sidecar adds
// nothing.
// https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#unmatched-traffic
func (m *Layers) sends(x *Sender, dst *inventory.Workload, p *inventory.Port, mode fact.MTLSMode) (string, []fact.Reason) {
	member := m.Mesh.Member(dst)
	if state := m.Mesh.Capture(dst, p.Number).State; state == fact.Bypassed {
		member = fact.NoMesh
	}
	switch x.Member {
	case fact.NoMesh:
		return "plaintext", nil
	case fact.Ambient:
		return ambientSends(member), nil
	case fact.Sidecar:
		return m.sidecarSends(x, dst, p, mode, member)
	}
	return "unknown", nil
}

// ambientSends: ztunnel tunnels to pods of the ambient mesh, and to sidecars
// only where these were told to listen for it.
// https://github.com/istio/ztunnel/blob/master/ARCHITECTURE.md
func ambientSends(member fact.Member) string {
	switch member {
	case fact.Ambient:
		return "mtls"
	case fact.NoMesh:
		return "plaintext"
	}
	return "unknown"
}

func (m *Layers) sidecarSends(x *Sender, dst *inventory.Workload, p *inventory.Port, mode fact.MTLSMode, member fact.Member) (string, []fact.Reason) {
	answer := ""
	var because []fact.Reason
	for v, sp := range dst.ServicePorts(p) {
		t := m.Mesh.ClientTLS(x.W, v.Host(), v.Namespace, int(sp.Port), "")
		next := m.Mesh.Connection(t.Mode, member, mode, v.Headless())
		if t.Rule != nil {
			because = append(because, fact.Reason{Object: t.Rule.Object, Path: t.Path, Effect: "makes clients of " + v.ShownHost() + " send " + t.Mode})
		}
		if answer != "" && answer != next {
			return "unknown", because
		}
		answer = next
	}
	switch {
	case answer == "tls-origination":
		answer = "origination"
	case answer == "" && member == fact.UnknownMember:
		answer = "unknown"
	case answer == "":
		answer = "plaintext"
	}
	return answer, because
}
