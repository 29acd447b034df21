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

// PortMode is the mutual TLS that one port of a workload takes.
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
	Mode      string // AUTO, DISABLE, SIMPLE, MUTUAL, ISTIO_MUTUAL, UNKNOWN
	Outcome   string // mtls, plaintext, tls-origination, broken, unknown
	DecidedBy string // namespace/name#trafficPolicy.tls, default
	From      fact.Source
	// Environments are those that answer so, where others answer otherwise.
	Environments []string
}

// MTLSOptions narrow the view.
type MTLSOptions struct {
	// AssumeMesh answers as if every workload without a hard opt-out had a sidecar.
	AssumeMesh bool
}

// assumedMember is the membership of a workload under that assumption. An
// opt-out that somebody wrote, and pods that no webhook ever injects, stay out.
func assumedMember(m *fact.MeshFacts) fact.Member {
	switch m.Reason {
	case "opt-out", "ambient-opt-out", "namespace-disabled", "never-injected", "host-network":
		return m.Member
	}
	return fact.Sidecar
}

// Assuming returns the mesh under that assumption.
func (s *Mesh) Assuming() *Mesh {
	out := *s
	out.members = make(map[*inventory.Workload]fact.MeshFacts, len(s.members))
	for w, m := range s.members {
		if m.Member != fact.Sidecar && m.Member != fact.Ambient {
			m.Member = assumedMember(&m)
		}
		out.members[w] = m
	}
	return &out
}

// Question is what a row answers, and its answer.
func (m *PortMode) Question() (question, answer string) {
	return fmt.Sprint(m.Workload.ID, "\x00", m.Port), fmt.Sprint(m.Mode, m.Mesh, m.DecidedBy, placeOf(m.From))
}

// Question is what a row answers, and its answer.
func (m *ClientMode) Question() (question, answer string) {
	return fmt.Sprint(m.Client.ID, "\x00", m.Host, "\x00", m.Port, m.Subset), fmt.Sprint(m.Mode, m.Outcome, m.DecidedBy, placeOf(m.From))
}

func placeOf(from fact.Source) string {
	if span := from.Locate(); span.File != nil {
		return fmt.Sprint(span.File.Name, span.Start)
	}
	return ""
}

func (s *Mesh) PortModes(w *inventory.Workload) []PortMode {
	ports := map[int]*inventory.Port{0: {Protocol: "TCP", Unnamed: true}}
	for _, p := range w.Ports {
		if p.Number == 0 || !p.Declared && !w.Implied {
			continue
		}
		if ports[p.Number] == nil || p.Protocol == "TCP" {
			ports[p.Number] = p
		}
	}
	for _, number := range s.levelPorts(w) {
		if ports[number] == nil {
			ports[number] = &inventory.Port{Number: number, Protocol: "TCP"}
		}
	}
	out := make([]PortMode, 0, len(ports))
	for _, number := range slices.Sorted(maps.Keys(ports)) {
		out = append(out, s.portMode(w, ports[number]))
	}
	return out
}

// levelPorts are the ports that a policy for the workload itself names.
func (s *Mesh) levelPorts(w *inventory.Workload) []int {
	var out []int
	if s.Member(w) == fact.NoMesh {
		return out
	}
	for _, own := range s.scopesOf(w).workload {
		if own == nil {
			continue
		}
		for number := range own.Spec.GetPortLevelMtls() {
			if number > 0 && number <= netset.LastPort {
				out = append(out, int(number))
			}
		}
	}
	return out
}

func (s *Mesh) portMode(w *inventory.Workload, p *inventory.Port) PortMode {
	f := s.PortMTLS(w, p)
	out := PortMode{Workload: w, Port: p.Number, Mode: f.Mode, Mesh: s.Member(w), DecidedBy: "default"}
	if o := f.From.Object; o != nil && f.Scope != fact.DefaultScope && f.Scope != fact.NoScope {
		out.From, out.DecidedBy = f.From, fact.Display(o.Namespace)+"/"+o.Name+"#mtls"
		if f.Scope == fact.PortScope {
			out.DecidedBy = fact.Display(o.Namespace) + "/" + o.Name + "#portLevelMtls[" + strconv.Itoa(p.Number) + "]"
		}
	}
	return out
}

func (s *Mesh) ClientModes(opts MTLSOptions, yield func(ClientMode) bool) bool {
	var clients []*inventory.Workload
	mesh := s
	if opts.AssumeMesh {
		mesh = s.Assuming()
	}
	for _, w := range s.Inventory.Workloads {
		if mesh.Member(w) == fact.Sidecar && !w.Implied {
			clients = append(clients, w)
		}
	}
	slices.SortStableFunc(clients, func(a, b *inventory.Workload) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.ID, b.ID))
	})
	services := slices.Clone(s.Inventory.Services)
	slices.SortStableFunc(services, func(a, b *inventory.Service) int { return cmp.Compare(a.Host(), b.Host()) })
	view := clientView{mesh: mesh, externals: s.externals()}
	var rows []ClientMode
	for n, w := range clients {
		// Where nothing selects single workloads, every client of the namespace does the same.
		if n == 0 || clients[n-1].Namespace != w.Namespace || s.SelectsIn(w.Namespace) {
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

// SelectsIn reports rules or Sidecars for single workloads of a namespace.
func (s *Mesh) SelectsIn(namespace string) bool {
	return slices.ContainsFunc(s.rules.all, func(r *destinationRule) bool { return r.Namespace == namespace && r.selects() }) ||
		slices.ContainsFunc(s.scoped[namespace], func(c *sidecarScope) bool { return !c.sel.Empty() })
}

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
				row.Host, row.Port, row.Subset, row.Outcome = v.ShownHost(), int(sp.Port), subset, c.outcome(t.Mode, v, i)
				out = append(out, row)
			}
		}
	}
	out = append(out, c.externalRows(client)...)
	slices.SortStableFunc(out, func(a, b ClientMode) int { return cmp.Compare(a.Host, b.Host) })
	return out
}

// subsets are the names that the rules of a Service give, "" for itself first.
func (s *Mesh) subsets(client string, v *inventory.Service) []string {
	names := map[string]bool{"": true}
	rules, _ := s.lookup(client, v.Host(), v.Namespace)
	for _, r := range rules {
		for _, sub := range r.spec.GetSubsets() {
			names[sub.GetName()] = true
		}
	}
	return fact.SortedKeys(names)
}

func (t *clientTLS) row() ClientMode {
	row := ClientMode{Mode: t.Mode, DecidedBy: "default"}
	if t.Rule != nil {
		row.From = fact.Source{Object: t.Rule.Object, Path: t.Path}
		row.DecidedBy = fact.Display(t.Rule.Namespace) + "/" + t.Rule.Name + "#" + strings.TrimPrefix(t.Path.String(), "spec.")
	}
	return row
}
