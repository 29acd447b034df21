package connect

import (
	"fmt"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Why explains one question: what allows it or, when denied, what denies it
// and what would have to change. Port 0 asks for any port; a port is asked for
// in every protocol, of which one is enough. Where a name means several
// workloads, the verdict is theirs if they agree, and unknown if not.
func (m Sets) Why(from, to string, port int) ([]fact.Reason, fact.Verdict, error) {
	var reasons []fact.Reason
	var verdict fact.Verdict
	var ask question
	var err error
	if from == Anonymous { // to the network it is any pod
		from = "any-namespace/any-pod"
	}
	if ask.from, err = m.called(from, true); err != nil {
		return nil, fact.Undetermined, err
	}
	if ask.to, err = m.called(to, true); err != nil {
		return nil, fact.Undetermined, err
	}
	if ask.ports, err = m.portsAsked(to, port); err != nil {
		return nil, fact.Undetermined, err
	}
	for _, s := range m {
		n := s.Network
		for _, pair := range pairs(n, &ask) {
			found, why := why(n, pair[0], pair[1], ask.ports(pair[1]))
			if verdict != "" && verdict != found {
				found = fact.Undetermined
			}
			verdict = found
			reasons = append(reasons, why...)
		}
	}
	reasons = sayOnce(reasons)
	if verdict == "" {
		return nil, fact.Undetermined, fmt.Errorf("no policy decides about connections from %q to %q: they are one workload, lie both outside the tree, or belong to manifests that are not applied together", from, to)
	}
	return reasons, verdict, nil
}

// pairs lists the pairs that a question means, connections that no policy
// decides aside.
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
	found := n.Permits(src.Party, dst.Party)
	verdict := fact.Denied
	switch yes, may := found.Definite.Intersect(asked), found.Possible.Intersect(asked); {
	case !yes.Empty():
		verdict, asked = fact.Allowed, yes
	case !may.Empty():
		verdict, asked = fact.Undetermined, may
	}
	return verdict, because(n, src, dst, asked)
}

// because names what decides about these ports, the destination's side first.
func because(n *netpol.Network, src, dst *Endpoint, ports netset.Ports) []fact.Reason {
	in := explanation{Network: n, self: dst, peer: src, dst: dst.Party, d: fact.Ingress, ports: ports}
	out := explanation{Network: n, self: src, peer: dst, dst: dst.Party, d: fact.Egress, ports: ports}
	return append(in.reasons(), out.reasons()...)
}

// explanation explains one direction of one endpoint.
type explanation struct {
	*netpol.Network

	self, peer *Endpoint
	dst        *netpol.Endpoint
	d          fact.Direction
	ports      netset.Ports
}

func (a *explanation) reasons() []fact.Reason {
	self := a.self.Party
	switch {
	case self.Kind != netpol.PodEndpoint:
		return nil
	case self.OnHostNetwork():
		return append(a.otherReasons(), a.hostNetwork(a.self.Workload, "runs in the host network, where NetworkPolicies are not enforced"))
	}
	side := self.View(a.d)
	out := a.tierReasons(side.Tiers.Admin)
	if a.ports.Empty() {
		return out // the Admin tier decides it all
	}
	out = append(out, a.policyReasons(side)...)
	if len(side.Definite) == 0 {
		out = append(out, a.tierReasons(side.Tiers.Baseline)...)
	}
	out = append(out, a.otherReasons()...)
	if side.Unread() {
		out = append(out, a.workload(a.self.Workload, "may be selected by policies that were not read"))
	}
	if a.peer.Party.OnHostNetwork() {
		out = append(out, a.hostNetwork(a.peer.Workload, "runs in the host network: its traffic is its node's, which is always allowed on the node of "+a.self.Name+" and elsewhere by rules for everybody only"))
	}
	return out
}

func (a *explanation) hostNetwork(w *inventory.Workload, effect string) fact.Reason {
	return fact.Reason{Object: w.Object, Path: w.PodPath("spec", "hostNetwork"), Effect: effect}
}

func (a *explanation) workload(w *inventory.Workload, effect string) fact.Reason {
	return fact.Reason{Object: w.Object, Path: w.Anchor().Path, Effect: effect}
}

// tierReasons names the rules that speak of the traffic, in their order, and
// leaves the ports that the next tier has a say in.
func (a *explanation) tierReasons(policies []*netpol.TierPolicy) []fact.Reason {
	var out []fact.Reason
	rest := a.ports
	for _, t := range policies {
		for _, r := range t.Rules {
			if r.Direction != a.d {
				continue
			}
			found := r.Traffic(t.Subject.Selects(a.self.Party), a.peer.Party, a.dst)
			if on := found.Possible.Intersect(rest); !on.Empty() {
				verb := [...]string{netpol.Accept: "accepts", netpol.Deny: "denies", netpol.Pass: "leaves to the next tier"}[r.Action]
				out = append(out, fact.Reason{Object: t.Object, Path: r.Path, Effect: verb + " " + a.peer.Name + a.traffic(on, found)})
			}
			if r.Action != netpol.Pass {
				a.ports = a.ports.Minus(found.Definite.Intersect(rest))
			}
			rest = rest.Minus(found.Definite)
		}
	}
	return out
}

// policyReasons names the rules that admit the traffic or, where none does,
// the policies that isolate the workload.
func (a *explanation) policyReasons(side *netpol.PolicyView) []fact.Reason {
	if len(side.Definite)+len(side.Possible) == 0 {
		return []fact.Reason{a.workload(a.self.Workload, "no NetworkPolicy isolates its "+string(a.d))}
	}
	var admitting, isolating []fact.Reason
	for i, p := range append(append([]*netpol.Policy{}, side.Definite...), side.Possible...) {
		for _, r := range p.Rules {
			if reason, ok := a.admitting(r); ok {
				admitting = append(admitting, reason)
			}
		}
		effect := "isolates the " + string(a.d) + " of " + a.self.Name
		if i >= len(side.Definite) {
			effect = "may isolate the " + string(a.d) + " of " + a.self.Name + ", by labels that manifests do not settle"
		}
		isolating = append(isolating, fact.Reason{Object: p.Object, Path: yaml.Path{"spec", "podSelector"}, Effect: effect + ", and no rule admits " + a.peer.Name +
			" on " + a.ports.String() + "; a rule under spec." + string(a.d) + " would have to"})
	}
	if len(admitting) > 0 {
		return admitting
	}
	return isolating
}

func (a *explanation) admitting(r *netpol.Rule) (fact.Reason, bool) {
	if r.Direction != a.d {
		return fact.Reason{}, false
	}
	found := r.PortsOn(a.dst)
	switch r.Admits(a.peer.Party) {
	case fact.No:
		return fact.Reason{}, false
	case fact.Unknown:
		found.Definite = netset.Ports{}
	case fact.Yes:
	}
	on := found.Possible.Intersect(a.ports)
	if on.Empty() {
		return fact.Reason{}, false
	}
	path, whom := r.Path, "everybody"
	if p := r.PeerFor(a.peer.Party); p != nil {
		path, whom = p.Path, p.Describe()
	}
	return fact.Reason{Object: r.Policy.Object, Path: path, Effect: "admits " + whom + a.traffic(on, found)}, true
}

// traffic writes ports, and whether it is certain that the rule means them.
func (a *explanation) traffic(on netset.Ports, found netset.Permitted) string {
	text := " on " + on.String()
	if !on.Minus(found.Definite).Empty() {
		text += ", perhaps"
	}
	return text
}

// otherReasons names a policy of another kind that may decide otherwise.
func (a *explanation) otherReasons() []fact.Reason {
	if a.self.Workload == nil {
		return nil
	}
	o := a.Network.UnmodelledPolicy(a.self.Workload, a.d)
	if o == nil {
		return nil
	}
	return []fact.Reason{{Object: o, Path: nil, Effect: "is a policy of a kind that is not modelled and may decide otherwise"}}
}
