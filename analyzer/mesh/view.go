package mesh

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// PortMode is the mutual TLS that one port of a workload accepts: a row of the
// answer to users.
type PortMode struct {
	Workload  *inventory.Workload
	Port      int           // 0 is every port that has no row of its own
	Mode      fact.MTLSMode // STRICT, PERMISSIVE, DISABLE, NONE (no proxy takes the port), UNKNOWN
	Mesh      fact.Member   // sidecar, ambient, none, unknown
	DecidedBy string        // namespace/name#mtls, namespace/name#portLevelMtls[8080], default
	From      fact.Source   // of what decides; no object where nothing does
	// Environments are those that answer so, where others answer otherwise.
	Environments []string
}

// ClientMode is what a proxy sends to one port of a Service.
type ClientMode struct {
	Client    *inventory.Workload
	Host      string
	Port      int
	Subset    string
	Mode      TLSMode
	Outcome   Outcome
	DecidedBy string // namespace/name#trafficPolicy.tls, default
	From      fact.Source
	// Environments are those that answer so, where others answer otherwise.
	Environments []string
}

// MTLSOptions narrow the view.
type MTLSOptions struct {
	// AssumeMesh answers for [Mesh.Assuming]: as if every workload without an
	// opt-out had a sidecar.
	AssumeMesh bool
}

// Question is what a row answers, and its answer: rows of several environments
// are compared by them.
func (m *PortMode) Question() (question, answer string) {
	return fmt.Sprint(m.Workload.ID, "\x00", m.Port), fmt.Sprint(m.Mode, m.Mesh, m.DecidedBy, placeOf(m.From))
}

// Question is what a row answers, and its answer: rows of several environments
// are compared by them.
func (m *ClientMode) Question() (question, answer string) {
	return fmt.Sprint(m.Client.ID, "\x00", m.Host, "\x00", m.Port, m.Subset), fmt.Sprint(m.Mode, m.Outcome, m.DecidedBy, placeOf(m.From))
}

func placeOf(from fact.Source) string {
	if span := from.Locate(); span.File != nil {
		return fmt.Sprint(span.File.Name, span.Start)
	}
	return ""
}

// PortModes lists the mode of every container port of a workload, of every port
// that a portLevelMtls names, and (port 0) of all others, by port.
func (m *Mesh) PortModes(w *inventory.Workload) []PortMode {
	ports := map[int]*inventory.Port{0: {Protocol: "TCP", Unnamed: true}}
	for _, p := range w.Ports {
		if p.Number == 0 || !p.Declared && !w.Implied {
			continue
		}
		if ports[p.Number] == nil || p.Protocol == "TCP" {
			ports[p.Number] = p
		}
	}
	for _, number := range m.portLevelPorts(w) {
		if ports[number] == nil {
			ports[number] = &inventory.Port{Number: number, Protocol: "TCP"}
		}
	}
	out := make([]PortMode, 0, len(ports))
	for _, number := range slices.Sorted(maps.Keys(ports)) {
		out = append(out, m.portMode(w, ports[number]))
	}
	return out
}

// portLevelPorts are the ports that a portLevelMtls for the workload names.
func (m *Mesh) portLevelPorts(w *inventory.Workload) []int {
	var out []int
	if m.Member(w) == fact.NoMesh {
		return out
	}
	for _, own := range m.scopesOf(w).workload {
		if own == nil {
			continue
		}
		for number := range own.spec.GetPortLevelMtls() {
			if number > 0 && number <= netset.LastPort {
				out = append(out, int(number))
			}
		}
	}
	return out
}

func (m *Mesh) portMode(w *inventory.Workload, p *inventory.Port) PortMode {
	mode := m.PortMTLS(w, p)
	out := PortMode{Workload: w, Port: p.Number, Mode: mode.Mode, Mesh: m.Member(w), DecidedBy: "default"}
	if o := mode.policy; o != nil {
		out.From, out.DecidedBy = mode.From, fact.Display(o.Namespace)+"/"+o.Name+"#mtls"
		if mode.Scope == fact.PortScope {
			out.DecidedBy = fact.Display(o.Namespace) + "/" + o.Name + "#portLevelMtls[" + strconv.Itoa(p.Number) + "]"
		}
	}
	return out
}

// ClientModes yields what every workload with a sidecar sends to every port of
// every Service and ServiceEntry, by client, host, port and subset. It returns
// false once yield did.
func (m *Mesh) ClientModes(opts MTLSOptions, yield func(ClientMode) bool) bool {
	if opts.AssumeMesh {
		m = m.Assuming()
	}
	var clients []*inventory.Workload
	for _, w := range m.Inventory.Workloads {
		if m.Member(w) == fact.Sidecar && !w.Implied {
			clients = append(clients, w)
		}
	}
	slices.SortStableFunc(clients, func(a, b *inventory.Workload) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.ID, b.ID))
	})
	services := slices.Clone(m.Inventory.Services)
	slices.SortStableFunc(services, func(a, b *inventory.Service) int { return cmp.Compare(a.Host(), b.Host()) })
	view := clientView{mesh: m, externals: m.externals()}
	var rows []ClientMode
	for n, w := range clients {
		// Where nothing selects single workloads, all clients of the namespace have the same rows.
		if n == 0 || clients[n-1].Namespace != w.Namespace || m.SelectsIn(w.Namespace) {
			rows = view.rows(w, services)
		}
		for i := range rows {
			row := rows[i]
			row.Client = w
			if !yield(row) {
				return false
			}
		}
	}
	return true
}

// SelectsIn reports DestinationRules or Sidecars for single workloads of a
// namespace: without them its clients all send the same.
func (m *Mesh) SelectsIn(namespace string) bool { return m.selective[namespace] }

// clientView makes the rows of clients.
type clientView struct {
	mesh      *Mesh
	externals []external
}

func (c *clientView) rows(client *inventory.Workload, services []*inventory.Service) []ClientMode {
	var out []ClientMode
	for _, v := range services {
		subsets := c.mesh.subsets(client.Namespace, v)
		for i := range v.Spec.Ports {
			sp := &v.Spec.Ports[i]
			if decode.OrTCP(sp.Protocol) != "TCP" {
				continue
			}
			for _, subset := range subsets {
				t := c.mesh.ClientTLS(client, v.Host(), v.Namespace, int(sp.Port), subset)
				row := t.row()
				row.Host, row.Port, row.Subset, row.Outcome = v.ShownHost(), int(sp.Port), subset, c.serviceOutcome(t.Mode, v, i)
				out = append(out, row)
			}
		}
	}
	out = append(out, c.externalRows(client)...)
	slices.SortStableFunc(out, func(a, b ClientMode) int { return cmp.Compare(a.Host, b.Host) })
	return out
}

// subsets are the names of the subsets that rules define for a Service, after
// "" for the Service itself.
func (m *Mesh) subsets(client string, v *inventory.Service) []string {
	names := map[string]bool{"": true}
	rules, _ := m.lookup(client, v.Host(), v.Namespace)
	for _, r := range rules {
		for _, sub := range r.spec.GetSubsets() {
			names[sub.GetName()] = true
		}
	}
	return fact.SortedKeys(names)
}

func (t *ClientTLS) row() ClientMode {
	row := ClientMode{Mode: t.Mode, From: t.From, DecidedBy: "default"}
	if o := t.From.Object; o != nil {
		row.DecidedBy = fact.Display(o.Namespace) + "/" + o.Name + "#" + strings.TrimPrefix(t.From.Path.String(), "spec.")
	}
	return row
}
