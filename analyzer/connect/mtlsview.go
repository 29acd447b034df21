package connect

import (
	"cmp"
	"iter"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
)

// MTLSPorts lists the mode of every container port, of every port that a
// portLevelMtls names, and (port 0) of every other, by workload and port.
func (m Sets) MTLSPorts(opts mesh.MTLSOptions) []mesh.PortMode {
	var out []mesh.PortMode
	all := newAnswers()
	for _, s := range m {
		mesh := s.Mesh
		if opts.AssumeMesh {
			mesh = mesh.Assuming()
		}
		for _, w := range s.Inventory.Workloads {
			if s.toldElsewhere(w) {
				continue
			}
			for _, row := range mesh.PortModes(w) {
				if question, answer := row.Question(); all.add(question, answer, s.names()) {
					out = append(out, row)
				}
			}
		}
	}
	for i := range out {
		out[i].Environments = all.names(out[i].Question())
	}
	slices.SortStableFunc(out, func(a, b mesh.PortMode) int {
		return cmp.Or(cmp.Compare(a.Workload.ID, b.Workload.ID), cmp.Compare(a.Port, b.Port))
	})
	return out
}

// MTLSClients yields what every workload with a sidecar sends to every Service
// port, by client, host, port and subset, scope by scope. There may be very
// many: those of a single scope are never kept.
func (m Sets) MTLSClients(opts mesh.MTLSOptions) iter.Seq[mesh.ClientMode] {
	return func(yield func(mesh.ClientMode) bool) {
		if len(m) == 1 {
			m[0].Mesh.ClientModes(opts, yield)
			return
		}
		for _, row := range m.clientModes(opts) {
			if !yield(row) {
				return
			}
		}
	}
}

func (m Sets) clientModes(opts mesh.MTLSOptions) []mesh.ClientMode {
	var out []mesh.ClientMode
	all := newAnswers()
	for _, s := range m {
		s.Mesh.ClientModes(opts, func(row mesh.ClientMode) bool {
			if question, answer := row.Question(); !s.toldElsewhere(row.Client) && all.add(question, answer, s.names()) {
				out = append(out, row)
			}
			return true
		})
	}
	for i := range out {
		out[i].Environments = all.names(out[i].Question())
	}
	return out
}
