package mesh

import (
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// sidecarScope is a Sidecar object: it limits the hosts that proxies know.
type sidecarScope struct {
	*decode.Decoded
	spec *networkingistio.Sidecar
	sel  inventory.Selector
}

func (m *Mesh) readSidecars() {
	for o, spec := range decode.Each[*networkingistio.Sidecar](m.Inventory.Objects) {
		scope := &sidecarScope{o, spec, inventory.MapSelector(spec.GetWorkloadSelector().GetLabels())}
		m.sidecars[o.Namespace] = append(m.sidecars[o.Namespace], scope)
		m.selective[o.Namespace] = m.selective[o.Namespace] || !scope.sel.Empty()
	}
}

// imports answers whether the proxy of a client knows a host that namespace
// owner declares. Traffic to a host that it does not know passes through
// unchanged or is refused (outboundTrafficPolicy). Of several Sidecars one is
// in force: the answer is known where all agree.
//   - https://istio.io/latest/docs/reference/config/networking/sidecar/: one with
//     a selector before one without, and that before the root namespace's
//   - istio/istio pilot/pkg/model/push_context.go (getSidecarScope)
func (m *Mesh) imports(client *inventory.Workload, host, owner string) fact.Tri {
	if m.Inventory.Gaps.Unread(client.Namespace, "Sidecar") {
		return fact.Unknown
	}
	var own, general []*sidecarScope
	for _, c := range m.sidecars[client.Namespace] {
		switch {
		case c.sel.Empty():
			general = append(general, c)
		case c.sel.Matches(client.LabelSet) == fact.Yes:
			own = append(own, c)
		case c.sel.Matches(client.LabelSet) == fact.Unknown:
			return fact.Unknown
		}
	}
	inForce := own
	if len(inForce) == 0 {
		inForce = general
	}
	if len(inForce) == 0 {
		for _, c := range m.sidecars[m.Config.RootNamespace] {
			if c.sel.Empty() {
				inForce = append(inForce, c)
			}
		}
	}
	answer := fact.Yes
	for i, c := range inForce {
		next := c.imports(client.Namespace, host, owner)
		if i > 0 && next != answer {
			return fact.Unknown
		}
		answer = next
	}
	return answer
}

// imports reads the egress listeners; without any, every host is known.
func (c *sidecarScope) imports(client, host, owner string) fact.Tri {
	if len(c.spec.GetEgress()) == 0 {
		return fact.Yes
	}
	for _, e := range c.spec.GetEgress() {
		if e.GetPort() != nil {
			return fact.Unknown // the listener is for that port and address only
		}
		for _, h := range e.GetHosts() {
			if decode.IsPlaceholder(h) {
				return fact.Unknown
			}
			if importsHost(h, client, host, owner) {
				return fact.Yes
			}
		}
	}
	return fact.No
}

// importsHost matches a host of a Sidecar, `namespace/host`: the namespace `*`
// is any, `.` the client's own and `~` none.
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
