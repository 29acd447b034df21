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

// Policy is an AuthorizationPolicy, its rules and the workloads that it
// is in force on.
type Policy struct {
	*decode.Decoded
	spec                       *securityistio.AuthorizationPolicy
	ns                         *inventory.Namespace
	sel                        inventory.Selector
	targets                    []*typeistio.PolicyTargetReference
	Rules                      []*Rule
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

	policies     []*Policy
	requests     []*requestAuth
	meshWide     []*Policy
	byNamespace  map[string][]*Policy
	own, maybe   map[*inventory.Workload][]*Policy
	byGateway    map[string][]*Policy // Gateway of the Gateway API, namespace/name
	byGatewayOld map[string][]*Policy // policies of a namespace that target an Istio Gateway
	waypoints    []*Policy            // of the root namespace, for every waypoint
	attached     bool                 // some policy has targetRefs
	named        map[[3]string]bool   // kind, namespace and name of what policies may target
	machines     map[string]bool      // namespaces with workloads that are no pods
	accounts     map[string]accountUse
	claimed      bool // a route asks for a claim of a token
	merges       bool // paths are compared with their slashes merged

	Assumed map[string]bool                  // noted while the facts are laid out
	plain   map[*inventory.Port]fact.Verdict // of a caller without identity, once asked for
	guards  map[*inventory.Workload]fact.Tri
}

// New reads the policies and finds where each is in force.
func New(mesh *mesh.Mesh) *Policies {
	s := &Policies{
		inventory: mesh.Inventory, mesh: mesh,
		byNamespace: map[string][]*Policy{}, own: map[*inventory.Workload][]*Policy{}, maybe: map[*inventory.Workload][]*Policy{},
		byGateway: map[string][]*Policy{}, byGatewayOld: map[string][]*Policy{},
		named: map[[3]string]bool{}, machines: map[string]bool{}, plain: map[*inventory.Port]fact.Verdict{}, guards: map[*inventory.Workload]fact.Tri{},
		Assumed: map[string]bool{},
	}
	s.readAuthz()
	s.accounts, s.claimed, s.merges = s.readAccounts(), s.routeByClaim(), s.mergesSlashes()
	s.resolveAuthz()
	return s
}

func (s *Policies) readAuthz() {
	for _, o := range s.inventory.Objects {
		switch o.Kind {
		case "Gateway", "Service", "ServiceEntry":
			s.named[[3]string{o.Kind, o.Namespace, o.Name}] = true
		case "WorkloadEntry", "WorkloadGroup":
			s.machines[o.Namespace] = true
		}
		i, ok := o.Typed.(*decode.Istio)
		if !ok || !o.Believed {
			continue
		}
		switch spec := i.Spec.(type) {
		case *securityistio.AuthorizationPolicy:
			p := &Policy{
				Decoded: o, spec: spec, ns: s.inventory.Namespace(o.Namespace), root: o.Namespace == s.mesh.RootOfMesh(),
				sel: inventory.MapSelector(spec.GetSelector().GetMatchLabels()), targets: decode.TargetsOf(spec), dryRun: isDryRun(o),
			}
			p.readRules()
			s.policies = append(s.policies, p)
		case *securityistio.RequestAuthentication:
			s.requests = append(s.requests, &requestAuth{
				Decoded: o, spec: spec, ns: s.inventory.Namespace(o.Namespace), root: o.Namespace == s.mesh.RootOfMesh(),
				sel: inventory.MapSelector(spec.GetSelector().GetMatchLabels()), targets: decode.TargetsOf(spec),
			})
		}
	}
	// What is said of several policies does not depend on where they are written.
	slices.SortStableFunc(s.policies, func(a, b *Policy) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}

// isDryRun reads the annotation as istiod does: what is no boolean is false.
// istio/istio pilot/pkg/security/authz/builder/builder.go (isDryRun).
func isDryRun(o *decode.Decoded) bool {
	v, err := strconv.ParseBool(o.Meta.Annotations["istio.io/dry-run"])
	return err == nil && v
}

// action is ALLOW, DENY, AUDIT or CUSTOM.
func (p *Policy) action() string { return p.spec.GetAction().String() }

// resolveAuthz finds where each policy is in force. A selector in the root
// namespace selects in every namespace, unlike a PeerAuthentication's, and a
// policy with targetRefs holds for what it names and for nothing else.
// istio/istio pilot/pkg/model/policyattachment.go (ShouldAttachPolicy) and
// https://istio.io/latest/docs/reference/config/security/authorization-policy/
func (s *Policies) resolveAuthz() {
	for _, p := range s.policies {
		switch {
		case len(p.targets) > 0:
			s.attachTargets(p)
		case p.sel.Empty() && p.root:
			s.meshWide = append(s.meshWide, p)
		case p.sel.Empty():
			s.byNamespace[p.Namespace] = append(s.byNamespace[p.Namespace], p)
		default:
			s.selectAuthz(p)
		}
	}
	for _, r := range s.requests {
		if len(r.targets) == 0 {
			r.selected, r.possiblySelected = s.selectedBy(r.sel, r.ns, r.root)
		}
	}
}

func (s *Policies) selectAuthz(p *Policy) {
	p.selected, p.possiblySelected = s.selectedBy(p.sel, p.ns, p.root)
	for _, w := range p.selected {
		s.own[w] = append(s.own[w], p)
	}
	for _, w := range p.possiblySelected {
		s.maybe[w] = append(s.maybe[w], p)
	}
}

// selectedBy matches in one namespace, or in all of them.
func (s *Policies) selectedBy(sel inventory.Selector, ns *inventory.Namespace, everywhere bool) (yes, maybe []*inventory.Workload) {
	if !everywhere {
		return ns.Index.Match(sel)
	}
	for _, name := range slices.Sorted(maps.Keys(s.inventory.Namespaces)) {
		y, m := s.inventory.Namespaces[name].Index.Match(sel)
		yes, maybe = append(yes, y...), append(maybe, m...)
	}
	return yes, maybe
}

// attachTargets follows targetRefs: a Gateway of the policy's own namespace,
// every waypoint from the root namespace, and Services or ServiceEntries, which
// only waypoints know. On a sidecar such a policy does nothing.
func (s *Policies) attachTargets(p *Policy) {
	s.attached = true
	for _, t := range p.targets {
		switch group, kind := t.GetGroup(), t.GetKind(); {
		case group == inventory.GatewayGroup && kind == "Gateway":
			key := p.Namespace + "/" + t.GetName()
			s.byGateway[key] = append(s.byGateway[key], p)
		case group == inventory.GatewayGroup && kind == "GatewayClass" && p.root:
			s.waypoints = append(s.waypoints, p)
		case group == "networking.istio.io" && kind == "Gateway":
			s.byGatewayOld[p.Namespace] = append(s.byGatewayOld[p.Namespace], p)
		}
	}
}

// PoliciesOf returns the policies in force on a workload, and those of which
// nobody knows. A waypoint knows targetRefs only; any other gateway obeys
// selectors too (ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY, on by default).
func (s *Policies) PoliciesOf(w *inventory.Workload) (sure, unsure []*Policy) {
	gateway, isGateway := w.Labels[inventory.GatewayGroup+"/gateway-name"]
	if isGateway {
		sure = append(sure, s.byGateway[w.Namespace+"/"+gateway]...)
		if w.IsWaypoint() {
			return append(sure, s.waypoints...), nil
		}
	}
	sure = append(sure, s.meshWide...)
	sure = append(sure, s.byNamespace[w.Namespace]...)
	sure = append(sure, s.own[w]...)
	unsure = append(unsure, s.maybe[w]...)
	if w.Gateway {
		// Newer releases attach policies to Istio's own Gateways.
		unsure = append(unsure, s.byGatewayOld[w.Namespace]...)
	}
	return sure, unsure
}

// unread reports that policies may be in force which were not read.
func (s *Policies) unread(w *inventory.Workload) bool {
	const kind = "AuthorizationPolicy"
	return w.Implied || decode.IsPlaceholder(w.Namespace) || s.inventory.Gaps.Unread(w.Namespace, kind) || s.inventory.Gaps.Unread(s.mesh.RootOfMesh(), kind) || s.inventory.Stray(kind, w) != nil
}

// inForceOn lists the workloads that a policy is in force on.
func (s *Policies) inForceOn(p *Policy) []*inventory.Workload {
	switch {
	case len(p.targets) > 0 || !p.sel.Empty():
		return p.selected
	case p.root:
		return s.inventory.Workloads
	default:
		return p.ns.Index.All
	}
}

func (p *Policy) at(steps ...any) fact.Source {
	return fact.Source{Object: p.Object, Path: yaml.Path{"spec"}.Join(steps...)}
}
