package calls

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// gatewayRoute reads a route of the Gateway API: one route for each Gateway
// that it is attached to. A route whose parent is a Service configures the mesh
// and is left out.
// https://gateway-api.sigs.k8s.io/reference/spec/#parentreference
func (r *routing) gatewayRoute(o *source.Object) {
	spec := o.Root.Get("spec")
	backends := r.gatewayBackends(o, spec)
	for _, ref := range spec.Get("parentRefs").List() {
		if decode.TextAt(ref, "group", inventory.GatewayGroup) != inventory.GatewayGroup || decode.TextAt(ref, "kind", "Gateway") != "Gateway" {
			continue
		}
		key := decode.TextAt(ref, "namespace", o.Namespace) + "/" + decode.TextAt(ref, "name", "")
		sources, ingress := r.gatewaySource(r.gateways[key])
		if !ingress {
			continue
		}
		if sources.Gateway != nil {
			switch attached(sources.Gateway, ref, o) {
			case fact.No:
				continue
			case fact.Unknown:
				sources = RouteSource{Gateway: sources.Gateway}
			case fact.Yes:
			}
		}
		r.add(Route{Object: o, Sources: sources, Backends: backends})
	}
}

// attached answers whether a listener of the Gateway accepts the route.
// https://gateway-api.sigs.k8s.io/reference/spec/#allowedroutes
func attached(g *source.Object, ref *yaml.Node, o *source.Object) fact.Tri {
	answer := fact.No
	section := decode.TextAt(ref, "sectionName", "")
	for _, l := range g.Root.Get("spec").Get("listeners").List() {
		if section != "" && decode.TextAt(l, "name", "") != section || decode.TextAt(ref, "port", "") != "" && decode.TextAt(ref, "port", "") != decode.TextAt(l, "port", "") {
			continue
		}
		if !listens(decode.TextAt(l, "protocol", ""), o.Kind) || !routeHostsOverlap(decode.TextAt(l, "hostname", ""), o) {
			continue
		}
		switch from := decode.TextAt(l.Get("allowedRoutes").Get("namespaces"), "from", "Same"); {
		case from == "All" || from == "Same" && g.Namespace == o.Namespace:
			return fact.Yes
		case from != "Same" && from != "None":
			answer = fact.Unknown // by labels of namespaces
		}
	}
	return answer
}

// listens reports whether listeners of a protocol accept routes of a kind.
// https://gateway-api.sigs.k8s.io/reference/spec/#protocoltype
func listens(protocol, kind string) bool {
	switch protocol {
	case "HTTP", "HTTPS":
		return kind == "HTTPRoute" || kind == "GRPCRoute"
	case "TLS":
		return kind == "TLSRoute" || kind == "TCPRoute"
	case "TCP", "UDP":
		return kind == protocol+"Route"
	}
	return true // of an implementation
}

func routeHostsOverlap(listener string, o *source.Object) bool {
	hosts := o.Root.Get("spec").Get("hostnames").List()
	if listener == "" || len(hosts) == 0 {
		return true
	}
	for _, h := range hosts {
		if hostsOverlap(listener, h.Text) {
			return true
		}
	}
	return false
}

// hostsOverlap reports that a name matches both of two host names, which may
// begin with a wildcard, or that one of them is a placeholder.
func hostsOverlap(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	wildA, anyA := strings.CutPrefix(a, "*")
	wildB, anyB := strings.CutPrefix(b, "*")
	switch {
	case decode.IsPlaceholder(a) || decode.IsPlaceholder(b):
		return true
	case anyA && anyB:
		return strings.HasSuffix(wildA, wildB) || strings.HasSuffix(wildB, wildA)
	case anyA:
		return strings.HasSuffix(b, wildA)
	case anyB:
		return strings.HasSuffix(a, wildB)
	}
	return a == b
}

// gatewaySource finds the proxies of a Gateway; ingress is false for a waypoint,
// through which no traffic enters the cluster.
//
// Istio deploys the proxies of a Gateway into its namespace, labelled with its
// name, unless an address names the Service of proxies that stand already.
// https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#deployment-methods
func (r *routing) gatewaySource(g *source.Object) (src RouteSource, ingress bool) {
	if g == nil {
		return RouteSource{}, true
	}
	spec := g.Root.Get("spec")
	class := decode.TextAt(spec, "gatewayClassName", "")
	controller := r.classes["GatewayClass/"+class]
	switch {
	case class == "istio-waypoint" || controller == "istio.io/mesh-controller":
		return RouteSource{}, false
	case controller != "istio.io/gateway-controller" && (controller != "" || class != "istio"):
		return RouteSource{Gateway: g}, true
	}
	src = r.proxies(map[string]string{"gateway.networking.k8s.io/gateway-name": g.Name}, g.Namespace, false)
	if addresses := spec.Get("addresses").List(); len(addresses) > 0 {
		src = RouteSource{}
		if v := r.istioHost(decode.TextAt(addresses[0], "value", ""), g.Namespace); len(addresses) == 1 && v != nil && v.Selects() {
			src = RouteSource{Kind: PodSource, Labels: v.Spec.Selector, Namespace: v.Namespace, Workloads: v.Selected}
		}
	}
	src.Gateway = g
	return src, true
}
