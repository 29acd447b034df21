package analyzer

import (
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"
)

// sidecarScope is a Sidecar that narrows what the proxies of a namespace know.
type sidecarScope struct {
	*decoded
	spec *networkingistio.Sidecar
	sel  selector
}

func (s *Mesh) readSidecars() {
	s.scoped = map[string][]*sidecarScope{}
	for _, o := range s.inventory.objects {
		i, ok := o.typed.(*istioObject)
		if !ok || !o.believed {
			continue
		}
		if spec, ok := i.Spec.(*networkingistio.Sidecar); ok {
			s.scoped[o.Namespace] = append(s.scoped[o.Namespace], &sidecarScope{o, spec, mapSelector(spec.GetWorkloadSelector().GetLabels())})
		}
	}
}

// imports answers whether the proxy of a client knows a Service. What it does
// not know it passes on as it is, or refuses (outboundTrafficPolicy). Of
// several Sidecars one is in force: the answer is certain where all agree.
//   - https://istio.io/latest/docs/reference/config/networking/sidecar/: one with
//     a selector before one without, and that before the root namespace's
//   - istio/istio pilot/pkg/model/push_context.go (getSidecarScope)
func (s *Mesh) imports(client *Workload, host, owner string) Tri {
	if s.inventory.gaps.unread(client.Namespace, "Sidecar") {
		return Unknown
	}
	var own, general []*sidecarScope
	for _, c := range s.scoped[client.Namespace] {
		switch {
		case c.sel.empty():
			general = append(general, c)
		case c.sel.matches(client.labels) == Yes:
			own = append(own, c)
		case c.sel.matches(client.labels) == Unknown:
			return Unknown
		}
	}
	inForce := own
	if len(inForce) == 0 {
		inForce = general
	}
	if len(inForce) == 0 {
		for _, c := range s.scoped[s.config.rootNamespace] {
			if c.sel.empty() {
				inForce = append(inForce, c)
			}
		}
	}
	answer := Yes
	for i, c := range inForce {
		next := c.imports(client.Namespace, host, owner)
		if i > 0 && next != answer {
			return Unknown
		}
		answer = next
	}
	return answer
}

// imports reads the egress listeners; none at all knows everything.
func (c *sidecarScope) imports(client, host, owner string) Tri {
	if len(c.spec.GetEgress()) == 0 {
		return Yes
	}
	for _, e := range c.spec.GetEgress() {
		if e.GetPort() != nil {
			return Unknown // for callers of that port and address alone
		}
		for _, h := range e.GetHosts() {
			if isPlaceholder(h) {
				return Unknown
			}
			if importsHost(h, client, host, owner) {
				return Yes
			}
		}
	}
	return No
}

// importsHost matches `namespace/host`: `*` is any, `.` the client's own and
// `~` no namespace.
func importsHost(pattern, client, host, owner string) bool {
	namespace, name, found := strings.Cut(pattern, "/")
	switch {
	case !found || namespace == "~":
		return false
	case namespace == ".":
		namespace = client
	}
	if namespace != "*" && namespace != owner {
		return false
	}
	if suffix, wild := strings.CutPrefix(name, "*"); wild {
		return strings.HasSuffix(host, suffix)
	}
	return name == host || name+"."+owner+".svc.cluster.local" == host
}
