package flow

import (
	"github.com/aisec-lint/aisec-lint/analyzer/calls"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
)

// Needs asks whether policies let through the connections that a set of
// manifests cannot do without.
type Needs struct {
	inventory *inventory.Inventory
	network   *netpol.Network
	mesh      *mesh.Mesh
	layers    *connect.Layers
	calls     *calls.Calls
	istiod    []*netpol.Endpoint
}

// New prepares the questions about one set: layers answer them, and calls are
// what its manifests name.
func New(layers *connect.Layers, calls *calls.Calls) *Needs {
	return &Needs{
		inventory: layers.Inventory, network: layers.Network, mesh: layers.Mesh, layers: layers, calls: calls,
		istiod: istiod(layers.Network, layers.Mesh.RootNamespace()),
	}
}

// Subjects lists the connections that the tree needs, where policies have a say:
// by workload, then by route, then by scrape.
func (n *Needs) Subjects() []fact.Subject {
	flows := n.flows()
	out := make([]fact.Subject, 0, len(flows))
	for _, f := range flows {
		out = append(out, f.subject())
	}
	return out
}

func (n *Needs) flows() []*flow {
	var out []*flow
	for _, w := range n.inventory.Workloads {
		if w.Implied || w.HostNetwork() || w.Platform {
			continue
		}
		out = append(out, n.dnsFlows(w)...)
		out = append(out, n.istiodFlows(w)...)
		out = append(out, n.webhookFlows(w)...)
		out = append(out, n.ambientFlows(w)...)
		out = append(out, n.dependencyFlows(w)...)
	}
	out = append(out, n.routeFlows()...)
	return append(out, n.scrapeFlows()...)
}
