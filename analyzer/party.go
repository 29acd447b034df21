package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go4.org/netipx"
)

// partyKind says what stands at one end of a connection.
type partyKind uint8

const (
	podParty      partyKind = iota
	addressParty            // addresses outside the cluster
	classParty              // pods that nobody has declared yet
	strangerParty           // a pod whose manifest lies elsewhere, for the questions of flows
)

// party is one end of a connection as policies see it: workloads that no
// selector can tell apart, a part of the address space, or a class of pods
// that the tree does not hold.
type party struct {
	kind partyKind
	id   int32 // of pods their place in network.pods, of addresses that in setModel.addresses

	w       *Workload // one of the members, for all of them
	members []*Workload

	addresses netipx.IPRange
	class     *peerSet // nil for a pod of which nothing is known
	stranger  *stranger

	in, out side
}

// side is what decides one direction of a party.
type side struct {
	sure, unsure []*networkPolicy // that isolate it
	tiers        tierRules
	unread       bool // NetworkPolicies may apply that were not read
	unmodelled   bool // policies of another kind may change the answer
	pods         bool // it may meet any pod, so that no list of them exists
	world        bool // it may meet any address
}

func (p *party) side(d direction) *side {
	if d == ingress {
		return &p.in
	}
	return &p.out
}

// node reports a party whose traffic is that of its node.
func (p *party) node() bool { return p.kind == podParty && p.w.hostNetwork() }

// enforced reports whether policies decide about it at all. "Network policies
// are not enforced" for what lies outside the cluster, and most network
// plugins ignore pods of the host network.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
func (p *party) enforced() bool { return p.kind == podParty && !p.w.hostNetwork() }

func (p *party) name() string {
	switch p.kind {
	case addressParty:
		return p.addresses.String()
	case classParty:
		if p.class == nil {
			return "any-namespace/any-pod"
		}
		return p.class.name
	case strangerParty:
		return p.stranger.name
	case podParty:
	}
	return p.w.ID
}

// groups unites the workloads that no selector of the set can tell apart: same
// namespace, same values of every label that a selector asks for, same numbers
// for every port that a rule names.
func (n *network) groups() {
	keys, names := n.asked()
	found := map[string]*party{}
	for _, w := range n.inventory.workloads {
		key := n.identity(w, keys, names)
		p := found[key]
		if p == nil {
			p = &party{w: w, id: int32(len(n.pods))}
			found[key] = p
			n.pods = append(n.pods, p)
		}
		p.members = append(p.members, w)
		n.partyOf[w] = p
	}
}

func (n *network) identity(w *Workload, keys []string, names []namedPort) string {
	var b strings.Builder
	b.WriteString(w.Namespace + "\x00" + strconv.FormatBool(w.hostNetwork()) + strconv.FormatBool(w.implied) + strconv.FormatBool(w.partial()) + strconv.FormatBool(w.guarded()) +
		strconv.FormatBool(n.other(w, ingress) != nil) + strconv.FormatBool(n.other(w, egress) != nil))
	for _, k := range keys {
		if v, ok := w.labels.known[k]; ok {
			b.WriteString("\x00" + k + "\x01" + v)
		} else if w.labels.mayHold(k) {
			b.WriteString("\x00" + k + "\x03")
		}
	}
	for i, named := range names {
		if q := w.portNamed(named.name, protocols()[named.protocol]); q != nil {
			b.WriteString("\x00" + strconv.Itoa(i) + "\x02" + strconv.Itoa(q.number))
		}
	}
	return b.String()
}

// asked lists the label keys and port names that the policies of the set ask
// pods for.
func (s *network) asked() (keys []string, names []namedPort) {
	seen, named := map[string]bool{}, map[namedPort]bool{}
	for _, sel := range s.podSelectors() {
		for i := range sel.reqs {
			seen[sel.reqs[i].Key()] = true
		}
	}
	for _, m := range s.matchers() {
		for _, n := range m.named {
			named[n] = true
		}
	}
	return slices.Sorted(maps.Keys(seen)), slices.SortedFunc(maps.Keys(named), func(a, b namedPort) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.protocol, b.protocol))
	})
}

func (s *network) podSelectors() []selector {
	var out []selector
	for _, p := range s.policies {
		out = append(out, p.sel)
		for _, r := range p.rules {
			for _, peer := range r.selectors {
				if peer != nil {
					out = append(out, peer.pods)
				}
			}
		}
	}
	for _, t := range s.tiers {
		out = append(out, t.subject.pods)
		for _, r := range t.rules {
			for _, peer := range r.peers {
				out = append(out, peer.pods)
			}
		}
	}
	return out
}
