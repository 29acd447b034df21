package flow

import (
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/calls"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
)

// scrapeFlows asks whether Prometheus may read the metrics that it is configured
// to scrape.
func (n *Needs) scrapeFlows() []*flow {
	var out []*flow
	for i := range n.calls.Scrapes() {
		c := &n.calls.Scrapes()[i]
		if len(c.Destinations) > mostBackends {
			continue
		}
		for _, to := range c.Destinations {
			if f := n.scrapeFlow(c, to); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

func (n *Needs) scrapeFlow(c *calls.Scrape, to inventory.Destination) *flow {
	if to.W.Implied || to.W.HostNetwork() || to.Port == nil || to.Port.Number == 0 {
		return nil
	}
	if c.By == calls.ByPodAnnotation {
		switch n.mesh.Member(to.W) {
		case fact.Sidecar: // Istio merges the metrics and rewrites the annotation
			to.Port = &inventory.Port{Number: mesh.MergedMetricsPort, Protocol: "TCP", From: to.Port.From}
		case fact.UnknownMember:
			return nil
		case fact.Ambient, fact.NoMesh:
		}
	}
	var tried []*flow
	for _, scraper := range n.proxies(&c.Sources) {
		if scraper.Workload == to.W {
			return nil
		}
		if f := n.fromProxy(needScrape, scraper, to); f != nil {
			n.evaluateMesh(f, n.meshSender(scraper, &c.Sources), to)
			tried = append(tried, f)
		}
	}
	f := bestOf(tried)
	if f == nil {
		return nil
	}
	f.from = c.From
	f.names["monitor"] = fact.RefName(c.Object)
	f.names["port"] = to.Port.String()
	if to.Port.Number == mesh.MergedMetricsPort {
		f.names["port"] = strconv.Itoa(mesh.MergedMetricsPort) + " (Istio's merged metrics)"
	}
	f.source = sourcePlace(f.src)
	return f
}
