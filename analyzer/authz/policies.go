package authz

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	securityistio "istio.io/api/security/v1beta1"
	typeistio "istio.io/api/type/v1beta1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// policy is an AuthorizationPolicy, its rules and the workloads that it selects.
type policy struct {
	*decode.Decoded
	spec                       *securityistio.AuthorizationPolicy
	ns                         *inventory.Namespace
	sel                        inventory.Selector
	targets                    []*typeistio.PolicyTargetReference
	rules                      []*rule
	root                       bool // lies in the mesh root namespace: holds for the whole mesh
	dryRun                     bool
	selected, possiblySelected []*inventory.Workload
}

// requestAuth is a RequestAuthentication and the workloads that it selects.
type requestAuth struct {
	*decode.Decoded
	spec                       *securityistio.RequestAuthentication
	ns                         *inventory.Namespace
	sel                        inventory.Selector
	targets                    []*typeistio.PolicyTargetReference
	root                       bool
	selected, possiblySelected []*inventory.Workload
}

// Policies are the AuthorizationPolicies and RequestAuthentications of a set,
// and where each is in force. Policies without a selector are kept by
// namespace, not by workload: there would be workloads × policies.
type Policies struct {
	inventory *inventory.Inventory
	mesh      *mesh.Mesh

	policies            []*policy
	requests            []*requestAuth
	meshWide            []*policy
	byNamespace         map[string][]*policy
	selecting, possible map[*inventory.Workload][]*policy // with a selector that matches for certain, or may
	byGateway           map[string][]*policy              // Gateway of the Gateway API, namespace/name
	byGatewayOld        map[string][]*policy              // policies of a namespace that target an Istio Gateway
	waypoints           []*policy                         // of the root namespace, for every waypoint
	attached            bool                              // some policy has targetRefs
	named               map[[3]string]bool                // kind, namespace and name of what policies may target
	nonPodWorkloads     map[string]bool                   // namespaces with workloads that are not pods
	accounts            map[string]accountUse
	routedByClaim       bool // a route matches on a claim of a token
	slashesMerged       bool // repeated slashes of a path are merged before it is compared

	// assumed is filled by Cover and Subjects.
	assumed map[string]bool
	// Caches: they hold answers that depend on nothing that changes after New.
	plaintextVerdicts map[*inventory.Port]fact.Verdict // see plaintextAllowed
	callerLimits      map[*inventory.Workload]fact.Tri // see callersLimited
}

// Assume adds to the sentences that say what the answers take for granted, once
// the facts are laid out.
func (ps *Policies) Assume(to map[string]bool) { maps.Copy(to, ps.assumed) }

// New reads the policies and finds where each is in force.
func New(mesh *mesh.Mesh) *Policies {
	ps := &Policies{
		inventory: mesh.Inventory, mesh: mesh,
		byNamespace: map[string][]*policy{}, selecting: map[*inventory.Workload][]*policy{}, possible: map[*inventory.Workload][]*policy{},
		byGateway: map[string][]*policy{}, byGatewayOld: map[string][]*policy{},
		named: map[[3]string]bool{}, nonPodWorkloads: map[string]bool{}, plaintextVerdicts: map[*inventory.Port]fact.Verdict{}, callerLimits: map[*inventory.Workload]fact.Tri{},
		assumed: map[string]bool{},
	}
	ps.readPolicies()
	ps.accounts, ps.routedByClaim, ps.slashesMerged = ps.readAccounts(), ps.routeByClaim(), ps.mergesSlashes()
	ps.resolve()
	return ps
}

func (ps *Policies) readPolicies() {
	for _, o := range ps.inventory.Objects {
		switch o.Kind {
		case "Gateway", "Service", "ServiceEntry":
			ps.named[[3]string{o.Kind, o.Namespace, o.Name}] = true
		case "WorkloadEntry", "WorkloadGroup":
			ps.nonPodWorkloads[o.Namespace] = true
		}
	}
	for o, spec := range decode.Each[*securityistio.AuthorizationPolicy](ps.inventory.Objects) {
		p := &policy{
			Decoded: o, spec: spec, ns: ps.inventory.Namespace(o.Namespace), root: o.Namespace == ps.mesh.RootNamespace(),
			sel: inventory.MapSelector(spec.GetSelector().GetMatchLabels()), targets: decode.TargetsOf(spec), dryRun: isDryRun(o),
		}
		p.readRules()
		ps.policies = append(ps.policies, p)
	}
	for o, spec := range decode.Each[*securityistio.RequestAuthentication](ps.inventory.Objects) {
		ps.requests = append(ps.requests, &requestAuth{
			Decoded: o, spec: spec, ns: ps.inventory.Namespace(o.Namespace), root: o.Namespace == ps.mesh.RootNamespace(),
			sel: inventory.MapSelector(spec.GetSelector().GetMatchLabels()), targets: decode.TargetsOf(spec),
		})
	}
	// The order of policies in messages must not depend on the files they are in.
	slices.SortStableFunc(ps.policies, func(a, b *policy) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}

// isDryRun reads the annotation as istiod does: what is not a boolean is false.
// istio/istio pilot/pkg/security/authz/builder/builder.go (isDryRun).
func isDryRun(o *decode.Decoded) bool {
	v, err := strconv.ParseBool(o.Meta.Annotations["istio.io/dry-run"])
	return err == nil && v
}

// action is what a policy does with the requests that its rules match.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/#AuthorizationPolicy-Action
type action string

const (
	actionAllow  action = "ALLOW"
	actionDeny   action = "DENY"
	actionAudit  action = "AUDIT"
	actionCustom action = "CUSTOM"
)

func (p *policy) action() action { return action(p.spec.GetAction().String()) }

// resolve finds where each policy is in force. A selector in the root
// namespace selects in every namespace, unlike a PeerAuthentication's, and a
// policy with targetRefs holds for what it names and for nothing else.
// istio/istio pilot/pkg/model/policyattachment.go (ShouldAttachPolicy) and
// https://istio.io/latest/docs/reference/config/security/authorization-policy/
func (ps *Policies) resolve() {
	for _, p := range ps.policies {
		switch {
		case len(p.targets) > 0:
			ps.applyTargets(p)
		case p.sel.Empty() && p.root:
			ps.meshWide = append(ps.meshWide, p)
		case p.sel.Empty():
			ps.byNamespace[p.Namespace] = append(ps.byNamespace[p.Namespace], p)
		default:
			ps.applySelector(p)
		}
	}
	for _, r := range ps.requests {
		if len(r.targets) == 0 {
			r.selected, r.possiblySelected = ps.matching(r.sel, r.ns, r.root)
		}
	}
}

func (ps *Policies) applySelector(p *policy) {
	p.selected, p.possiblySelected = ps.matching(p.sel, p.ns, p.root)
	for _, w := range p.selected {
		ps.selecting[w] = append(ps.selecting[w], p)
	}
	for _, w := range p.possiblySelected {
		ps.possible[w] = append(ps.possible[w], p)
	}
}

// matching matches in one namespace, or in all of them.
func (ps *Policies) matching(sel inventory.Selector, ns *inventory.Namespace, everywhere bool) (definite, possible []*inventory.Workload) {
	if !everywhere {
		return ns.Index.Match(sel)
	}
	for _, name := range slices.Sorted(maps.Keys(ps.inventory.Namespaces)) {
		y, m := ps.inventory.Namespaces[name].Index.Match(sel)
		definite, possible = append(definite, y...), append(possible, m...)
	}
	return definite, possible
}

// applyTargets follows targetRefs: a Gateway of the policy's own namespace,
// every waypoint from the root namespace, and Services or ServiceEntries, which
// only waypoints know. Such a policy has no effect on a sidecar.
func (ps *Policies) applyTargets(p *policy) {
	ps.attached = true
	for _, t := range p.targets {
		switch group, kind := t.GetGroup(), t.GetKind(); {
		case group == inventory.GatewayGroup && kind == "Gateway":
			key := p.Namespace + "/" + t.GetName()
			ps.byGateway[key] = append(ps.byGateway[key], p)
		case group == inventory.GatewayGroup && kind == "GatewayClass" && p.root:
			ps.waypoints = append(ps.waypoints, p)
		case group == "networking.istio.io" && kind == "Gateway":
			ps.byGatewayOld[p.Namespace] = append(ps.byGatewayOld[p.Namespace], p)
		}
	}
}

// NamedPorts lists the ports that the rules of a workload's policies compare: at
// any other the answers are equal.
func (ps *Policies) NamedPorts(w *inventory.Workload) []int {
	var out []int
	definite, possible := ps.policiesOf(w)
	for _, p := range slices.Concat(definite, possible) {
		for _, r := range p.rules {
			for _, text := range r.ports() {
				if n, err := strconv.Atoi(text); err == nil {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// policiesOf returns the policies that are in force on a workload for certain,
// and those that may be. A waypoint follows targetRefs only; any other gateway
// follows selectors too (ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY, on by default).
func (ps *Policies) policiesOf(w *inventory.Workload) (definite, possible []*policy) {
	gateway, isGateway := w.Labels[inventory.GatewayGroup+"/gateway-name"]
	if isGateway {
		definite = append(definite, ps.byGateway[w.Namespace+"/"+gateway]...)
		if w.IsWaypoint() {
			return append(definite, ps.waypoints...), nil
		}
	}
	definite = append(definite, ps.meshWide...)
	definite = append(definite, ps.byNamespace[w.Namespace]...)
	definite = append(definite, ps.selecting[w]...)
	possible = append(possible, ps.possible[w]...)
	if w.Gateway {
		// Newer releases attach policies to Istio's own Gateways.
		possible = append(possible, ps.byGatewayOld[w.Namespace]...)
	}
	return definite, possible
}

// unread reports that policies which were not read may be in force.
func (ps *Policies) unread(w *inventory.Workload) bool {
	const kind = "AuthorizationPolicy"
	return w.Implied || decode.IsPlaceholder(w.Namespace) || ps.inventory.Gaps.Unread(w.Namespace, kind) || ps.inventory.Gaps.Unread(ps.mesh.RootNamespace(), kind) || ps.inventory.Stray(kind, w) != nil
}

// inForceOn lists the workloads that a policy is in force on.
func (ps *Policies) inForceOn(p *policy) []*inventory.Workload {
	switch {
	case len(p.targets) > 0 || !p.sel.Empty():
		return p.selected
	case p.root:
		return ps.inventory.Workloads
	default:
		return p.ns.Index.All
	}
}

func (p *policy) at(steps ...any) fact.Source {
	return fact.Source{Object: p.Object, Path: yaml.Path{"spec"}.Join(steps...)}
}
