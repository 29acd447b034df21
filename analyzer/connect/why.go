package connect

import (
	"fmt"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Why explains whether from may connect to a port of to: what allows it or, when
// denied, what denies it and what would have to change. Port 0 stands for any
// port; a port is tried in every protocol, of which one is enough. Where a name
// means several workloads, the verdict is theirs if they agree, and unknown if
// not.
func (s Sets) Why(from, to string, port int) ([]fact.Reason, fact.Verdict, error) {
	var reasons []fact.Reason
	var verdict fact.Verdict
	var ask question
	var err error
	if from == Anonymous { // to the network it is any pod
		from = "any-namespace/any-pod"
	}
	if ask.from, err = s.endpointsNamed(from, true); err != nil {
		return nil, fact.Undetermined, err
	}
	if ask.to, err = s.endpointsNamed(to, true); err != nil {
		return nil, fact.Undetermined, err
	}
	if ask.ports, err = s.portsMeant(to, port); err != nil {
		return nil, fact.Undetermined, err
	}
	for _, l := range s {
		n := l.Network
		for _, pair := range pairs(n, &ask) {
			found, why := why(n, pair[0], pair[1], ask.ports(pair[1]))
			if verdict != "" && verdict != found {
				found = fact.Undetermined
			}
			verdict = found
			reasons = append(reasons, why...)
		}
	}
	reasons = DistinctByText(reasons)
	if verdict == "" {
		return nil, fact.Undetermined, fmt.Errorf("no policy decides about connections from %q to %q: they are one workload, lie both outside the tree, or belong to manifests that are not applied together", from, to)
	}
	return reasons, verdict, nil
}

// pairs lists the pairs that a question means, except those that no policy
// decides about.
func pairs(n *netpol.Network, ask *question) [][2]*Endpoint {
	ends := endpoints(n, true)
	var out [][2]*Endpoint
	to := matching(ends, ask.to)
	for _, i := range matching(ends, ask.from) {
		for _, j := range to {
			if i != j && (ends[i].Workload != nil || ends[j].Workload != nil) {
				out = append(out, [2]*Endpoint{&ends[i], &ends[j]})
			}
		}
	}
	return out
}

func why(n *netpol.Network, src, dst *Endpoint, asked netset.Ports) (fact.Verdict, []fact.Reason) {
	found := n.Permits(src.Peer, dst.Peer)
	verdict := fact.Denied
	switch definite, possible := found.Definite.Intersect(asked), found.Possible.Intersect(asked); {
	case !definite.Empty():
		verdict, asked = fact.Allowed, definite
	case !possible.Empty():
		verdict, asked = fact.Undetermined, possible
	}
	return verdict, because(n, src, dst, asked)
}

// because names what decides about these ports: first the ingress of the
// destination, then the egress of the source.
func because(n *netpol.Network, src, dst *Endpoint, ports netset.Ports) []fact.Reason {
	in := explanation{Network: n, self: dst, peer: src, dst: dst.Peer, d: fact.Ingress, ports: ports}
	out := explanation{Network: n, self: src, peer: dst, dst: dst.Peer, d: fact.Egress, ports: ports}
	return append(in.reasons(), out.reasons()...)
}

// explanation explains one direction of one endpoint.
type explanation struct {
	*netpol.Network

	self, peer *Endpoint // whose policies are explained, and the other end
	dst        *netpol.Endpoint
	d          fact.Direction
	ports      netset.Ports // still to be explained
}

func (e *explanation) reasons() []fact.Reason {
	self := e.self.Peer
	switch {
	case self.Kind != netpol.PodEndpoint:
		return nil
	case self.OnHostNetwork():
		return append(e.otherReasons(), e.hostNetwork(e.self.Workload, "runs in the host network, where NetworkPolicies are not enforced"))
	}
	side := self.View(e.d)
	out := e.tierReasons(side.Tiers.Admin)
	if e.ports.Empty() {
		return out // the Admin tier decides it all
	}
	out = append(out, e.policyReasons(side)...)
	if len(side.Definite) == 0 {
		out = append(out, e.tierReasons(side.Tiers.Baseline)...)
	}
	out = append(out, e.otherReasons()...)
	if side.Unread() {
		out = append(out, e.workload(e.self.Workload, "may be selected by policies that were not read"))
	}
	if e.peer.Peer.OnHostNetwork() {
		out = append(out, e.hostNetwork(e.peer.Workload, "runs in the host network: its traffic is its node's, which is always allowed on the node of "+e.self.Name+" and elsewhere by rules for everybody only"))
	}
	return out
}

func (e *explanation) hostNetwork(w *inventory.Workload, effect string) fact.Reason {
	return fact.Reason{Object: w.Object, Path: w.PodPath("spec", "hostNetwork"), Effect: effect}
}

func (e *explanation) workload(w *inventory.Workload, effect string) fact.Reason {
	return fact.Reason{Object: w.Object, Path: w.Anchor().Path, Effect: effect}
}

// tierReasons names the rules that match the traffic, in their order, and removes
// the ports that they decide from those to be explained.
func (e *explanation) tierReasons(policies []*netpol.TierPolicy) []fact.Reason {
	var out []fact.Reason
	rest := e.ports
	for _, t := range policies {
		for _, r := range t.Rules {
			if r.Direction != e.d {
				continue
			}
			found := r.Traffic(t.Subject.Selects(e.self.Peer), e.peer.Peer, e.dst)
			if on := found.Possible.Intersect(rest); !on.Empty() {
				verb := [...]string{netpol.Accept: "accepts", netpol.Deny: "denies", netpol.Pass: "leaves to the next tier"}[r.Action]
				out = append(out, fact.Reason{Object: t.Object, Path: r.Path, Effect: verb + " " + e.peer.Name + e.traffic(on, found)})
			}
			if r.Action != netpol.Pass {
				e.ports = e.ports.Minus(found.Definite.Intersect(rest))
			}
			rest = rest.Minus(found.Definite)
		}
	}
	return out
}

// policyReasons names the rules that admit the traffic or, where none does,
// the policies that isolate the workload.
func (e *explanation) policyReasons(side *netpol.PolicyView) []fact.Reason {
	if len(side.Definite)+len(side.Possible) == 0 {
		return []fact.Reason{e.workload(e.self.Workload, "no NetworkPolicy isolates its "+string(e.d))}
	}
	var admitting, isolating []fact.Reason
	for i, p := range append(append([]*netpol.Policy{}, side.Definite...), side.Possible...) {
		for _, r := range p.Rules {
			if reason, ok := e.admitting(r); ok {
				admitting = append(admitting, reason)
			}
		}
		effect := "isolates the " + string(e.d) + " of " + e.self.Name
		if i >= len(side.Definite) {
			effect = "may isolate the " + string(e.d) + " of " + e.self.Name + ", by labels that manifests do not settle"
		}
		isolating = append(isolating, fact.Reason{Object: p.Object, Path: yaml.Path{"spec", "podSelector"}, Effect: effect + ", and no rule admits " + e.peer.Name +
			" on " + e.ports.String() + "; a rule under spec." + string(e.d) + " would have to"})
	}
	if len(admitting) > 0 {
		return admitting
	}
	return isolating
}

func (e *explanation) admitting(r *netpol.Rule) (fact.Reason, bool) {
	if r.Direction != e.d {
		return fact.Reason{}, false
	}
	found := r.PortsOn(e.dst)
	switch r.Admits(e.peer.Peer) {
	case fact.No:
		return fact.Reason{}, false
	case fact.Unknown:
		found.Definite = netset.Ports{}
	case fact.Yes:
	}
	on := found.Possible.Intersect(e.ports)
	if on.Empty() {
		return fact.Reason{}, false
	}
	path, peer := r.Path, "everybody"
	if p := r.PeerFor(e.peer.Peer); p != nil {
		path, peer = p.Path, p.Describe()
	}

	return fact.Reason{Object: r.Policy.Object, Path: path, Effect: "admits " + peer + e.traffic(on, found)}, true
}

// traffic describes the ports of a rule, with "perhaps" where it may not match
// all of them.
func (e *explanation) traffic(on netset.Ports, found netset.Permitted) string {
	text := " on " + on.String()
	if !on.Minus(found.Definite).Empty() {
		text += ", perhaps"
	}
	return text
}

// otherReasons names a policy of another kind that may decide otherwise.
func (e *explanation) otherReasons() []fact.Reason {
	if e.self.Workload == nil {
		return nil
	}
	o := e.UnmodelledPolicy(e.self.Workload, e.d)
	if o == nil {
		return nil
	}
	return []fact.Reason{{Object: o, Path: nil, Effect: "is a policy of a kind that is not modelled and may decide otherwise"}}
}
