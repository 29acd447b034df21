package analyzer

import "strconv"

// The bounds of one route: how many proxies, and how many pods behind it, are
// tried before it is left alone.
const (
	mostProxies  = 16
	mostBackends = 64
)

// routeFlows asks whether the proxies of each route may connect to what stands
// behind it. Of several pods one is enough.
func (s *Needs) routeFlows() []*flow {
	var out []*flow
	for i := range s.calls.routes() {
		r := &s.calls.routes()[i]
		proxies := s.proxies(&r.sources)
		for j := range r.backends {
			if f := s.routeFlow(r, &r.backends[j], proxies); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

func (s *Needs) routeFlow(r *route, b *routeBackend, proxies []*party) *flow {
	if len(b.destinations) == 0 || len(b.destinations) > mostBackends || b.service != nil && len(b.service.maybe) > 0 {
		return nil
	}
	var tried []*flow
	for _, to := range b.destinations {
		found := s.arrivals(r, to, proxies)
		if found == nil {
			return nil
		}
		tried = append(tried, found...)
	}
	f := best(tried)
	if !sameMesh(tried) {
		f.facts.Mesh = FlowMeshFacts{Verdict: string(Unsure)}
	}
	f.from = b.from
	f.names["route"] = refName(r.object)
	f.names["proxy"] = proxyName(f.src)
	if f.src.kind == podParty {
		f.about = append(f.about, f.src.w)
	}
	f.facts.Source = f.src.certainty()
	return f
}

// arrivals are the connections of every proxy of a route to one pod, none where
// one of them cannot be judged.
func (s *Needs) arrivals(r *route, to destination, proxies []*party) []*flow {
	behind := s.mesh.waypoint(to.w)
	if to.w.implied || to.port.number == 0 || behind == Yes || behind == Unknown && s.mesh.usesHBONE(to.w) {
		return nil
	}
	var out []*flow
	for _, proxy := range proxies {
		if proxy.w == to.w {
			return nil
		}
		f := s.arrival("route", proxy, to)
		if f == nil {
			return nil
		}
		s.settleMesh(f, s.meshSender(proxy, &r.sources), to)
		out = append(out, f)
	}
	return out
}

// arrival is a connection from a proxy or scraper to a pod. What an ambient
// pod is sent by the mesh arrives as HBONE.
func (s *Needs) arrival(need string, src *party, to destination) *flow {
	n := s.network
	protocol := protocolIndex(to.port.protocol)
	if protocol < 0 {
		return nil
	}
	ask := func(port int) *flow {
		f := &flow{need: need, src: src, dst: n.partyOf[to.w], about: []*Workload{to.w}, protocol: protocol, port: port, names: map[string]string{}}
		f.names["callee"], f.names["port"] = "`"+to.w.ID+"`", to.port.String()
		n.settle(f)
		return f
	}
	f := ask(to.port.number)
	if f.facts.Verdict == string(Denied) && protocol == tcp && s.mesh.usesHBONE(to.w) {
		return best([]*flow{f, ask(hbonePort)})
	}
	return f
}

// proxies are the parties that the connections of a route come from: pods of
// the set, pods of which labels are known, or somebody who is only known to be
// none of the pods of a closed namespace.
func (s *Needs) proxies(src *routeSource) []*party {
	n := s.network
	if len(src.workloads) > mostProxies {
		return []*party{n.meet(stranger{name: "somebody", labels: labelSet{open: true}})}
	}
	var out []*party
	for _, w := range src.workloads {
		out = append(out, n.partyOf[w])
	}
	switch {
	case len(out) > 0:
	case src.kind == addressSource:
		out = append(out, n.meet(stranger{name: "the load balancer", nowhere: true}))
	case src.kind == podSource:
		x := stranger{name: "the gateway's pods", labels: labelSet{known: src.labels, open: true}}
		if !src.anyNamespace {
			x.namespace = src.namespace
		}
		out = append(out, n.meet(x))
	default:
		out = append(out, n.meet(stranger{name: "the proxies", labels: labelSet{open: true}}))
	}
	return out
}

func proxyName(p *party) string {
	if p.kind == podParty {
		return "`" + p.w.ID + "`"
	}
	return p.name()
}

// certainty tells whether the source of a flow is a pod of the tree.
func (p *party) certainty() string {
	if p.kind == podParty {
		return "workload"
	}
	return "elsewhere"
}

// scrapeFlows asks whether Prometheus may read the metrics that it is told to.
func (s *Needs) scrapeFlows() []*flow {
	var out []*flow
	for i := range s.calls.scrapes() {
		c := &s.calls.scrapes()[i]
		if len(c.destinations) > mostBackends {
			continue
		}
		for _, to := range c.destinations {
			if f := s.scrapeFlow(c, to); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

func (s *Needs) scrapeFlow(c *scrape, to destination) *flow {
	if to.w.implied || to.w.hostNetwork() || to.port == nil || to.port.number == 0 {
		return nil
	}
	if c.by == byPodAnnotation {
		switch s.mesh.member(to.w) {
		case "sidecar": // Istio merges the metrics and rewrites the annotation
			to.port = &port{number: mergedMetricsPort, protocol: "TCP", from: to.port.from}
		case "unknown":
			return nil
		}
	}
	var tried []*flow
	for _, scraper := range s.proxies(&c.sources) {
		if scraper.w == to.w {
			return nil
		}
		if f := s.arrival("scrape", scraper, to); f != nil {
			s.settleMesh(f, s.meshSender(scraper, &c.sources), to)
			tried = append(tried, f)
		}
	}
	if len(tried) == 0 {
		return nil
	}
	f := best(tried)
	if !sameMesh(tried) {
		f.facts.Mesh = FlowMeshFacts{Verdict: string(Unsure)}
	}
	f.from = c.from
	f.names["monitor"] = refName(c.object)
	f.names["port"] = to.port.String()
	if to.port.number == mergedMetricsPort {
		f.names["port"] = strconv.Itoa(mergedMetricsPort) + " (Istio's merged metrics)"
	}
	f.facts.Source = f.src.certainty()
	return f
}

// mergedMetricsPort serves an application's metrics together with the proxy's.
// https://istio.io/latest/docs/ops/integrations/prometheus/#option-1-metrics-merging
const mergedMetricsPort = 15020
