package analyzer

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

func (s *setModel) authzSubjects() []Subject {
	var out []Subject
	for _, p := range s.authz.policies {
		out = append(out, namedSubject("authorization_policy", "policy", s.authzFacts(p), p.decoded))
	}
	for _, r := range s.authz.requests {
		out = append(out, namedSubject("request_authentication", "policy", s.requestFacts(r), r.decoded))
	}
	return out
}

func (s *setModel) authzFacts(p *authzPolicy) *AuthorizationPolicyFacts {
	f := &AuthorizationPolicyFacts{
		Action: p.action(), RootNamespace: p.root, Selector: "none", Selects: Unknown, Closed: p.ns.closedFor(p.Object),
		Targets: s.targetFacts(p), Rules: make([]AuthzRuleFacts, 0, len(p.rules)),
	}
	f.DryRun = DryRunFacts{On: p.dryRun, Evidence: Evidence{
		From: Source{Object: p.Object, Path: yaml.Path{"metadata", "annotations", "istio.io/dry-run"}},
	}}
	if !p.sel.empty() {
		f.Selector = "some"
		f.Selects = s.answer(p.sel, p.selected, p.maybe, p.ns)
		f.PodSel = selectorFacts(p.decoded, p.sel, p.ns, f.Selects, "spec", "selector")
	}
	if p.root {
		f.Closed = No // it selects in every namespace of the cluster
	}
	for _, r := range p.rules {
		f.Rules = append(f.Rules, s.authzRuleFacts(r))
	}
	return f
}

// targetFacts looks for what a policy is attached to. That something is not
// there is said in a closed namespace only.
func (s *setModel) targetFacts(p *authzPolicy) []TargetFacts {
	out := make([]TargetFacts, 0, len(p.targets))
	list := "targetRefs"
	if len(p.spec.GetTargetRefs()) == 0 {
		list = "targetRef"
	}
	for i, t := range p.targets {
		f := TargetFacts{Kind: t.GetKind(), Found: Unknown, Waypoint: Unknown}
		f.From = p.at(list, i, "name")
		if list == "targetRef" {
			f.From = p.at(list, "name")
		}
		f.Names = map[string]string{"target": t.GetKind() + " `" + t.GetName() + "`"}
		switch f.Kind {
		case "Gateway", "Service", "ServiceEntry":
			f.Found = s.found(t.GetKind(), p, t.GetName())
			f.Waypoint = s.serviceWaypoint(f.Kind, p.ns, t.GetName())
		case "GatewayClass":
		default:
			f.Kind = "other"
		}
		out = append(out, f)
	}
	return out
}

func (s *setModel) found(kind string, p *authzPolicy, name string) Tri {
	if s.authz.named[[3]string{kind, p.Namespace, name}] {
		return Yes
	}
	if isPlaceholder(name) || s.gaps.unread(p.Namespace, kind) || p.ns.closedFor(p.Object) != Yes {
		return Unknown
	}
	return No
}

func (s *setModel) authzRuleFacts(r *authzRule) AuthzRuleFacts {
	f := AuthzRuleFacts{
		InForce: No, Open: r.policy.action() == "ALLOW" && !r.policy.dryRun && r.open(), Guarded: Unknown, OnTCP: "none", Ztunnel: No,
		HTTP: r.http, Pattern: s.patternFacts(r), Header: r.headerFacts(), References: s.authzReferences(r),
	}
	f.From = Source{Object: r.policy.Object, Path: r.path}
	f.Identity.Plaintext = "none"
	members := slices.DeleteFunc(slices.Clone(s.inForceOn(r.policy)), func(w *Workload) bool {
		return w.Facts.Mesh.Member == "none" || w.hostNetwork()
	})
	if len(r.policy.maybe) > 0 || len(r.policy.targets) > 0 {
		f.InForce = Unknown
	}
	s.judgeMembers(r, members, &f)
	if r.policy.sel.empty() && !f.Open && f.Ztunnel != Yes {
		f.Workloads = nil // what a whole namespace or mesh has in common needs no list
	}
	s.overTCP(r, members, &f)
	s.identityFacts(r, members, &f.Identity)
	return f
}

// judgeMembers tells what the rule's workloads have in common.
func (s *setModel) judgeMembers(r *authzRule, members []*Workload, f *AuthzRuleFacts) {
	beyond := r.layer7 || r.policy.action() == "CUSTOM" || r.policy.action() == "AUDIT"
	f.Entry = len(members) > 0
	for i, w := range members {
		f.Workloads = append(f.Workloads, w.ref())
		if w.Facts.Mesh.Member != "unknown" {
			f.InForce = Yes
		} else if f.InForce == No {
			f.InForce = Unknown
		}
		f.Entry = f.Entry && w.isEntry()
		if guarded := s.guarded(w); i == 0 {
			f.Guarded = guarded
		} else {
			f.Guarded = and3(f.Guarded, guarded)
		}
		if beyond && w.Facts.Mesh.Member == "ambient" && s.waypoint(w) == No {
			f.Ztunnel = Yes
		}
	}
}

func and3(a, b Tri) Tri {
	switch {
	case a == No || b == No:
		return No
	case a == Unknown || b == Unknown:
		return Unknown
	}
	return Yes
}

// isEntry recognises workloads that callers of every kind are meant to reach:
// gateways, admission webhooks and Knative's activator.
func (w *Workload) isEntry() bool {
	if w.Facts.Gateway || w.Facts.Platform {
		return true
	}
	for _, key := range []string{"app", "istio", "app.kubernetes.io/name", "app.kubernetes.io/component", "role"} {
		v := w.Labels[key]
		if v == "activator" || strings.HasSuffix(v, "gateway") || strings.Contains(v, "webhook") {
			return true
		}
	}
	for _, p := range w.ports {
		if p.facts.Purpose == "webhook" {
			return true
		}
	}
	return false
}

// guarded answers whether a DENY or CUSTOM policy limits who may call.
func (s *setModel) guarded(w *Workload) Tri {
	answer, ok := s.authz.guards[w]
	if !ok {
		answer = s.guard(w)
		s.authz.guards[w] = answer
	}
	return answer
}

func (s *setModel) guard(w *Workload) Tri {
	sure, unsure := s.policiesOf(w)
	limits := func(policies []*authzPolicy) bool {
		for _, p := range policies {
			if p.dryRun || p.action() == "ALLOW" {
				continue
			}
			if _, covered := s.coverOf(w, []*authzPolicy{p}, 0); covered == Yes {
				return true
			}
		}
		return false
	}
	switch {
	case limits(sure):
		return Yes
	case limits(unsure) || s.authzUnread(w):
		return Unknown
	}
	return No
}

// overTCP counts the ports that a rule with HTTP attributes is for and that
// Istio treats as plain TCP. Only sidecars care: ztunnel has no HTTP at all.
func (s *setModel) overTCP(r *authzRule, members []*Workload, f *AuthzRuleFacts) {
	if !f.HTTP {
		return
	}
	all, names := true, map[string]bool{}
	var workloads []WorkloadRef
	for _, w := range members {
		if w.Facts.Mesh.Member == "ambient" {
			continue
		}
		tcp, others := s.tcpPorts(w, r)
		all = all && !others
		for _, p := range tcp {
			names[p.String()] = true
		}
		if len(tcp) > 0 {
			workloads = append(workloads, w.ref())
		}
	}
	if len(names) == 0 {
		return
	}
	f.OnTCP = "some"
	if all && len(r.policy.maybe) == 0 {
		f.OnTCP = "all"
	}
	f.Names = map[string]string{"tcp": joinSorted(names), "victims": nameList(workloads)}
}

// tcpPorts lists the workload's ports that a rule is for and that are plain
// TCP to Istio, and says whether there are others.
func (s *setModel) tcpPorts(w *Workload, r *authzRule) (tcp []*port, others bool) {
	for _, p := range w.ports {
		switch {
		case p.protocol != "TCP" || s.notCaptured(w, p.number) || !r.concerns(p.number):
		case s.httpTri(w, p.number) == noHTTP:
			tcp = append(tcp, p)
		default:
			others = true
		}
	}
	return tcp, others
}

// nameList writes up to three workloads as messages do.
func nameList(refs []WorkloadRef) string {
	names := make([]string, 0, len(refs))
	for _, r := range refs {
		names = append(names, "`"+r.ID+"`")
	}
	return strings.Join(few(names, fewRules), ", ")
}
