package authz

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Subjects are the subjects of AuthorizationPolicies, by namespace and name, and
// of RequestAuthentications, in the order of the set's objects.
func (ps *Policies) Subjects() []fact.Subject {
	var out []fact.Subject
	for _, p := range ps.policies {
		out = append(out, decode.NamedSubject("authorization_policy", "policy", ps.policyFacts(p), p.Decoded))
	}
	for _, r := range ps.requests {
		out = append(out, decode.NamedSubject("request_authentication", "policy", ps.requestFacts(r), r.Decoded))
	}
	return out
}

func (ps *Policies) policyFacts(p *policy) *fact.AuthorizationPolicyFacts {
	f := &fact.AuthorizationPolicyFacts{
		Action: string(p.action()), RootNamespace: p.root, Selector: "none", Selects: fact.Unknown, Complete: p.ns.CompleteFor(p.Object),
		Targets: ps.targetFacts(p), Rules: make([]fact.AuthzRuleFacts, 0, len(p.rules)),
	}
	f.DryRun = fact.DryRunFacts{On: p.dryRun, Evidence: fact.Evidence{
		From: fact.Source{Object: p.Object, Path: yaml.Path{"metadata", "annotations", "istio.io/dry-run"}},
	}}
	if !p.sel.Empty() {
		f.Selector = "some"
		f.Selects = ps.inventory.Answer(p.sel, p.selected, p.possiblySelected, p.ns)
		f.PodSel = inventory.SelectorFacts(p.Decoded, p.sel, p.ns, f.Selects, "spec", "selector")
	}
	if p.root {
		f.Complete = fact.No // it selects in every namespace of the cluster
	}
	for _, r := range p.rules {
		f.Rules = append(f.Rules, ps.ruleFacts(r))
	}
	return f
}

// targetFacts looks up what a policy is attached to. That a target does not
// exist is known in a complete namespace only.
func (ps *Policies) targetFacts(p *policy) []fact.TargetFacts {
	out := make([]fact.TargetFacts, 0, len(p.targets))
	list := "targetRefs"
	if len(p.spec.GetTargetRefs()) == 0 {
		list = "targetRef"
	}
	for i, t := range p.targets {
		f := fact.TargetFacts{Kind: t.GetKind(), Found: fact.Unknown, Waypoint: fact.Unknown}
		f.From = p.at(list, i, "name")
		if list == "targetRef" {
			f.From = p.at(list, "name")
		}
		f.Names = map[string]string{"target": t.GetKind() + " `" + t.GetName() + "`"}
		switch f.Kind {
		case "Gateway", "Service", "ServiceEntry":
			f.Found = ps.found(t.GetKind(), p, t.GetName())
			f.Waypoint = ps.mesh.ServiceWaypoint(f.Kind, p.ns, t.GetName())
		case "GatewayClass":
		default:
			f.Kind = "other"
		}
		out = append(out, f)
	}
	return out
}

func (ps *Policies) found(kind string, p *policy, name string) fact.Tri {
	if ps.named[[3]string{kind, p.Namespace, name}] {
		return fact.Yes
	}
	if decode.IsPlaceholder(name) || ps.inventory.Gaps.Unread(p.Namespace, kind) || p.ns.CompleteFor(p.Object) != fact.Yes {
		return fact.Unknown
	}
	return fact.No
}

func (ps *Policies) ruleFacts(r *rule) fact.AuthzRuleFacts {
	f := fact.AuthzRuleFacts{
		InForce: fact.No, AllowsAll: r.policy.action() == actionAllow && !r.policy.dryRun && r.open(), OtherPolicyRestricts: fact.Unknown, TCPPorts: "none", UnsupportedByZtunnel: fact.No,
		HTTP: r.http, Pattern: ps.patternFacts(r), Header: r.headerFacts(), References: ps.references(r),
	}
	f.From = fact.Source{Object: r.policy.Object, Path: r.path}
	f.Identity.Plaintext = "none"
	members := slices.DeleteFunc(slices.Clone(ps.inForceOn(r.policy)), func(w *inventory.Workload) bool {
		return ps.mesh.Member(w) == fact.NoMesh || w.HostNetwork()
	})
	if len(r.policy.possiblySelected) > 0 || len(r.policy.targets) > 0 {
		f.InForce = fact.Unknown
	}
	ps.describeWorkloads(r, members, &f)
	if r.policy.sel.Empty() && !f.AllowsAll && f.UnsupportedByZtunnel != fact.Yes {
		f.Workloads = nil // a list of every workload of a namespace or mesh says nothing
	}
	ps.overTCP(r, members, &f)
	ps.identityFacts(r, members, &f.Identity)
	return f
}

// describeWorkloads sets what the rule's workloads have in common.
func (ps *Policies) describeWorkloads(r *rule, members []*inventory.Workload, f *fact.AuthzRuleFacts) {
	beyond := r.layer7 || r.policy.action() == actionCustom || r.policy.action() == actionAudit
	f.EntryPointsOnly = len(members) > 0
	for i, w := range members {
		f.Workloads = append(f.Workloads, w.Ref())
		if ps.mesh.Member(w) != fact.UnknownMember {
			f.InForce = fact.Yes
		} else if f.InForce == fact.No {
			f.InForce = fact.Unknown
		}
		f.EntryPointsOnly = f.EntryPointsOnly && forAnyCaller(w)
		if guarded := ps.callersLimited(w); i == 0 {
			f.OtherPolicyRestricts = guarded
		} else {
			f.OtherPolicyRestricts = inventory.And(f.OtherPolicyRestricts, guarded)
		}
		if beyond && ps.mesh.Member(w) == fact.Ambient && ps.mesh.Waypoint(w) == fact.No {
			f.UnsupportedByZtunnel = fact.Yes
		}
	}
}

// forAnyCaller recognises workloads that callers of every kind are meant to
// reach: gateways, admission webhooks and Knative's activator.
func forAnyCaller(w *inventory.Workload) bool {
	if w.Gateway || w.Platform {
		return true
	}
	for _, key := range []string{"app", "istio", "app.kubernetes.io/name", "app.kubernetes.io/component", "role"} {
		v := w.Labels[key]
		if v == "activator" || strings.HasSuffix(v, "gateway") || strings.Contains(v, "webhook") {
			return true
		}
	}
	for _, p := range w.Ports {
		if p.Purpose == fact.ForWebhook {
			return true
		}
	}
	return false
}

// callersLimited answers whether a DENY or CUSTOM policy limits who may call.
func (ps *Policies) callersLimited(w *inventory.Workload) fact.Tri {
	answer, ok := ps.callerLimits[w]
	if !ok {
		answer = ps.limitsCallers(w)
		ps.callerLimits[w] = answer
	}
	return answer
}

func (ps *Policies) limitsCallers(w *inventory.Workload) fact.Tri {
	definite, possible := ps.policiesOf(w)
	limits := func(policies []*policy) bool {
		for _, p := range policies {
			if p.dryRun || p.action() == actionAllow {
				continue
			}
			if _, covered := ps.limitingPolicy(w, []*policy{p}, 0); covered == fact.Yes {
				return true
			}
		}
		return false
	}
	switch {
	case limits(definite):
		return fact.Yes
	case limits(possible) || ps.unread(w):
		return fact.Unknown
	}
	return fact.No
}

// overTCP names the ports that a rule with HTTP conditions concerns and that
// Istio handles as plain TCP. Ambient pods do not count: ztunnel never handles
// HTTP.
func (ps *Policies) overTCP(r *rule, members []*inventory.Workload, f *fact.AuthzRuleFacts) {
	if !f.HTTP {
		return
	}
	all, names := true, map[string]bool{}
	var workloads []fact.WorkloadRef
	for _, w := range members {
		if ps.mesh.Member(w) == fact.Ambient {
			continue
		}
		tcp, others := ps.tcpPorts(w, r)
		all = all && !others
		for _, p := range tcp {
			names[p.String()] = true
		}
		if len(tcp) > 0 {
			workloads = append(workloads, w.Ref())
		}
	}
	if len(names) == 0 {
		return
	}
	f.TCPPorts = "some"
	if all && len(r.policy.possiblySelected) == 0 {
		f.TCPPorts = "all"
	}
	f.Names = map[string]string{"tcp": fact.JoinSorted(names), "victims": nameList(workloads)}
}

// tcpPorts lists the workload's ports that a rule concerns and that Istio handles
// as plain TCP, and reports whether the rule concerns others.
func (ps *Policies) tcpPorts(w *inventory.Workload, r *rule) (tcp []*inventory.Port, others bool) {
	for _, p := range w.Ports {
		switch {
		case p.Protocol != "TCP" || !ps.mesh.Capture(w, p.Number).Enforced() || !r.concerns(p.Number):
		case ps.protocolOf(w, p.Number) == tcpProtocol:
			tcp = append(tcp, p)
		default:
			others = true
		}
	}
	return tcp, others
}

// nameList writes up to three workloads as messages do.
func nameList(refs []fact.WorkloadRef) string {
	names := make([]string, 0, len(refs))
	for _, r := range refs {
		names = append(names, "`"+r.ID+"`")
	}
	return strings.Join(few(names, fewRules), ", ")
}
