package calls

import (
	"slices"
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"
	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// istioHost finds the Service that a host of an Istio object names: a short
// name in the object's own namespace, or the full name. Istio completes
// nothing that has a dot in it.
// https://github.com/istio/istio/blob/master/pkg/config/model.go (ResolveShortnameToFQDN)
func (r *routing) istioHost(host, namespace string) *inventory.Service {
	host = strings.ToLower(host)
	if !strings.Contains(host, ".") {
		return r.d.Services[namespace+"/"+host]
	}
	labels, ok := strings.CutSuffix(host, ".svc.cluster.local")
	name, ns, two := strings.Cut(labels, ".")
	if !ok || !two || strings.Contains(ns, ".") {
		return nil
	}
	return r.d.Services[ns+"/"+name]
}

// registerSubsets records the pod labels of the subsets of a Service.
func (r *routing) registerSubsets(o *decode.Decoded) {
	rule, ok := decode.Spec[*networkingistio.DestinationRule](o)
	if !ok {
		return
	}
	v := r.istioHost(rule.GetHost(), o.Namespace)
	if v == nil {
		return
	}
	if r.subsets[v] == nil {
		r.subsets[v] = map[string][]inventory.Selector{}
	}
	for _, subset := range rule.GetSubsets() {
		r.subsets[v][subset.GetName()] = append(r.subsets[v][subset.GetName()], inventory.MapSelector(subset.GetLabels()))
	}
}

// virtualService reads a VirtualService: one route for each gateway that it is
// bound to. What it configures in sidecars ("mesh") is not a route.
// https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-gateways
func (r *routing) virtualService(o *decode.Decoded) {
	spec, ok := decode.Spec[*networkingistio.VirtualService](o)
	if !ok {
		return
	}
	done := map[string]bool{}
	for _, name := range spec.GetGateways() {
		key := gatewayKey(name, o.Namespace)
		if name == "mesh" || done[key] {
			continue
		}
		done[key] = true
		sources, bound := r.istioSource(r.istio["Gateway/"+key], spec, o.Namespace)
		if !bound {
			continue
		}
		c := &istioBackends{r: r, gateway: key}
		c.routes(o, spec)
		r.add(Route{Object: o.Object, Sources: sources, Backends: c.found})
	}
}

// gatewayKey reads the name of a gateway in a VirtualService.
// https://github.com/istio/istio/blob/master/pilot/pkg/model/virtualservice.go (resolveGatewayName)
func gatewayKey(name, namespace string) string {
	if ns, short, ok := strings.Cut(name, "/"); ok {
		if ns == "." {
			ns = namespace
		}
		return ns + "/" + short
	}
	if short, rest, ok := strings.Cut(name, "."); ok {
		ns, _, _ := strings.Cut(rest, ".")
		return ns + "/" + short
	}
	return namespace + "/" + name
}

// istioSource finds the proxies of a Gateway by its selector, in all
// namespaces; bound is false when no server of it takes the hosts of the
// VirtualService. A selector that is missing means every proxy there is.
// https://istio.io/latest/docs/reference/config/networking/gateway/#Gateway-selector
func (r *routing) istioSource(o *decode.Decoded, vs *networkingistio.VirtualService, namespace string) (src RouteSource, bound bool) {
	if o == nil {
		return RouteSource{}, true
	}
	gateway, ok := decode.Spec[*networkingistio.Gateway](o)
	switch {
	case !ok || len(gateway.GetSelector()) == 0 || !exported(vs.GetExportTo()):
		return RouteSource{Gateway: o.Object}, true
	case !serves(gateway, o.Namespace, vs.GetHosts(), namespace):
		return RouteSource{}, false
	}
	src = r.proxies(gateway.GetSelector(), "", true)
	src.Gateway = o.Object
	return src, true
}

// exported reports that proxies of every namespace see the object.
func exported(to []string) bool { return len(to) == 0 || slices.Contains(to, "*") }

// serves reports whether some server of the gateway takes one of the hosts.
// https://istio.io/latest/docs/reference/config/networking/gateway/#Server-hosts
func serves(gateway *networkingistio.Gateway, gatewayNamespace string, hosts []string, namespace string) bool {
	for _, server := range gateway.GetServers() {
		for _, host := range server.GetHosts() {
			scope, name, scoped := strings.Cut(host, "/")
			if !scoped {
				scope, name = "*", host
			}
			if scope != "*" && scope != namespace && (scope != "." || gatewayNamespace != namespace) {
				continue
			}
			if slices.ContainsFunc(hosts, func(h string) bool { return hostsOverlap(name, h) }) {
				return true
			}
		}
	}
	return false
}

// istioBackends collects the destinations of a VirtualService for one gateway.
// Mirrors are left out: no client waits for their response.
type istioBackends struct {
	r       *routing
	gateway string
	found   []RouteBackend
}

func (c *istioBackends) routes(o *decode.Decoded, vs *networkingistio.VirtualService) {
	for i, h := range vs.GetHttp() {
		if !takes(c, h.GetMatch(), o.Namespace) {
			continue
		}
		c.http(o, i, h)
		if d := h.GetDelegate(); d != nil {
			c.delegate(o, d)
		}
	}
	for i, t := range vs.GetTls() {
		if takes(c, t.GetMatch(), o.Namespace) {
			c.opaque(o, "tls", i, t.GetRoute())
		}
	}
	for i, t := range vs.GetTcp() {
		if takes(c, t.GetMatch(), o.Namespace) {
			c.opaque(o, "tcp", i, t.GetRoute())
		}
	}
}

// takes reports whether a rule's matches let the gateway's traffic in.
func takes[M interface{ GetGateways() []string }](c *istioBackends, matches []M, namespace string) bool {
	return len(matches) == 0 || slices.ContainsFunc(matches, func(m M) bool {
		names := m.GetGateways()
		return len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return n != "mesh" && gatewayKey(n, namespace) == c.gateway })
	})
}

func (c *istioBackends) http(o *decode.Decoded, i int, h *networkingistio.HTTPRoute) {
	if h.GetRedirect() != nil || h.GetDirectResponse() != nil {
		return
	}
	for j, d := range h.GetRoute() {
		if d.GetWeight() > 0 || len(h.GetRoute()) == 1 {
			c.add(o, d.GetDestination(), yaml.Path{"spec", "http", i, "route", j, "destination", "host"})
		}
	}
}

// delegate reads the rules of another VirtualService that one delegates to, one
// level deep.
// https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate
func (c *istioBackends) delegate(o *decode.Decoded, d *networkingistio.Delegate) {
	namespace := d.GetNamespace()
	if namespace == "" {
		namespace = o.Namespace
	}
	to := c.r.istio["VirtualService/"+namespace+"/"+d.GetName()]
	if to == nil {
		return
	}
	if vs, ok := decode.Spec[*networkingistio.VirtualService](to); ok && len(vs.GetHosts()) == 0 {
		for i, h := range vs.GetHttp() {
			c.http(to, i, h)
		}
	}
}

func (c *istioBackends) opaque(o *decode.Decoded, list string, i int, routes []*networkingistio.RouteDestination) {
	for j, d := range routes {
		if d.GetWeight() > 0 || len(routes) == 1 {
			c.add(o, d.GetDestination(), yaml.Path{"spec", list, i, "route", j, "destination", "host"})
		}
	}
}

// add adds a destination. Without a port it means the Service's only one; where
// the Service has several, the listener's number decides, which is not followed.
// https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination
func (c *istioBackends) add(o *decode.Decoded, d *networkingistio.Destination, at yaml.Path) {
	v := c.r.istioHost(d.GetHost(), o.Namespace)
	if v == nil {
		return
	}
	var sp *corev1.ServicePort
	if n := int(d.GetPort().GetNumber()); n != 0 || d.GetPort() == nil {
		sp = v.PortOf(n, "TCP")
	}
	b := serviceBackend(v, sp, fact.Source{Object: o.Object, Path: at})
	if d.GetSubset() != "" {
		b.Destinations = c.r.inSubset(v, d.GetSubset(), b.Destinations)
	}
	c.found = append(c.found, b)
}

// inSubset keeps the pods that the subset of that name selects in every rule; a
// subset that no rule defines selects none.
// https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset
func (r *routing) inSubset(v *inventory.Service, name string, list []inventory.Destination) []inventory.Destination {
	rules := r.subsets[v][name]
	return slices.DeleteFunc(list, func(d inventory.Destination) bool {
		return len(rules) == 0 || slices.ContainsFunc(rules, func(sel inventory.Selector) bool { return sel.Matches(d.W.LabelSet) != fact.Yes })
	})
}
