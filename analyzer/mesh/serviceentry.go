package mesh

import (
	"slices"
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// external is a host that a ServiceEntry adds, and its TCP ports.
type external struct {
	host, namespace string
	exportTo        []string
	inMesh          bool // MESH_INTERNAL
	ports           []int
}

// externals are the hosts that ServiceEntries add. Wildcards are left out,
// because a DestinationRule is looked up for a name; so are hosts of Services.
func (m *Mesh) externals() []external {
	var out []external
	for o, e := range decode.Each[*networkingistio.ServiceEntry](m.Inventory.Objects) {
		x := external{
			namespace: o.Namespace, exportTo: e.GetExportTo(), ports: tcpPorts(e),
			inMesh: e.GetLocation() == networkingistio.ServiceEntry_MESH_INTERNAL,
		}
		for _, host := range e.GetHosts() {
			if strings.HasPrefix(host, "*") || decode.IsPlaceholder(host) || len(m.serviceHosts[host]) > 0 {
				continue
			}
			next := x
			next.host = host
			out = append(out, next)
		}
	}
	return out
}

func tcpPorts(e *networkingistio.ServiceEntry) []int {
	var out []int
	for _, p := range e.GetPorts() {
		if p.GetNumber() <= netset.LastPort && !strings.EqualFold(p.GetProtocol(), "UDP") {
			out = append(out, int(p.GetNumber()))
		}
	}
	return out
}

// visible reports that clients of a namespace know the host.
// https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-export_to
func (x *external) visible(client string) bool {
	return len(x.exportTo) == 0 || slices.Contains(x.exportTo, "*") || slices.Contains(x.exportTo, client) ||
		client == x.namespace && slices.Contains(x.exportTo, ".")
}

// externalRows are what a client sends to the hosts of ServiceEntries.
// Automatic mutual TLS does not apply to hosts outside the mesh: what the
// application sends goes out unchanged.
// istio/istio pilot/pkg/networking/core/cluster_tls.go (buildUpstreamTLSSettings: meshExternal).
func (c *clientView) externalRows(client *inventory.Workload) []ClientMode {
	var out []ClientMode
	for i := range c.externals {
		x := &c.externals[i]
		if !x.visible(client.Namespace) {
			continue
		}
		for _, port := range x.ports {
			t := c.mesh.ClientTLS(client, x.host, x.namespace, port, "")
			row := t.row()
			row.Host, row.Port, row.Outcome = x.host, port, x.outcome(t.Mode)
			out = append(out, row)
		}
	}
	return out
}

func (x *external) outcome(mode TLSMode) Outcome {
	if x.inMesh {
		return Unresolved
	}
	switch mode {
	case SimpleTLS, MutualTLSOfRule:
		return Origination
	case AutoTLS, DisableTLS:
		return Plaintext
	case IstioMutualTLS, UnknownTLS:
	}
	return Unresolved
}
