package authz

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

func (s *Policies) Subjects() []fact.Subject {
	var out []fact.Subject
	for _, p := range s.policies {
		out = append(out, decode.NamedSubject("authorization_policy", "policy", s.authzFacts(p), p.Decoded))
	}
	for _, r := range s.requests {
		out = append(out, decode.NamedSubject("request_authentication", "policy", s.requestFacts(r), r.Decoded))
	}
	return out
}

func (s *Policies) authzFacts(p *Policy) *fact.AuthorizationPolicyFacts {
	f := &fact.AuthorizationPolicyFacts{
		Action: p.action(), RootNamespace: p.root, Selector: "none", Selects: fact.Unknown, Complete: p.ns.CompleteFor(p.Object),
		Targets: s.targetFacts(p), Rules: make([]fact.AuthzRuleFacts, 0, len(p.Rules)),
	}
	f.DryRun = fact.DryRunFacts{On: p.dryRun, Evidence: fact.Evidence{
		From: fact.Source{Object: p.Object, Path: yaml.Path{"metadata", "annotations", "istio.io/dry-run"}},
	}}
	if !p.sel.Empty() {
		f.Selector = "some"
		f.Selects = s.inventory.Answer(p.sel, p.selected, p.possiblySelected, p.ns)
		f.PodSel = inventory.SelectorFacts(p.Decoded, p.sel, p.ns, f.Selects, "spec", "selector")
	}
	if p.root {
		f.Complete = fact.No // it selects in every namespace of the cluster
	}
	for _, r := range p.Rules {
		f.Rules = append(f.Rules, s.authzRuleFacts(r))
	}
	return f
}

// targetFacts looks for what a policy is attached to. That something is not
// there is said in a closed namespace only.
func (s *Policies) targetFacts(p *Policy) []fact.TargetFacts {
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
			f.Found = s.found(t.GetKind(), p, t.GetName())
			f.Waypoint = s.mesh.ServiceWaypoint(f.Kind, p.ns, t.GetName())
		case "GatewayClass":
		default:
			f.Kind = "other"
		}
		out = append(out, f)
	}
	return out
}

func (s *Policies) found(kind string, p *Policy, name string) fact.Tri {
	if s.named[[3]string{kind, p.Namespace, name}] {
		return fact.Yes
	}
	if decode.IsPlaceholder(name) || s.inventory.Gaps.Unread(p.Namespace, kind) || p.ns.CompleteFor(p.Object) != fact.Yes {
		return fact.Unknown
	}
	return fact.No
}

func (s *Policies) authzRuleFacts(r *Rule) fact.AuthzRuleFacts {
	f := fact.AuthzRuleFacts{
		InForce: fact.No, AllowsAll: r.policy.action() == "ALLOW" && !r.policy.dryRun && r.open(), OtherPolicyRestricts: fact.Unknown, TCPPorts: "none", UnsupportedByZtunnel: fact.No,
		HTTP: r.http, Pattern: s.patternFacts(r), Header: r.headerFacts(), References: s.authzReferences(r),
	}
	f.From = fact.Source{Object: r.policy.Object, Path: r.path}
	f.Identity.Plaintext = "none"
	members := slices.DeleteFunc(slices.Clone(s.inForceOn(r.policy)), func(w *inventory.Workload) bool {
		return s.mesh.Member(w) == fact.NoMesh || w.HostNetwork()
	})
	if len(r.policy.possiblySelected) > 0 || len(r.policy.targets) > 0 {
		f.InForce = fact.Unknown
	}
	s.judgeMembers(r, members, &f)
	if r.policy.sel.Empty() && !f.AllowsAll && f.UnsupportedByZtunnel != fact.Yes {
		f.Workloads = nil // what a whole namespace or mesh has in common needs no list
	}
	s.overTCP(r, members, &f)
	s.identityFacts(r, members, &f.Identity)
	return f
}

// judgeMembers tells what the rule's workloads have in common.
func (s *Policies) judgeMembers(r *Rule, members []*inventory.Workload, f *fact.AuthzRuleFacts) {
	beyond := r.layer7 || r.policy.action() == "CUSTOM" || r.policy.action() == "AUDIT"
	f.EntryPointsOnly = len(members) > 0
	for i, w := range members {
		f.Workloads = append(f.Workloads, w.Ref())
		if s.mesh.Member(w) != fact.UnknownMember {
			f.InForce = fact.Yes
		} else if f.InForce == fact.No {
			f.InForce = fact.Unknown
		}
		f.EntryPointsOnly = f.EntryPointsOnly && isEntry(w)
		if guarded := s.guarded(w); i == 0 {
			f.OtherPolicyRestricts = guarded
		} else {
			f.OtherPolicyRestricts = inventory.And(f.OtherPolicyRestricts, guarded)
		}
		if beyond && s.mesh.Member(w) == fact.Ambient && s.mesh.Waypoint(w) == fact.No {
			f.UnsupportedByZtunnel = fact.Yes
		}
	}
}

// isEntry recognises workloads that callers of every kind are meant to reach:
// gateways, admission webhooks and Knative's activator.
func isEntry(w *inventory.Workload) bool {
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

// guarded answers whether a DENY or CUSTOM policy limits who may call.
func (s *Policies) guarded(w *inventory.Workload) fact.Tri {
	answer, ok := s.guards[w]
	if !ok {
		answer = s.guard(w)
		s.guards[w] = answer
	}
	return answer
}

func (s *Policies) guard(w *inventory.Workload) fact.Tri {
	sure, unsure := s.PoliciesOf(w)
	limits := func(policies []*Policy) bool {
		for _, p := range policies {
			if p.dryRun || p.action() == "ALLOW" {
				continue
			}
			if _, covered := s.coverOf(w, []*Policy{p}, 0); covered == fact.Yes {
				return true
			}
		}
		return false
	}
	switch {
	case limits(sure):
		return fact.Yes
	case limits(unsure) || s.unread(w):
		return fact.Unknown
	}
	return fact.No
}

// overTCP counts the ports that a rule with HTTP attributes is for and that
// Istio treats as plain TCP. Only sidecars care: ztunnel has no HTTP at all.
func (s *Policies) overTCP(r *Rule, members []*inventory.Workload, f *fact.AuthzRuleFacts) {
	if !f.HTTP {
		return
	}
	all, names := true, map[string]bool{}
	var workloads []fact.WorkloadRef
	for _, w := range members {
		if s.mesh.Member(w) == fact.Ambient {
			continue
		}
		tcp, others := s.tcpPorts(w, r)
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

// tcpPorts lists the workload's ports that a rule is for and that are plain
// TCP to Istio, and says whether there are others.
func (s *Policies) tcpPorts(w *inventory.Workload, r *Rule) (tcp []*inventory.Port, others bool) {
	for _, p := range w.Ports {
		switch {
		case p.Protocol != "TCP" || s.notCaptured(w, p.Number) || !r.concerns(p.Number):
		case s.httpTri(w, p.Number) == noHTTP:
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
