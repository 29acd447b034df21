package analyzer

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// PortMode is the mutual TLS that one port of a workload takes.
type PortMode struct {
	Workload  *Workload
	Port      int    // 0 is every port that has no row of its own
	Mode      string // STRICT, PERMISSIVE, DISABLE, NONE (no proxy takes the port), UNKNOWN
	Mesh      string // sidecar, ambient, none, unknown
	DecidedBy string // namespace/name#mtls, namespace/name#portLevelMtls[8080], default
	From      Source // of what decides; no object where nothing does
}

// ClientMode is what a proxy sends to one port of a Service.
type ClientMode struct {
	Client    *Workload
	Host      string
	Port      int
	Subset    string
	Mode      string // AUTO, DISABLE, SIMPLE, MUTUAL, ISTIO_MUTUAL, UNKNOWN
	Outcome   string // mtls, plaintext, tls-origination, broken, unknown
	DecidedBy string // namespace/name#trafficPolicy.tls, default
	From      Source
}

// MTLSOptions narrow the view.
type MTLSOptions struct {
	// AssumeMesh answers as if every workload without a hard opt-out had a sidecar.
	AssumeMesh bool
}

// assumedMember is the membership of a workload under that assumption. An
// opt-out that somebody wrote, and pods that no webhook ever injects, stay out.
func (w *Workload) assumedMember(assume bool) string {
	m := &w.Facts.Mesh
	if !assume || m.Member == "sidecar" || m.Member == "ambient" {
		return m.Member
	}
	switch m.Reason {
	case "opt-out", "ambient-opt-out", "namespace-disabled", "never-injected", "host-network":
		return m.Member
	}
	return "sidecar"
}

// as returns the workload as a member of the mesh; the facts of the model stay
// as they are.
func (w *Workload) as(member string) *Workload {
	if member == w.Facts.Mesh.Member {
		return w
	}
	out := *w
	out.Facts.Mesh.Member = member
	return &out
}

// MTLSPorts lists the mode of every container port, of every port that a
// portLevelMtls names, and (port 0) of every other, by workload and port.
func (m *Model) MTLSPorts(opts MTLSOptions) []PortMode {
	var out []PortMode
	for _, s := range m.sets {
		for _, w := range s.workloads {
			out = append(out, s.portModes(w.as(w.assumedMember(opts.AssumeMesh)))...)
		}
	}
	slices.SortStableFunc(out, func(a, b PortMode) int {
		return cmp.Or(cmp.Compare(a.Workload.ID, b.Workload.ID), cmp.Compare(a.Port, b.Port))
	})
	return modesOnce(out)
}

// modesOnce drops what several sets, or two objects of one name, have alike.
func modesOnce(modes []PortMode) []PortMode {
	type row struct {
		id, mode, mesh, decidedBy string
		port                      int
		place                     yaml.Span
	}
	seen := make(map[row]bool, len(modes))
	return slices.DeleteFunc(modes, func(m PortMode) bool {
		r := row{m.Workload.ID, m.Mode, m.Mesh, m.DecidedBy, m.Port, m.From.Locate()}
		drop := seen[r]
		seen[r] = true
		return drop
	})
}

func (s *setModel) portModes(w *Workload) []PortMode {
	ports := map[int]*port{0: {protocol: "TCP", unnamed: true}}
	for _, p := range w.ports {
		if p.number == 0 || !p.declared && !w.implied {
			continue
		}
		if ports[p.number] == nil || p.protocol == "TCP" {
			ports[p.number] = p
		}
	}
	for _, number := range s.levelPorts(w) {
		if ports[number] == nil {
			ports[number] = &port{number: number, protocol: "TCP"}
		}
	}
	out := make([]PortMode, 0, len(ports))
	for _, number := range slices.Sorted(maps.Keys(ports)) {
		out = append(out, s.portMode(w, ports[number]))
	}
	return out
}

// levelPorts are the ports that a policy for the workload itself names.
func (s *setModel) levelPorts(w *Workload) []int {
	var out []int
	if w.Facts.Mesh.Member == "none" {
		return out
	}
	for _, own := range s.scopesOf(w).workload {
		if own == nil {
			continue
		}
		for number := range own.spec.GetPortLevelMtls() {
			if number > 0 && number <= lastPort {
				out = append(out, int(number))
			}
		}
	}
	return out
}

func (s *setModel) portMode(w *Workload, p *port) PortMode {
	f := s.portMTLS(w, p)
	out := PortMode{Workload: w, Port: p.number, Mode: f.Mode, Mesh: w.Facts.Mesh.Member, DecidedBy: "default"}
	if o := f.From.Object; o != nil && f.Scope != "default" && f.Scope != "none" {
		out.From, out.DecidedBy = f.From, display(o.Namespace)+"/"+o.Name+"#mtls"
		if f.Scope == "port" {
			out.DecidedBy = display(o.Namespace) + "/" + o.Name + "#portLevelMtls[" + strconv.Itoa(p.number) + "]"
		}
	}
	return out
}

// MTLSClients yields what every workload with a sidecar sends to every Service
// port, by client, host, port and subset, set by set. There may be very many.
func (m *Model) MTLSClients(opts MTLSOptions) iter.Seq[ClientMode] {
	return func(yield func(ClientMode) bool) {
		for _, s := range m.sets {
			if !s.clientModes(opts, yield) {
				return
			}
		}
	}
}

func (s *setModel) clientModes(opts MTLSOptions, yield func(ClientMode) bool) bool {
	var clients []*Workload
	members := map[*Workload]string{}
	for _, w := range s.workloads {
		members[w] = w.assumedMember(opts.AssumeMesh)
		if members[w] == "sidecar" && !w.implied {
			clients = append(clients, w)
		}
	}
	slices.SortStableFunc(clients, func(a, b *Workload) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.ID, b.ID))
	})
	services := slices.Clone(s.services)
	slices.SortStableFunc(services, func(a, b *service) int { return cmp.Compare(a.host(), b.host()) })
	view := clientView{set: s, members: members, externals: s.externals()}
	var rows []ClientMode
	for n, w := range clients {
		// Where nothing selects single workloads, every client of the namespace does the same.
		if n == 0 || clients[n-1].Namespace != w.Namespace || s.selectsIn(w.Namespace) {
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

// selectsIn reports rules or Sidecars for single workloads of a namespace.
func (s *setModel) selectsIn(namespace string) bool {
	return slices.ContainsFunc(s.rules.all, func(r *destinationRule) bool { return r.Namespace == namespace && r.selects() }) ||
		slices.ContainsFunc(s.scoped[namespace], func(c *sidecarScope) bool { return !c.sel.empty() })
}

type clientView struct {
	set       *setModel
	members   map[*Workload]string
	externals []external
}

func (c *clientView) rows(client *Workload, services []*service) []ClientMode {
	var out []ClientMode
	for _, v := range services {
		subsets := c.set.subsets(client.Namespace, v)
		for i := range v.spec.Ports {
			sp := &v.spec.Ports[i]
			if orTCP(sp.Protocol) != "TCP" {
				continue
			}
			for _, subset := range subsets {
				t := c.set.clientTLS(client, v.host(), v.Namespace, int(sp.Port), subset)
				row := t.row()
				row.Host, row.Port, row.Subset, row.Outcome = v.shownHost(), int(sp.Port), subset, c.outcome(t.mode, v, i)
				out = append(out, row)
			}
		}
	}
	out = append(out, c.externalRows(client)...)
	slices.SortStableFunc(out, func(a, b ClientMode) int { return cmp.Compare(a.Host, b.Host) })
	return out
}

// subsets are the names that the rules of a Service give, "" for itself first.
func (s *setModel) subsets(client string, v *service) []string {
	names := map[string]bool{"": true}
	rules, _ := s.lookup(client, v.host(), v.Namespace)
	for _, r := range rules {
		for _, sub := range r.spec.GetSubsets() {
			names[sub.GetName()] = true
		}
	}
	return sortedKeys(names)
}

func (t *clientTLS) row() ClientMode {
	row := ClientMode{Mode: t.mode, DecidedBy: "default"}
	if t.rule != nil {
		row.From = Source{Object: t.rule.Object, Path: t.path}
		row.DecidedBy = display(t.rule.Namespace) + "/" + t.rule.Name + "#" + strings.TrimPrefix(t.path.String(), "spec.")
	}
	return row
}
