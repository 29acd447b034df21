package analyzer

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

const gatewayGroup = "gateway.networking.k8s.io"

// gatewayRoute reads a route of the Gateway API: one route for each Gateway
// that it is attached to. A route of a Service is the mesh's and no entry.
// https://gateway-api.sigs.k8s.io/reference/spec/#parentreference
func (r *routing) gatewayRoute(o *source.Object) {
	spec := o.Root.Get("spec")
	backends := r.gatewayBackends(o, spec)
	for _, ref := range spec.Get("parentRefs").List() {
		if textAt(ref, "group", gatewayGroup) != gatewayGroup || textAt(ref, "kind", "Gateway") != "Gateway" {
			continue
		}
		key := textAt(ref, "namespace", o.Namespace) + "/" + textAt(ref, "name", "")
		sources, entry := r.gatewaySource(r.gateways[key])
		if !entry {
			continue
		}
		if sources.gateway != nil {
			switch attached(sources.gateway, ref, o) {
			case No:
				continue
			case Unknown:
				sources = routeSource{gateway: sources.gateway}
			case Yes:
			}
		}
		r.add(route{object: o, entry: gatewayAPIEntry, sources: sources, backends: backends})
	}
}

// attached answers whether a listener of the Gateway takes the route.
// https://gateway-api.sigs.k8s.io/reference/spec/#allowedroutes
func attached(g *source.Object, ref *yaml.Node, o *source.Object) Tri {
	answer := No
	section := textAt(ref, "sectionName", "")
	for _, l := range g.Root.Get("spec").Get("listeners").List() {
		if section != "" && textAt(l, "name", "") != section || textAt(ref, "port", "") != "" && textAt(ref, "port", "") != textAt(l, "port", "") {
			continue
		}
		if !listens(textAt(l, "protocol", ""), o.Kind) || !routeHostsMeet(textAt(l, "hostname", ""), o) {
			continue
		}
		switch from := textAt(l.Get("allowedRoutes").Get("namespaces"), "from", "Same"); {
		case from == "All" || from == "Same" && g.Namespace == o.Namespace:
			return Yes
		case from != "Same" && from != "None":
			answer = Unknown // by labels of namespaces
		}
	}
	return answer
}

// listens reports whether listeners of a protocol take routes of a kind.
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

func routeHostsMeet(listener string, o *source.Object) bool {
	hosts := o.Root.Get("spec").Get("hostnames").List()
	if listener == "" || len(hosts) == 0 {
		return true
	}
	for _, h := range hosts {
		if hostsMeet(listener, h.Text) {
			return true
		}
	}
	return false
}

// hostsMeet reports that some name is described by both of two host names,
// which may begin with a wildcard, or that one is filled in by another tool.
func hostsMeet(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	wildA, anyA := strings.CutPrefix(a, "*")
	wildB, anyB := strings.CutPrefix(b, "*")
	switch {
	case isPlaceholder(a) || isPlaceholder(b):
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

// gatewaySource finds the proxies of a Gateway; entry is false for a waypoint,
// which is no way into the cluster.
//
// Istio deploys the proxies of a Gateway into its namespace, labelled with its
// name, unless an address names the Service of proxies that stand already.
// https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#deployment-methods
func (r *routing) gatewaySource(g *source.Object) (src routeSource, entry bool) {
	if g == nil {
		return routeSource{}, true
	}
	spec := g.Root.Get("spec")
	class := textAt(spec, "gatewayClassName", "")
	controller := r.classes["GatewayClass/"+class]
	switch {
	case class == "istio-waypoint" || controller == "istio.io/mesh-controller":
		return routeSource{}, false
	case controller != "istio.io/gateway-controller" && (controller != "" || class != "istio"):
		return routeSource{gateway: g}, true
	}
	src = r.proxies(map[string]string{"gateway.networking.k8s.io/gateway-name": g.Name}, g.Namespace, false)
	if addresses := spec.Get("addresses").List(); len(addresses) > 0 {
		src = routeSource{}
		if v := r.istioHost(textAt(addresses[0], "value", ""), g.Namespace); len(addresses) == 1 && v != nil && v.selects() {
			src = routeSource{kind: podSource, labels: v.spec.Selector, namespace: v.Namespace, workloads: v.selected}
		}
	}
	src.gateway = g
	return src, true
}
