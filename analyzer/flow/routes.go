package flow

import (
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/calls"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// The bounds of one route: how many proxies, and how many pods behind it, are
// tried before it is left alone.
const (
	mostProxies  = 16
	mostBackends = 64
)

// routeFlows asks whether the proxies of each route may connect to what stands
// behind it. Of several pods one is enough.
func (s *Needs) routeFlows() []*Flow {
	var out []*Flow
	for i := range s.calls.Routes() {
		r := &s.calls.Routes()[i]
		proxies := s.proxies(&r.Sources)
		for j := range r.Backends {
			if f := s.routeFlow(r, &r.Backends[j], proxies); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

func (s *Needs) routeFlow(r *calls.Route, b *calls.RouteBackend, proxies []*netpol.Endpoint) *Flow {
	if len(b.Destinations) == 0 || len(b.Destinations) > mostBackends || b.Service != nil && len(b.Service.PossiblySelected) > 0 {
		return nil
	}
	var tried []*Flow
	for _, to := range b.Destinations {
		found := s.arrivals(r, to, proxies)
		if found == nil {
			return nil
		}
		tried = append(tried, found...)
	}
	f := best(tried)
	if !sameMesh(tried) {
		f.facts.Mesh = fact.FlowMeshFacts{Verdict: fact.Undetermined}
	}
	f.from = b.From
	f.names["route"] = fact.RefName(r.Object)
	f.names["proxy"] = proxyName(f.src)
	if f.src.Kind == netpol.PodEndpoint {
		f.about = append(f.about, f.src.Workload)
	}
	f.facts.Source = certainty(f.src)
	return f
}

// arrivals are the connections of every proxy of a route to one pod, none where
// one of them cannot be judged.
func (s *Needs) arrivals(r *calls.Route, to inventory.Destination, proxies []*netpol.Endpoint) []*Flow {
	behind := s.mesh.Waypoint(to.W)
	if to.W.Implied || to.Port.Number == 0 || behind == fact.Yes || behind == fact.Unknown && s.mesh.UsesHBONE(to.W) {
		return nil
	}
	var out []*Flow
	for _, proxy := range proxies {
		if proxy.Workload == to.W {
			return nil
		}
		f := s.arrival("route", proxy, to)
		if f == nil {
			return nil
		}
		s.settleMesh(f, s.meshSender(proxy, &r.Sources), to)
		out = append(out, f)
	}
	return out
}

// arrival is a connection from a proxy or scraper to a pod. What an ambient
// pod is sent by the mesh arrives as HBONE.
func (s *Needs) arrival(need string, src *netpol.Endpoint, to inventory.Destination) *Flow {
	n := s.network
	protocol := netset.ProtocolIndex(to.Port.Protocol)
	if protocol < 0 {
		return nil
	}
	ask := func(port int) *Flow {
		f := &Flow{need: need, src: src, dst: n.EndpointOf[to.W], about: []*inventory.Workload{to.W}, protocol: protocol, port: port, names: map[string]string{}}
		f.names["callee"], f.names["port"] = "`"+to.W.ID+"`", to.Port.String()
		settle(n, f)
		return f
	}
	f := ask(to.Port.Number)
	if f.facts.Verdict == fact.Denied && protocol == netset.TCP && s.mesh.UsesHBONE(to.W) {
		return best([]*Flow{f, ask(mesh.HBONEPort)})
	}
	return f
}

// proxies are the parties that the connections of a route come from: pods of
// the set, pods of which labels are known, or somebody who is only known to be
// none of the pods of a closed namespace.
func (s *Needs) proxies(src *calls.RouteSource) []*netpol.Endpoint {
	n := s.network
	if len(src.Workloads) > mostProxies {
		return []*netpol.Endpoint{n.External(netpol.ExternalPod{Name: "somebody", Labels: inventory.LabelSet{Open: true}})}
	}
	var out []*netpol.Endpoint
	for _, w := range src.Workloads {
		out = append(out, n.EndpointOf[w])
	}
	switch {
	case len(out) > 0:
	case src.Kind == calls.AddressSource:
		out = append(out, n.External(netpol.ExternalPod{Name: "the load balancer", NotAPod: true}))
	case src.Kind == calls.PodSource:
		x := netpol.ExternalPod{Name: "the gateway's pods", Labels: inventory.LabelSet{Known: src.Labels, Open: true}}
		if !src.AnyNamespace {
			x.Namespace = src.Namespace
		}
		out = append(out, n.External(x))
	default:
		out = append(out, n.External(netpol.ExternalPod{Name: "the proxies", Labels: inventory.LabelSet{Open: true}}))
	}
	return out
}

func proxyName(p *netpol.Endpoint) string {
	if p.Kind == netpol.PodEndpoint {
		return "`" + p.Workload.ID + "`"
	}
	return p.Name()
}

// certainty tells whether the source of a flow is a pod of the tree.
func certainty(p *netpol.Endpoint) string {
	if p.Kind == netpol.PodEndpoint {
		return "workload"
	}
	return "elsewhere"
}

// scrapeFlows asks whether Prometheus may read the metrics that it is told to.
func (s *Needs) scrapeFlows() []*Flow {
	var out []*Flow
	for i := range s.calls.Scrapes() {
		c := &s.calls.Scrapes()[i]
		if len(c.Destinations) > mostBackends {
			continue
		}
		for _, to := range c.Destinations {
			if f := s.scrapeFlow(c, to); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

func (s *Needs) scrapeFlow(c *calls.Scrape, to inventory.Destination) *Flow {
	if to.W.Implied || to.W.HostNetwork() || to.Port == nil || to.Port.Number == 0 {
		return nil
	}
	if c.By == calls.ByPodAnnotation {
		switch s.mesh.Member(to.W) {
		case fact.Sidecar: // Istio merges the metrics and rewrites the annotation
			to.Port = &inventory.Port{Number: mesh.MergedMetricsPort, Protocol: "TCP", From: to.Port.From}
		case fact.UnknownMember:
			return nil
		}
	}
	var tried []*Flow
	for _, scraper := range s.proxies(&c.Sources) {
		if scraper.Workload == to.W {
			return nil
		}
		if f := s.arrival("scrape", scraper, to); f != nil {
			s.settleMesh(f, s.meshSender(scraper, &c.Sources), to)
			tried = append(tried, f)
		}
	}
	if len(tried) == 0 {
		return nil
	}
	f := best(tried)
	if !sameMesh(tried) {
		f.facts.Mesh = fact.FlowMeshFacts{Verdict: fact.Undetermined}
	}
	f.from = c.From
	f.names["monitor"] = fact.RefName(c.Object)
	f.names["port"] = to.Port.String()
	if to.Port.Number == mesh.MergedMetricsPort {
		f.names["port"] = strconv.Itoa(mesh.MergedMetricsPort) + " (Istio's merged metrics)"
	}
	f.facts.Source = certainty(f.src)
	return f
}
