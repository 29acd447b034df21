package analyzer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Why explains one question: what allows it or, when denied, what denies it
// and what would have to change. Port 0 asks for any port; a port is asked for
// in every protocol, of which one is enough. Where a name means several
// workloads, the verdict is theirs if they agree, and unknown if not.
func (m *Model) Why(from, to string, port int) ([]Reason, Verdict, error) {
	var reasons []Reason
	var verdict Verdict
	var ask question
	var err error
	if from == Anonymous { // to the network it is any pod
		from = "any-namespace/any-pod"
	}
	if ask.from, err = m.called(from, true); err != nil {
		return nil, Unsure, err
	}
	if ask.to, err = m.called(to, true); err != nil {
		return nil, Unsure, err
	}
	if ask.ports, err = m.portsAsked(to, port); err != nil {
		return nil, Unsure, err
	}
	for _, s := range m.sets {
		n := s.network()
		for _, pair := range n.pairs(&ask) {
			found, why := n.why(pair[0], pair[1], ask.ports(pair[1]))
			if verdict != "" && verdict != found {
				found = Unsure
			}
			verdict = found
			reasons = append(reasons, why...)
		}
	}
	reasons = sayOnce(reasons)
	if verdict == "" {
		return nil, Unsure, fmt.Errorf("no policy decides about connections from %q to %q: they are one workload, lie both outside the tree, or belong to manifests that are not applied together", from, to)
	}
	return reasons, verdict, nil
}

// pairs lists the pairs that a question means, connections that no policy
// decides aside.
func (n *network) pairs(ask *question) [][2]*Endpoint {
	ends := n.endpoints(true)
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

func (n *network) why(src, dst *Endpoint, asked portSet) (Verdict, []Reason) {
	found := n.permits(src.party, dst.party)
	verdict := Denied
	switch yes, may := found.yes.intersect(asked), found.may.intersect(asked); {
	case !yes.empty():
		verdict, asked = Allowed, yes
	case !may.empty():
		verdict, asked = Unsure, may
	}
	return verdict, n.because(src, dst, asked)
}

// because names what decides about these ports, the destination's side first.
func (n *network) because(src, dst *Endpoint, ports portSet) []Reason {
	in := account{network: n, self: dst, peer: src, dst: dst.party, d: ingress, ports: ports}
	out := account{network: n, self: src, peer: dst, dst: dst.party, d: egress, ports: ports}
	return append(in.reasons(), out.reasons()...)
}

// account explains one direction of one endpoint.
type account struct {
	*network

	self, peer *Endpoint
	dst        *party
	d          direction
	ports      portSet
}

func (a *account) reasons() []Reason {
	self := a.self.party
	switch {
	case self.kind != podParty:
		return nil
	case self.node():
		return append(a.otherReasons(), a.hostNetwork(a.self.Workload, "runs in the host network, where NetworkPolicies are not enforced"))
	}
	side := self.side(a.d)
	out := a.tierReasons(side.tiers.admin)
	if a.ports.empty() {
		return out // the Admin tier decides it all
	}
	out = append(out, a.policyReasons(side)...)
	if len(side.sure) == 0 {
		out = append(out, a.tierReasons(side.tiers.baseline)...)
	}
	out = append(out, a.otherReasons()...)
	if side.unread || a.set.unmodeled.unread {
		out = append(out, a.workload(a.self.Workload, "may be selected by policies that were not read"))
	}
	if a.peer.party.node() {
		out = append(out, a.hostNetwork(a.peer.Workload, "runs in the host network: its traffic is its node's, which is always allowed on the node of "+a.self.Name+" and elsewhere by rules for everybody only"))
	}
	return out
}

func (a *account) hostNetwork(w *Workload, effect string) Reason {
	return Reason{w.object, w.podPath("spec", "hostNetwork"), effect}
}

func (a *account) workload(w *Workload, effect string) Reason {
	return Reason{w.object, w.anchor().Path, effect}
}

// tierReasons names the rules that speak of the traffic, in their order, and
// leaves the ports that the next tier has a say in.
func (a *account) tierReasons(policies []*tierPolicy) []Reason {
	var out []Reason
	rest := a.ports
	for _, t := range policies {
		for _, r := range t.rules {
			if r.direction != a.d {
				continue
			}
			found := r.traffic(t.pods.has(a.self.party), a.peer.party, a.dst)
			if on := found.may.intersect(rest); !on.empty() {
				verb := [...]string{accept: "accepts", deny: "denies", pass: "leaves to the next tier"}[r.action]
				out = append(out, Reason{t.Object, r.path, verb + " " + a.peer.Name + a.traffic(on, found)})
			}
			if r.action != pass {
				a.ports = a.ports.minus(found.yes.intersect(rest))
			}
			rest = rest.minus(found.yes)
		}
	}
	return out
}

// policyReasons names the rules that admit the traffic or, where none does,
// the policies that isolate the workload.
func (a *account) policyReasons(side *side) []Reason {
	if len(side.sure)+len(side.unsure) == 0 {
		return []Reason{a.workload(a.self.Workload, "no NetworkPolicy isolates its "+string(a.d))}
	}
	var admitting, isolating []Reason
	for i, p := range append(append([]*networkPolicy{}, side.sure...), side.unsure...) {
		for _, r := range p.rules {
			if reason, ok := a.admitting(r); ok {
				admitting = append(admitting, reason)
			}
		}
		effect := "isolates the " + string(a.d) + " of " + a.self.Name
		if i >= len(side.sure) {
			effect = "may isolate the " + string(a.d) + " of " + a.self.Name + ", by labels that manifests do not settle"
		}
		isolating = append(isolating, Reason{p.Object, yaml.Path{"spec", "podSelector"}, effect + ", and no rule admits " + a.peer.Name +
			" on " + a.ports.String() + "; a rule under spec." + string(a.d) + " would have to"})
	}
	if len(admitting) > 0 {
		return admitting
	}
	return isolating
}

func (a *account) admitting(r *policyRule) (Reason, bool) {
	if r.direction != a.d {
		return Reason{}, false
	}
	found := r.portsOn(a.dst)
	switch r.admits(a.peer.party) {
	case No:
		return Reason{}, false
	case Unknown:
		found.yes = portSet{}
	case Yes:
	}
	on := found.may.intersect(a.ports)
	if on.empty() {
		return Reason{}, false
	}
	path, whom := r.path, "everybody"
	for i := range r.resolved {
		one := matcher{resolved: r.resolved[i : i+1]}
		if a.peer.party.kind == addressParty {
			one = matcher{ranges: unionOfBlocks(r.peers[i : i+1])}
			one.locate(a.set.addresses)
		}
		if one.admits(a.peer.party) != No {
			path, whom = r.peersPath.Join(i), describePeer(&r.peers[i])
			break
		}
	}
	return Reason{r.policy.Object, path, "admits " + whom + a.traffic(on, found)}, true
}

// traffic writes ports, and whether it is certain that the rule means them.
func (a *account) traffic(on portSet, found permitted) string {
	text := " on " + on.String()
	if !on.minus(found.yes).empty() {
		text += ", perhaps"
	}
	return text
}

// String writes ports as people do: `TCP 80, 8000-8001, UDP 53`.
func (s portSet) String() string {
	if s.whole() {
		return "every port"
	}
	var parts []string
	for i, name := range protocols() {
		if s[i].whole() {
			parts = append(parts, "every "+name+" port")
			continue
		}
		for j, r := range s[i] {
			text := strconv.Itoa(r.First)
			if r.Last > r.First {
				text += "-" + strconv.Itoa(r.Last)
			}
			if j == 0 {
				text = name + " " + text
			}
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}
