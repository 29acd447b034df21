package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	securityistio "istio.io/api/security/v1beta1"
	typeistio "istio.io/api/type/v1beta1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
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

// authzIndex finds the policies of a workload. Policies without a selector are
// kept by namespace, not by workload: there would be workloads × policies.
type authzIndex struct {
	policies     []*authzPolicy
	requests     []*requestAuth
	mesh         []*authzPolicy
	byNamespace  map[string][]*authzPolicy
	own, maybe   map[*Workload][]*authzPolicy
	byGateway    map[string][]*authzPolicy // Gateway of the Gateway API, namespace/name
	byGatewayOld map[string][]*authzPolicy // policies of a namespace that target an Istio Gateway
	waypoints    []*authzPolicy            // of the root namespace, for every waypoint
	attached     bool                      // some policy has targetRefs
	named        map[[3]string]bool        // kind, namespace and name of what policies may target
	machines     map[string]bool           // namespaces with workloads that are no pods

	plain  map[*port]Verdict // of a caller without identity, once asked for
	guards map[*Workload]Tri
}

func (s *setModel) readAuthz() {
	s.authz = authzIndex{
		byNamespace: map[string][]*authzPolicy{}, own: map[*Workload][]*authzPolicy{}, maybe: map[*Workload][]*authzPolicy{},
		byGateway: map[string][]*authzPolicy{}, byGatewayOld: map[string][]*authzPolicy{},
		named: map[[3]string]bool{}, machines: map[string]bool{}, plain: map[*port]Verdict{}, guards: map[*Workload]Tri{},
	}
	for _, o := range s.objects {
		switch o.Kind {
		case "Gateway", "Service", "ServiceEntry":
			s.authz.named[[3]string{o.Kind, o.Namespace, o.Name}] = true
		case "WorkloadEntry", "WorkloadGroup":
			s.authz.machines[o.Namespace] = true
		}
		i, ok := o.typed.(*istioObject)
		if !ok || !o.believed {
			continue
		}
		switch spec := i.Spec.(type) {
		case *securityistio.AuthorizationPolicy:
			p := &authzPolicy{
				decoded: o, spec: spec, ns: s.namespace(o.Namespace), root: o.Namespace == s.rootOfMesh(),
				sel: mapSelector(spec.GetSelector().GetMatchLabels()), targets: targetsOf(spec), dryRun: isDryRun(o),
			}
			p.readRules()
			s.authz.policies = append(s.authz.policies, p)
		case *securityistio.RequestAuthentication:
			s.authz.requests = append(s.authz.requests, &requestAuth{
				decoded: o, spec: spec, ns: s.namespace(o.Namespace), root: o.Namespace == s.rootOfMesh(),
				sel: mapSelector(spec.GetSelector().GetMatchLabels()), targets: targetsOf(spec),
			})
		}
	}
	// What is said of several policies does not depend on where they are written.
	slices.SortStableFunc(s.authz.policies, func(a, b *authzPolicy) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}

// implyAuthz makes workloads of the pods that policies speak of.
func (s *setModel) implyAuthz() {
	for _, p := range s.authz.policies {
		if !p.root && len(p.targets) == 0 {
			s.imply(p.ns, p.sel, p.Object, yaml.Path{"spec", "selector"})
		}
	}
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
func (s *setModel) resolveAuthz() {
	for _, p := range s.authz.policies {
		switch {
		case len(p.targets) > 0:
			s.attachTargets(p)
		case p.sel.empty() && p.root:
			s.authz.mesh = append(s.authz.mesh, p)
		case p.sel.empty():
			s.authz.byNamespace[p.Namespace] = append(s.authz.byNamespace[p.Namespace], p)
		default:
			s.selectAuthz(p)
		}
	}
	for _, r := range s.authz.requests {
		if len(r.targets) == 0 {
			r.selected, r.maybe = s.selectedBy(r.sel, r.ns, r.root)
		}
	}
	for _, w := range s.workloads {
		s.resolveCover(w)
	}
}

func (s *setModel) selectAuthz(p *authzPolicy) {
	p.selected, p.maybe = s.selectedBy(p.sel, p.ns, p.root)
	for _, w := range p.selected {
		s.authz.own[w] = append(s.authz.own[w], p)
	}
	for _, w := range p.maybe {
		s.authz.maybe[w] = append(s.authz.maybe[w], p)
	}
}

// selectedBy matches in one namespace, or in all of them.
func (s *setModel) selectedBy(sel selector, ns *namespace, everywhere bool) (yes, maybe []*Workload) {
	if !everywhere {
		return ns.index.match(sel)
	}
	for _, name := range slices.Sorted(maps.Keys(s.namespaces)) {
		y, m := s.namespaces[name].index.match(sel)
		yes, maybe = append(yes, y...), append(maybe, m...)
	}
	return yes, maybe
}

// attachTargets follows targetRefs: a Gateway of the policy's own namespace,
// every waypoint from the root namespace, and Services or ServiceEntries, which
// only waypoints know. On a sidecar such a policy does nothing.
func (s *setModel) attachTargets(p *authzPolicy) {
	s.authz.attached = true
	for _, t := range p.targets {
		switch group, kind := t.GetGroup(), t.GetKind(); {
		case group == gatewayGroup && kind == "Gateway":
			key := p.Namespace + "/" + t.GetName()
			s.authz.byGateway[key] = append(s.authz.byGateway[key], p)
		case group == gatewayGroup && kind == "GatewayClass" && p.root:
			s.authz.waypoints = append(s.authz.waypoints, p)
		case group == "networking.istio.io" && kind == "Gateway":
			s.authz.byGatewayOld[p.Namespace] = append(s.authz.byGatewayOld[p.Namespace], p)
		}
	}
}

// policiesOf returns the policies in force on a workload, and those of which
// nobody knows. A waypoint knows targetRefs only; any other gateway obeys
// selectors too (ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY, on by default).
func (s *setModel) policiesOf(w *Workload) (sure, unsure []*authzPolicy) {
	gateway, isGateway := w.Labels[gatewayGroup+"/gateway-name"]
	if isGateway {
		sure = append(sure, s.authz.byGateway[w.Namespace+"/"+gateway]...)
		if w.isWaypoint() {
			return append(sure, s.authz.waypoints...), nil
		}
	}
	sure = append(sure, s.authz.mesh...)
	sure = append(sure, s.authz.byNamespace[w.Namespace]...)
	sure = append(sure, s.authz.own[w]...)
	unsure = append(unsure, s.authz.maybe[w]...)
	if w.Facts.Gateway {
		// Newer releases attach policies to Istio's own Gateways.
		unsure = append(unsure, s.authz.byGatewayOld[w.Namespace]...)
	}
	return sure, unsure
}

// isWaypoint recognises the pods that istiod deploys for a waypoint.
func (w *Workload) isWaypoint() bool {
	return w.Labels["gateway.istio.io/managed"] == "istio.io-mesh-controller" ||
		strings.HasPrefix(w.Labels[gatewayGroup+"/gateway-class-name"], "istio-waypoint")
}

// authzUnread reports that policies may be in force which were not read.
func (s *setModel) authzUnread(w *Workload) bool {
	const kind = "AuthorizationPolicy"
	return w.implied || isPlaceholder(w.Namespace) || s.gaps.unread(w.Namespace, kind) || s.gaps.unread(s.rootOfMesh(), kind)
}

// inForceOn lists the workloads that a policy is in force on.
func (s *setModel) inForceOn(p *authzPolicy) []*Workload {
	switch {
	case len(p.targets) > 0 || !p.sel.empty():
		return p.selected
	case p.root:
		return s.workloads
	default:
		return p.ns.index.all
	}
}

func (p *authzPolicy) at(steps ...any) Source {
	return Source{Object: p.Object, Path: yaml.Path{"spec"}.Join(steps...)}
}
