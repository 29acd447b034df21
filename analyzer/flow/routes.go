package flow

import (
	"github.com/aisec-lint/aisec-lint/analyzer/calls"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// The bounds of one route: with more proxies, or more pods behind it, nothing is
// concluded about it.
const (
	mostProxies  = 16
	mostBackends = 64
)

// routeFlows asks whether the proxies of each route may connect to its backends.
// Of several pods one is enough.
func (n *Needs) routeFlows() []*flow {
	var out []*flow
	for i := range n.calls.Routes() {
		r := &n.calls.Routes()[i]
		proxies := n.proxies(&r.Sources)
		for j := range r.Backends {
			if f := n.routeFlow(r, &r.Backends[j], proxies); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

func (n *Needs) routeFlow(r *calls.Route, b *calls.RouteBackend, proxies []*netpol.Endpoint) *flow {
	if len(b.Destinations) == 0 || len(b.Destinations) > mostBackends || b.Service != nil && len(b.Service.PossiblySelected) > 0 {
		return nil
	}
	var tried []*flow
	for _, to := range b.Destinations {
		found := n.fromProxies(r, to, proxies)
		if found == nil {
			return nil
		}
		tried = append(tried, found...)
	}
	f := bestOf(tried)
	f.from = b.From
	f.names["route"] = fact.RefName(r.Object)
	f.names["proxy"] = proxyName(f.src)
	if f.src.Kind == netpol.PodEndpoint {
		f.about = append(f.about, f.src.Workload)
	}
	f.source = sourcePlace(f.src)
	return f
}

// fromProxies are the connections of every proxy of a route to one pod, none
// where one of them cannot be decided.
func (n *Needs) fromProxies(r *calls.Route, to inventory.Destination, proxies []*netpol.Endpoint) []*flow {
	behind := n.mesh.Waypoint(to.W)
	if to.W.Implied || to.Port.Number == 0 || behind == fact.Yes || behind == fact.Unknown && n.mesh.UsesHBONE(to.W) {
		return nil
	}
	var out []*flow
	for _, proxy := range proxies {
		if proxy.Workload == to.W {
			return nil
		}
		f := n.fromProxy(needRoute, proxy, to)
		if f == nil {
			return nil
		}
		n.evaluateMesh(f, n.meshSender(proxy, &r.Sources), to)
		out = append(out, f)
	}
	return out
}

// fromProxy is a connection from a proxy or scraper to a pod. What the mesh sends
// to an ambient pod arrives as HBONE.
func (n *Needs) fromProxy(need need, src *netpol.Endpoint, to inventory.Destination) *flow {
	network := n.network
	protocol := netset.ProtocolIndex(to.Port.Protocol)
	if protocol < 0 {
		return nil
	}
	ask := func(port int) *flow {
		f := &flow{need: need, src: src, dst: network.EndpointOf[to.W], about: []*inventory.Workload{to.W}, protocol: protocol, port: port, names: map[string]string{}}
		f.names["callee"], f.names["port"] = "`"+to.W.ID+"`", to.Port.String()
		f.evaluate()
		return f
	}
	f := ask(to.Port.Number)
	if f.network() == fact.Denied && protocol == netset.TCP && n.mesh.UsesHBONE(to.W) {
		return bestOf([]*flow{f, ask(mesh.HBONEPort)})
	}
	return f
}

// proxies are the endpoints that the connections of a route come from: pods of
// the set, pods of which only labels are known, or an endpoint of which nothing
// is known except that it is not a pod of a complete namespace.
func (n *Needs) proxies(src *calls.RouteSource) []*netpol.Endpoint {
	network := n.network
	if len(src.Workloads) > mostProxies {
		return []*netpol.Endpoint{network.External(netpol.ExternalPod{Name: "somebody", Labels: inventory.LabelSet{Open: true}})}
	}
	var out []*netpol.Endpoint
	for _, w := range src.Workloads {
		out = append(out, network.EndpointOf[w])
	}
	switch {
	case len(out) > 0:
	case src.Kind == calls.AddressSource:
		out = append(out, network.External(netpol.ExternalPod{Name: "the load balancer", NotAPod: true}))
	case src.Kind == calls.PodSource:
		x := netpol.ExternalPod{Name: "the gateway's pods", Labels: inventory.LabelSet{Known: src.Labels, Open: true}}
		if !src.AnyNamespace {
			x.Namespace = src.Namespace
		}
		out = append(out, network.External(x))
	default:
		out = append(out, network.External(netpol.ExternalPod{Name: "the proxies", Labels: inventory.LabelSet{Open: true}}))
	}
	return out
}

func proxyName(p *netpol.Endpoint) string {
	if p.Kind == netpol.PodEndpoint {
		return "`" + p.Workload.ID + "`"
	}
	return p.Name()
}

// sourcePlace says whether the source of a flow is a pod of the tree: workload or
// elsewhere.
func sourcePlace(p *netpol.Endpoint) string {
	if p.Kind == netpol.PodEndpoint {
		return "workload"
	}
	return "elsewhere"
}
