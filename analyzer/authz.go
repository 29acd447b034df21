package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	securityistio "istio.io/api/security/v1beta1"
	typeistio "istio.io/api/type/v1beta1"

	"github.com/aisec-lint/aisec-lint/loader"
)

// authzPolicy is an AuthorizationPolicy, its rules and the workloads that it
// is in force on.
type authzPolicy struct {
	*decoded
	spec            *securityistio.AuthorizationPolicy
	ns              *namespace
	sel             selector
	targets         []*typeistio.PolicyTargetReference
	rules           []*authzRule
	root            bool // lies in the mesh root namespace: holds for the whole mesh
	dryRun          bool
	selected, maybe []*Workload
}

// requestAuth is a RequestAuthentication and the workloads that it selects.
type requestAuth struct {
	*decoded
	spec            *securityistio.RequestAuthentication
	ns              *namespace
	sel             selector
	targets         []*typeistio.PolicyTargetReference
	root            bool
	selected, maybe []*Workload
}

// Policies are the AuthorizationPolicies and RequestAuthentications of a set,
// and where each is in force. Policies without a selector are kept by
// namespace, not by workload: there would be workloads × policies.
type Policies struct {
	inventory *Inventory
	mesh      *Mesh

	policies     []*authzPolicy
	requests     []*requestAuth
	meshWide     []*authzPolicy
	byNamespace  map[string][]*authzPolicy
	own, maybe   map[*Workload][]*authzPolicy
	byGateway    map[string][]*authzPolicy // Gateway of the Gateway API, namespace/name
	byGatewayOld map[string][]*authzPolicy // policies of a namespace that target an Istio Gateway
	waypoints    []*authzPolicy            // of the root namespace, for every waypoint
	attached     bool                      // some policy has targetRefs
	named        map[[3]string]bool        // kind, namespace and name of what policies may target
	machines     map[string]bool           // namespaces with workloads that are no pods
	accounts     map[string]accountUse
	claimed      bool // a route asks for a claim of a token
	merges       bool // paths are compared with their slashes merged

	assumed map[string]bool   // noted while the facts are laid out
	plain   map[*port]Verdict // of a caller without identity, once asked for
	guards  map[*Workload]Tri
}

// NewPolicies reads the policies and finds where each is in force.
func NewPolicies(mesh *Mesh) *Policies {
	s := &Policies{
		inventory: mesh.inventory, mesh: mesh,
		byNamespace: map[string][]*authzPolicy{}, own: map[*Workload][]*authzPolicy{}, maybe: map[*Workload][]*authzPolicy{},
		byGateway: map[string][]*authzPolicy{}, byGatewayOld: map[string][]*authzPolicy{},
		named: map[[3]string]bool{}, machines: map[string]bool{}, plain: map[*port]Verdict{}, guards: map[*Workload]Tri{},
		assumed: map[string]bool{},
	}
	s.readAuthz()
	s.accounts, s.claimed, s.merges = s.readAccounts(), s.routeByClaim(), s.mergesSlashes()
	s.resolveAuthz()
	return s
}

func (s *Policies) readAuthz() {
	for _, o := range s.inventory.objects {
		switch o.Kind {
		case "Gateway", "Service", "ServiceEntry":
			s.named[[3]string{o.Kind, o.Namespace, o.Name}] = true
		case "WorkloadEntry", "WorkloadGroup":
			s.machines[o.Namespace] = true
		}
		i, ok := o.typed.(*istioObject)
		if !ok || !o.believed {
			continue
		}
		switch spec := i.Spec.(type) {
		case *securityistio.AuthorizationPolicy:
			p := &authzPolicy{
				decoded: o, spec: spec, ns: s.inventory.namespace(o.Namespace), root: o.Namespace == s.mesh.rootOfMesh(),
				sel: mapSelector(spec.GetSelector().GetMatchLabels()), targets: targetsOf(spec), dryRun: isDryRun(o),
			}
			p.readRules()
			s.policies = append(s.policies, p)
		case *securityistio.RequestAuthentication:
			s.requests = append(s.requests, &requestAuth{
				decoded: o, spec: spec, ns: s.inventory.namespace(o.Namespace), root: o.Namespace == s.mesh.rootOfMesh(),
				sel: mapSelector(spec.GetSelector().GetMatchLabels()), targets: targetsOf(spec),
			})
		}
	}
	// What is said of several policies does not depend on where they are written.
	slices.SortStableFunc(s.policies, func(a, b *authzPolicy) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}

// isDryRun reads the annotation as istiod does: what is no boolean is false.
// istio/istio pilot/pkg/security/authz/builder/builder.go (isDryRun).
func isDryRun(o *decoded) bool {
	v, err := strconv.ParseBool(o.meta.Annotations["istio.io/dry-run"])
	return err == nil && v
}

// targetsOf unites the list with its older, single form.
func targetsOf(p interface {
	GetTargetRef() *typeistio.PolicyTargetReference
	GetTargetRefs() []*typeistio.PolicyTargetReference
},
) []*typeistio.PolicyTargetReference {
	if refs := p.GetTargetRefs(); len(refs) > 0 || p.GetTargetRef() == nil {
		return refs
	}
	return []*typeistio.PolicyTargetReference{p.GetTargetRef()}
}

// action is ALLOW, DENY, AUDIT or CUSTOM.
func (p *authzPolicy) action() string { return p.spec.GetAction().String() }

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
		case p.sel.empty() && p.root:
			s.meshWide = append(s.meshWide, p)
		case p.sel.empty():
			s.byNamespace[p.Namespace] = append(s.byNamespace[p.Namespace], p)
		default:
			s.selectAuthz(p)
		}
	}
	for _, r := range s.requests {
		if len(r.targets) == 0 {
			r.selected, r.maybe = s.selectedBy(r.sel, r.ns, r.root)
		}
	}
}

func (s *Policies) selectAuthz(p *authzPolicy) {
	p.selected, p.maybe = s.selectedBy(p.sel, p.ns, p.root)
	for _, w := range p.selected {
		s.own[w] = append(s.own[w], p)
	}
	for _, w := range p.maybe {
		s.maybe[w] = append(s.maybe[w], p)
	}
}

// selectedBy matches in one namespace, or in all of them.
func (s *Policies) selectedBy(sel selector, ns *namespace, everywhere bool) (yes, maybe []*Workload) {
	if !everywhere {
		return ns.index.match(sel)
	}
	for _, name := range slices.Sorted(maps.Keys(s.inventory.namespaces)) {
		y, m := s.inventory.namespaces[name].index.match(sel)
		yes, maybe = append(yes, y...), append(maybe, m...)
	}
	return yes, maybe
}

// attachTargets follows targetRefs: a Gateway of the policy's own namespace,
// every waypoint from the root namespace, and Services or ServiceEntries, which
// only waypoints know. On a sidecar such a policy does nothing.
func (s *Policies) attachTargets(p *authzPolicy) {
	s.attached = true
	for _, t := range p.targets {
		switch group, kind := t.GetGroup(), t.GetKind(); {
		case group == gatewayGroup && kind == "Gateway":
			key := p.Namespace + "/" + t.GetName()
			s.byGateway[key] = append(s.byGateway[key], p)
		case group == gatewayGroup && kind == "GatewayClass" && p.root:
			s.waypoints = append(s.waypoints, p)
		case group == "networking.istio.io" && kind == "Gateway":
			s.byGatewayOld[p.Namespace] = append(s.byGatewayOld[p.Namespace], p)
		}
	}
}

// policiesOf returns the policies in force on a workload, and those of which
// nobody knows. A waypoint knows targetRefs only; any other gateway obeys
// selectors too (ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY, on by default).
func (s *Policies) policiesOf(w *Workload) (sure, unsure []*authzPolicy) {
	gateway, isGateway := w.Labels[gatewayGroup+"/gateway-name"]
	if isGateway {
		sure = append(sure, s.byGateway[w.Namespace+"/"+gateway]...)
		if w.isWaypoint() {
			return append(sure, s.waypoints...), nil
		}
	}
	sure = append(sure, s.meshWide...)
	sure = append(sure, s.byNamespace[w.Namespace]...)
	sure = append(sure, s.own[w]...)
	unsure = append(unsure, s.maybe[w]...)
	if w.gateway {
		// Newer releases attach policies to Istio's own Gateways.
		unsure = append(unsure, s.byGatewayOld[w.Namespace]...)
	}
	return sure, unsure
}

// isWaypoint recognises the pods that istiod deploys for a waypoint.
func (w *Workload) isWaypoint() bool {
	return w.Labels["gateway.istio.io/managed"] == "istio.io-mesh-controller" ||
		strings.HasPrefix(w.Labels[gatewayGroup+"/gateway-class-name"], "istio-waypoint")
}

// authzUnread reports that policies may be in force which were not read.
func (s *Policies) authzUnread(w *Workload) bool {
	const kind = "AuthorizationPolicy"
	return w.implied || isPlaceholder(w.Namespace) || s.inventory.gaps.unread(w.Namespace, kind) || s.inventory.gaps.unread(s.mesh.rootOfMesh(), kind)
}

// inForceOn lists the workloads that a policy is in force on.
func (s *Policies) inForceOn(p *authzPolicy) []*Workload {
	switch {
	case len(p.targets) > 0 || !p.sel.empty():
		return p.selected
	case p.root:
		return s.inventory.workloads
	default:
		return p.ns.index.all
	}
}

func (p *authzPolicy) at(steps ...any) Source {
	return Source{Object: p.Object, Path: loader.Path{"spec"}.Join(steps...)}
}
