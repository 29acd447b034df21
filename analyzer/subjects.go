package analyzer

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/loader"
)

// subjects lays out everything that rules judge of the set.
func (s *setModel) subjects() []Subject {
	var out []Subject
	for _, o := range s.objects {
		for i := range o.problems {
			out = append(out, fieldSubject(o, &o.problems[i]))
		}
	}
	out = append(out, s.duplicates()...)
	for _, w := range s.workloads {
		s.finish(w)
		out = append(out, Subject{Type: "workload", Facts: &w.Facts, Evidence: Evidence{
			From: w.anchor(), Workloads: []string{w.ID},
			Names: map[string]string{"workload": "`" + w.ID + "`", "namespace": namespaceName(w.Namespace)},
		}})
	}
	for _, v := range s.services {
		out = append(out, namedSubject("service", "service", &v.facts, v.decoded))
	}
	for _, p := range s.policies {
		out = append(out, namedSubject("network_policy", "policy", s.policyFacts(p), p.decoded))
	}
	for _, p := range s.peerAuths {
		out = append(out, namedSubject("peer_authentication", "policy", s.peerAuthFacts(p), p.decoded))
	}
	return out
}

func namedSubject(kind, role string, facts any, o *decoded) Subject {
	return Subject{Type: kind, Facts: facts, Evidence: Evidence{
		From:  Source{Object: o.Object, Path: loader.Path{"metadata", "name"}},
		Names: map[string]string{role: refPlain(o.Object), "namespace": namespaceName(o.Namespace)},
	}}
}

func fieldSubject(o *decoded, p *fieldProblem) Subject {
	return Subject{Type: "field", Facts: &FieldFacts{Problem: p.problem}, Evidence: Evidence{
		From:  Source{Object: o.Object, Path: p.path, Key: p.key},
		Names: map[string]string{"message": p.message, "help": p.help},
	}}
}

// anchor is where a finding about the workload as a whole belongs.
func (w *Workload) anchor() Source {
	if !w.implied {
		return w.source("metadata", "name")
	}
	switch w.Kind {
	case "NetworkPolicy":
		return w.source("spec", "podSelector")
	default:
		return w.source("spec", "selector")
	}
}

// finish fills the facts of a workload that rest on every pass.
func (s *setModel) finish(w *Workload) {
	f := &w.Facts
	f.Kind, f.Implied, f.HostNetwork = w.Kind, w.implied, w.hostNetwork()
	f.Ingress = s.isolation(w, func(p *networkPolicy) bool { return p.ingress })
	f.Egress = s.isolation(w, func(p *networkPolicy) bool { return p.egress })
	f.Namespace = s.namespaceFacts(w.ns)
	entries := map[string]bool{}
	f.Ports = make([]PortFacts, 0, len(w.ports))
	for _, p := range w.ports {
		p.finish(w)
		p.facts.Everyone, p.facts.Cluster = s.admissions(w, p)
		maps.Copy(entries, p.entry)
		f.Ports = append(f.Ports, p.facts)
		if p.facts.MTLS.Scope == "default" && f.Mesh.Member != "unknown" {
			s.assumed["no mesh-wide PeerAuthentication exists outside the tree"] = true
		}
	}
	if f.Gateway {
		entries["gateway"] = true
	}
	f.Entry = sortedKeys(entries)
}

func (p *port) finish(w *Workload) {
	f := &p.facts
	f.Number, f.Name, f.Protocol, f.Declared, f.Serviced = p.number, p.name, p.protocol, p.declared, len(p.services) > 0
	f.Entry = sortedKeys(p.entry)
	f.From = p.from
	f.Names = map[string]string{"port": p.String()}
}

// resolvePurposes tells ports that serve the platform from those that serve
// the application.
func (s *setModel) resolvePurposes() {
	for _, w := range s.workloads {
		for _, p := range w.ports {
			p.facts.Purpose = purpose(w, p)
		}
	}
}

func purpose(w *Workload, p *port) string {
	name := strings.ToLower(p.name)
	switch {
	case p.entry["webhook"] || strings.Contains(name, "webhook"):
		return "webhook"
	case strings.Contains(name, "metrics") || strings.HasPrefix(name, "prom"):
		return "metrics"
	case w.Annotations["prometheus.io/port"] == strconv.Itoa(p.number) && len(p.services) == 0 && len(w.ports) > 1:
		return "metrics" // scraped, and no Service leads anybody else there
	case strings.Contains(name, "health") || strings.Contains(name, "probe"):
		return "health"
	}
	return "app"
}

func (s *setModel) namespaceFacts(ns *namespace) NamespaceFacts {
	f := NamespaceFacts{Declared: ns.declared, Policies: No, Evidence: Evidence{From: ns.anchor}}
	switch {
	case len(ns.policies) > 0:
		f.Policies = Yes
	case s.gaps.unread(ns.name, "NetworkPolicy"):
		f.Policies = Unknown
	}
	return f
}

func (s *setModel) policyFacts(p *networkPolicy) *NetworkPolicyFacts {
	f := &NetworkPolicyFacts{
		Selector: "some", Selects: s.answer(p.selected, p.maybe, p.ns), Closed: p.ns.closedFor(p.Object),
		TypesGiven: len(p.spec.PolicyTypes) > 0,
		Ingress:    section(p, "ingress", p.ingress, len(p.spec.Ingress)),
		Egress:     section(p, "egress", p.egress, len(p.spec.Egress)),
	}
	if p.sel.empty() {
		f.Selector = "all"
	}
	f.PodSel = selectorFacts(p.decoded, p.sel, p.ns, f.Selects, "spec", "podSelector")
	f.Rules = make([]PolicyRule, 0, len(p.rules))
	for _, r := range p.rules {
		f.Rules = append(f.Rules, s.ruleFacts(r))
	}
	return f
}

func section(p *networkPolicy, direction string, applies bool, rules int) SectionFacts {
	return SectionFacts{Applies: applies, Rules: rules, Evidence: Evidence{
		From:  Source{Object: p.Object, Path: loader.Path{"spec", direction}},
		Names: map[string]string{"direction": direction},
	}}
}

func (s *setModel) ruleFacts(r *policyRule) PolicyRule {
	f := PolicyRule{Direction: r.direction, Peers: "some", Ports: "some", SplitPeer: No}
	f.From = Source{Object: r.policy.Object, Path: r.path}
	f.Names = map[string]string{"direction": r.direction}
	if r.anyPeer {
		f.Peers = "any"
	}
	if len(r.ports) == 0 {
		f.Ports = "all"
		f.Names["peers"] = describePeers(r)
	}
	f.Served = s.served(r.policy, &f)
	s.splitPeer(r, &f)
	return f
}

// served counts the ports that the selected workloads serve.
func (s *setModel) served(p *networkPolicy, f *PolicyRule) string {
	ports := map[string]bool{}
	most, known := 0, false
	for _, w := range p.selected {
		f.Workloads = append(f.Workloads, w.ID)
		known = known || !w.implied
		most = max(most, len(w.ports))
		for _, q := range w.ports {
			ports[q.String()] = true
		}
	}
	f.Names["served"] = joinSorted(ports)
	switch {
	case len(ports) == 0:
		return "none" // a policy for pods of which nothing but the label is known
	case !known || len(p.maybe) > 0:
		return "unknown"
	case most > 1:
		return "many"
	default:
		return "one"
	}
}

// splitPeer recognises the stray dash that turns "these pods in those
// namespaces" into "all of those namespaces, or these pods here": two
// neighbouring peers, one with a namespaceSelector alone and one with a
// podSelector alone, of which the second finds no pod in the policy's own
// namespace.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
func (s *setModel) splitPeer(r *policyRule, f *PolicyRule) {
	if r.policy.ns.closedFor(r.policy.Object) != Yes {
		return
	}
	for i := 1; i < len(r.peers); i++ {
		nsItem, podItem := &r.peers[i-1], &r.peers[i]
		at := i - 1
		if nsItem.NamespaceSelector == nil {
			nsItem, podItem, at = podItem, nsItem, i
		}
		if !onlyNamespaces(nsItem) || !onlyPods(podItem) {
			continue
		}
		pods := labelSelector(podItem.PodSelector)
		yes, maybe := r.policy.ns.index.match(pods)
		if len(yes) > 0 || len(maybe) > 0 {
			continue
		}
		f.SplitPeer = Yes
		f.From = Source{Object: r.policy.Object, Path: r.peersPath.Join(at, "namespaceSelector")}
		f.Names["namespaces"] = "`" + labelSelector(nsItem.NamespaceSelector).String() + "`"
		f.Names["pods"] = "`" + pods.String() + "`"
		return
	}
}

func onlyNamespaces(p *networkingv1.NetworkPolicyPeer) bool {
	return p.NamespaceSelector != nil && p.PodSelector == nil && p.IPBlock == nil
}

func onlyPods(p *networkingv1.NetworkPolicyPeer) bool {
	return p.PodSelector != nil && !isEmpty(p.PodSelector) && p.NamespaceSelector == nil && p.IPBlock == nil
}

// describePeers says in words whom a rule admits.
func describePeers(r *policyRule) string {
	if r.anyPeer {
		return "everybody"
	}
	parts := make([]string, 0, len(r.peers))
	for i := range r.peers {
		parts = append(parts, describePeer(&r.peers[i]))
	}
	return strings.Join(parts, ", ")
}

func describePeer(p *networkingv1.NetworkPolicyPeer) string {
	if p.IPBlock != nil {
		return "`" + p.IPBlock.CIDR + "`"
	}
	pods := "every pod"
	if p.PodSelector != nil && !isEmpty(p.PodSelector) {
		pods = "pods `" + labelSelector(p.PodSelector).String() + "`"
	}
	switch {
	case p.NamespaceSelector == nil:
		return pods + " of its namespace"
	case isEmpty(p.NamespaceSelector):
		return pods + " of every namespace"
	default:
		return pods + " of namespaces `" + labelSelector(p.NamespaceSelector).String() + "`"
	}
}

func (s *setModel) peerAuthFacts(p *peerAuthentication) *PeerAuthenticationFacts {
	f := &PeerAuthenticationFacts{
		RootNamespace: p.root, Selector: "none", Selects: Unknown, Closed: p.ns.closedFor(p.Object),
		Mode: modeOf(p.spec.GetMtls()), Ports: s.portExceptions(p),
	}
	if p.selects() {
		f.Selector = "some"
		if !p.root {
			f.Selects = s.answer(p.selected, p.maybe, p.ns)
		}
	}
	f.PodSel = selectorFacts(p.decoded, p.sel, p.ns, f.Selects, "spec", "selector")
	return f
}

// duplicates finds identities that the set holds more than once. Namespaces
// are exempt: their labels unite.
func (s *setModel) duplicates() []Subject {
	type identity struct{ group, kind, namespace, name string }
	first := map[identity]*decoded{}
	var out []Subject
	for _, o := range s.objects {
		if o.Kind == "Namespace" || o.Name == "" || isPlaceholder(o.Name) || strings.HasSuffix(o.Name, "*") {
			continue
		}
		id := identity{o.Group(), o.Kind, o.Namespace, o.Name}
		other, twice := first[id]
		if !twice {
			first[id] = o
			continue
		}
		// Files that name no namespace, or that a build picks from, need never be applied together.
		if o.File != other.File && (o.Namespace == "" || s.gaps.any) {
			continue
		}
		at, _ := other.At(loader.Path{"metadata", "name"})
		out = append(out, Subject{Type: "duplicate", Facts: &DuplicateFacts{Same: equalNodes(o.Root, other.Root)}, Evidence: Evidence{
			From: Source{Object: o.Object, Path: loader.Path{"metadata", "name"}},
			Names: map[string]string{
				"object": refName(o.Object), "other": fmt.Sprintf("%s:%d", other.File.Name, at.Start.Line),
			},
		}})
	}
	return out
}

// equalNodes compares content, not layout.
func equalNodes(a, b *loader.Node) bool {
	return string(appendJSON(nil, a)) == string(appendJSON(nil, b))
}

// unknowns says in words what the manifests leave open about each workload.
func (s *setModel) unknowns() []string {
	var out []string
	for _, w := range s.workloads {
		f := &w.Facts
		if f.Ingress.Isolated == Unknown && !w.implied {
			out = append(out, fmt.Sprintf("whether NetworkPolicies isolate `%s`: %s", w.ID, s.whyUnread(w, "NetworkPolicy")))
		}
		if f.Mesh.Member == "unknown" && s.mesh.present && !w.implied {
			out = append(out, fmt.Sprintf("whether `%s` is in the mesh: %s", w.ID, s.whyUnread(w, "Namespace")))
		}
		if slices.ContainsFunc(f.Ports, func(p PortFacts) bool { return p.MTLS.Mode == "UNKNOWN" }) {
			out = append(out, fmt.Sprintf("which mTLS mode `%s` accepts: %s", w.ID, s.whyUnread(w, "PeerAuthentication")))
		}
	}
	return out
}

// whyUnread names what would decide an open question.
func (s *setModel) whyUnread(w *Workload, kind string) string {
	for _, g := range s.set.Gaps {
		if g.Kind == "" || g.Kind == kind {
			return g.Reason + " (" + g.File + ")"
		}
	}
	switch {
	case s.unmodeled.covers(w.Namespace) && kind == "NetworkPolicy":
		return "policies of another kind (Cilium, Calico, tiers) may apply"
	case s.gaps.unread(w.Namespace, kind):
		return "objects without a namespace may belong to it; name it with --namespace"
	case kind == "Namespace":
		return "the Namespace object is not in the tree"
	default:
		return "policies contradict each other, or match on labels that a controller sets"
	}
}

// resolveServiceMesh gives each Service port the mesh membership of the pods
// behind it.
func (s *setModel) resolveServiceMesh() {
	for _, v := range s.services {
		member := "unknown"
		for i, w := range v.selected {
			switch {
			case w.Facts.Gateway: // a gateway's ports are its listeners', which say their protocol themselves
				member = "unknown"
			case i == 0:
				member = w.Facts.Mesh.Member
			case w.Facts.Mesh.Member != member:
				member = "unknown"
			}
		}
		for i := range v.facts.Ports {
			v.facts.Ports[i].Mesh = member
		}
	}
}

// resolveEntries marks the ports that callers from outside the pod network
// are led to: webhooks, which the API server calls, and backends of a load
// balancer that sends to pods.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
func (s *setModel) resolveEntries() {
	byName := map[string]*service{}
	for _, v := range s.services {
		byName[v.Namespace+"/"+v.Name] = v
	}
	for _, o := range s.objects {
		for _, name := range directBackends(o.Object) {
			if v := byName[o.Namespace+"/"+name]; v != nil {
				for i := range v.spec.Ports {
					v.enter(int(v.spec.Ports[i].Port), "loadbalancer")
				}
			}
		}
		for _, ref := range webhookServices(o.Object) {
			ns, _ := ref.Get("namespace").Str()
			name, _ := ref.Get("name").Str()
			v := byName[ns+"/"+name]
			if v == nil {
				continue
			}
			number := 443 // the default of a service reference
			if p := ref.Get("port"); p != nil {
				number, _ = strconv.Atoi(p.Text)
			}
			v.enter(number, "webhook")
		}
	}
}

// directBackends returns the Services behind an Ingress whose load balancer
// sends to the pods themselves, so that no in-cluster proxy is their peer.
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#target-type
func directBackends(o *loader.Object) []string {
	if o.Kind != "Ingress" || o.Root.Get("metadata").Get("annotations").Get("alb.ingress.kubernetes.io/target-type") == nil {
		return nil
	}
	if t, _ := o.Root.Get("metadata").Get("annotations").Get("alb.ingress.kubernetes.io/target-type").Str(); t != "ip" {
		return nil
	}
	var out []string
	spec := o.Root.Get("spec")
	add := func(backend *loader.Node) {
		if name, ok := backend.Get("service").Get("name").Str(); ok {
			out = append(out, name)
		}
	}
	add(spec.Get("defaultBackend"))
	for _, rule := range spec.Get("rules").List() {
		for _, path := range rule.Get("http").Get("paths").List() {
			add(path.Get("backend"))
		}
	}
	return out
}

// webhookServices returns the service references through which the API server
// calls into the cluster.
func webhookServices(o *loader.Object) []*loader.Node {
	var out []*loader.Node
	switch o.Kind {
	case "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration":
		for _, h := range o.Root.Get("webhooks").List() {
			out = append(out, h.Get("clientConfig").Get("service"))
		}
	case "CustomResourceDefinition":
		out = append(out, o.Root.Get("spec").Get("conversion").Get("webhook").Get("clientConfig").Get("service"))
	case "APIService":
		out = append(out, o.Root.Get("spec").Get("service"))
	}
	return slices.DeleteFunc(out, func(n *loader.Node) bool { return n == nil })
}

// enter marks the pod ports behind one port of the Service.
func (v *service) enter(number int, way string) {
	for i := range v.spec.Ports {
		p := &v.spec.Ports[i]
		if int(p.Port) != number {
			continue
		}
		for _, w := range v.selected {
			if q := w.servicePortTarget(p); q != nil {
				q.enter(way)
			}
		}
	}
}

// servicePortTarget returns the workload's port behind a Service port, nil if
// none is known.
func (w *Workload) servicePortTarget(p *corev1.ServicePort) *port {
	to := target(p)
	if to.StrVal != "" {
		return w.portNamed(to.StrVal, orTCP(p.Protocol))
	}
	return w.portNumbered(int(to.IntVal), orTCP(p.Protocol))
}
