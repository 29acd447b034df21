package connect

import (
	"maps"
	"slices"

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
// connections.
type Layers struct {
	Inventory *inventory.Inventory
	Network   *netpol.Network
	Mesh      *mesh.Mesh
	authz     *authz.Policies

	// segments is a cache of Segments: the answers depend on nothing that changes
	// after New. Callers with the same key share one.
	segments map[segmentKey][]Segment
}

// New puts the layers of one set together.
func New(network *netpol.Network, mesh *mesh.Mesh, policies *authz.Policies) *Layers {
	return &Layers{
		Inventory: mesh.Inventory, Network: network, Mesh: mesh, authz: policies,
		segments: map[segmentKey][]Segment{},
	}
}

type segmentKey struct {
	src string // see senderKey
	dst *inventory.Workload
}

// Segment is the TCP ports of a destination for which the mesh has one answer.
type Segment struct {
	Ports netset.Intervals
	MeshAnswer
}

// MeshAnswer is the verdict of the mesh on a connection that the network allows.
type MeshAnswer struct {
	Verdict fact.Verdict
	Because []fact.Reason // the objects that decide TLS and authorization

	tls  mesh.Outcome // what reaches the server; "" where it is not known
	when string       // with a conditional verdict: the requests that are allowed
}

// same reports answers that differ at most in their reasons.
func (a *MeshAnswer) same(b *MeshAnswer) bool {
	return a.Verdict == b.Verdict && a.tls == b.tls && a.when == b.when
}

// Sender is the client of a connection.
type Sender struct {
	W      *inventory.Workload // nil outside the tree
	Member fact.Member
	Caller authz.Caller // its identity and addresses, whether or not it presents them
}

// SenderOf returns an endpoint as a client.
func (l *Layers) SenderOf(e *Endpoint) Sender {
	if w := e.Workload; w != nil {
		account, _ := w.Account()
		return Sender{W: w, Member: l.Mesh.Member(w), Caller: authz.Caller{Namespace: w.Namespace, Account: account}}
	}
	out := Sender{Member: fact.NoMesh}
	if e.Peer.Kind == netpol.AddressEndpoint {
		out.Caller.Addresses = e.Peer.Addresses
	}
	return out
}

// senderKey holds all that the mesh's answers about a sender depend on: its
// identity and membership and, where rules select single workloads, itself.
func (l *Layers) senderKey(x *Sender) string {
	if x.W == nil {
		return "\x00" + x.Caller.Addresses.String()
	}
	key := x.Caller.Namespace + "\x00" + x.Caller.Account + "\x00" + string(x.Member)
	if l.Mesh.SelectsIn(x.W.Namespace) {
		key += "\x00" + x.W.ID
	}
	return key
}

// Segments partitions the TCP ports of a destination by the mesh's answer for
// the sender. Together the segments hold every port once.
func (l *Layers) Segments(x Sender, dst *inventory.Workload) []Segment {
	key := segmentKey{l.senderKey(&x), dst}
	if found, ok := l.segments[key]; ok {
		return found
	}
	var out []Segment
	add := func(ports netset.Intervals, a MeshAnswer) {
		for i := range out {
			if out[i].same(&a) {
				out[i].Ports = out[i].Ports.Union(ports)
				out[i].Because = append(out[i].Because, a.Because...)
				return
			}
		}
		out = append(out, Segment{ports, a})
	}
	single := l.distinctPorts(dst)
	rest := netset.WholeRange()
	for _, number := range slices.Sorted(maps.Keys(single)) {
		one := netset.Intervals{{First: number, Last: number}}
		rest = rest.Minus(one)
		add(one, l.connection(&x, dst, single[number]))
	}
	// The ports that nothing names have one answer: the first stands for all.
	add(rest, l.connection(&x, dst, &inventory.Port{Number: rest[0].First, Protocol: "TCP"}))
	for i := range out {
		out[i].Because = fact.DistinctReasons(out[i].Because)
	}
	l.segments[key] = out
	return out
}

// distinctPorts are the TCP ports for which the answer may differ from that for
// all others: those of containers and Services, those that policies of the mesh
// name, and the proxy's own.
func (l *Layers) distinctPorts(w *inventory.Workload) map[int]*inventory.Port {
	out := map[int]*inventory.Port{}
	for _, p := range w.Ports {
		if p.Protocol == "TCP" && p.Number > 0 {
			out[p.Number] = p
		}
	}
	for _, number := range slices.Concat(l.Mesh.DistinctPorts(w), l.authz.NamedPorts(w)) {
		if number > 0 && number <= netset.LastPort && out[number] == nil {
			out[number] = &inventory.Port{Number: number, Protocol: "TCP"}
		}
	}
	return out
}

// connection combines three things: the TLS that the client sends, the mode that
// the port accepts, and what AuthorizationPolicies allow for the identity that
// the server sees.
func (l *Layers) connection(x *Sender, dst *inventory.Workload, p *inventory.Port) MeshAnswer {
	mode := l.Mesh.PortMTLS(dst, p)
	sent, because := l.sent(x, dst, p, mode.Mode)
	if mode.Decided() {
		of := dst.ID
		if mode.Scope == fact.PortScope {
			of = "port " + p.String() + " of " + of
		}
		because = append(because, fact.Reason{Object: mode.From.Object, Path: mode.From.Path, Effect: "sets " + of + " to " + string(mode.Mode)})
	}
	out := MeshAnswer{Verdict: fact.Allowed, tls: sent}
	identity := fact.No
	switch sent {
	case mesh.MutualTLS:
		identity = fact.Yes
	case mesh.Broken:
		return MeshAnswer{Verdict: fact.BrokenTLS, Because: because}
	case mesh.Unresolved:
		out.tls, identity = "", fact.Unknown
		out.Verdict = fact.Undetermined
	case mesh.Plaintext:
		switch {
		case mode.Mode == fact.UnknownMTLS, mode.Mode == fact.Strict && l.Mesh.Member(dst) == fact.UnknownMember:
			out.Verdict = fact.Undetermined
		case mode.Mode == fact.Strict:
			return MeshAnswer{Verdict: fact.BrokenTLS, tls: sent, Because: because}
		}
	case mesh.Origination:
	}
	client := x.Caller
	client.Mesh = identity
	authorized := l.authz.Authorize(dst, p.Number, client)
	out.Because = slices.Concat(because, authorized.Because)
	switch {
	case authorized.Verdict == fact.Denied:
		out.Verdict = fact.Denied
	case out.Verdict != fact.Undetermined:
		out.Verdict, out.when = authorized.Verdict, authorized.When
	}
	return out
}

// sent answers what reaches the port: through the Services that lead to it or,
// where none does, at the pod's address, where a sidecar adds nothing.
// https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#unmatched-traffic
func (l *Layers) sent(x *Sender, dst *inventory.Workload, p *inventory.Port, mode fact.MTLSMode) (mesh.Outcome, []fact.Reason) {
	member := l.Mesh.Member(dst)
	if state := l.Mesh.Capture(dst, p.Number).State; state == fact.Bypassed {
		member = fact.NoMesh
	}
	switch x.Member {
	case fact.NoMesh:
		return mesh.Plaintext, nil
	case fact.Ambient:
		return sentByAmbient(member), nil
	case fact.Sidecar:
		return l.sentBySidecar(x, dst, p, mode, member)
	case fact.UnknownMember:
	}
	return mesh.Unresolved, nil
}

// sentByAmbient answers for a client of the ambient mesh: ztunnel tunnels to pods
// of the ambient mesh, and to sidecars only where they listen for HBONE.
// https://github.com/istio/ztunnel/blob/master/ARCHITECTURE.md
func sentByAmbient(server fact.Member) mesh.Outcome {
	switch server {
	case fact.Ambient:
		return mesh.MutualTLS
	case fact.NoMesh:
		return mesh.Plaintext
	case fact.Sidecar, fact.UnknownMember:
	}
	return mesh.Unresolved
}

// sentBySidecar answers for a client with a sidecar, where all Services that
// lead to the port agree.
func (l *Layers) sentBySidecar(x *Sender, dst *inventory.Workload, p *inventory.Port, mode fact.MTLSMode, server fact.Member) (mesh.Outcome, []fact.Reason) {
	var answer mesh.Outcome
	var because []fact.Reason
	for v, sp := range dst.ServicePorts(p) {
		t := l.Mesh.ClientTLS(x.W, v.Host(), v.Namespace, int(sp.Port), "")
		next := l.Mesh.Outcome(t.Mode, server, mode, v.Headless())
		if t.From.Object != nil {
			because = append(because, fact.Reason{Object: t.From.Object, Path: t.From.Path, Effect: "makes clients of " + v.ShownHost() + " send " + string(t.Mode)})
		}
		if answer != "" && answer != next {
			return mesh.Unresolved, because
		}
		answer = next
	}
	switch {
	case answer != "":
		return answer, because
	case server == fact.UnknownMember:
		return mesh.Unresolved, because
	}
	return mesh.Plaintext, because
}
