package connect

import (
	"cmp"
	"iter"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
)

// MTLSPorts lists the mode of every container port, of every port that a
// portLevelMtls names, and (port 0) of every other, by workload and port.
func (s Sets) MTLSPorts(opts mesh.MTLSOptions) []mesh.PortMode {
	var out []mesh.PortMode
	all := newAnswers()
	for _, l := range s {
		mesh := l.Mesh
		if opts.AssumeMesh {
			mesh = mesh.Assuming()
		}
		for _, w := range l.Inventory.Workloads {
			for _, row := range mesh.PortModes(w) {
				if question, answer := row.Question(); !l.toldElsewhere(w) && all.add(question, answer, l.names()) {
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
func (s Sets) MTLSClients(opts mesh.MTLSOptions) iter.Seq[mesh.ClientMode] {
	return func(yield func(mesh.ClientMode) bool) {
		if len(s) == 1 {
			s[0].Mesh.ClientModes(opts, yield)
			return
		}
		for _, row := range s.clientModes(opts) {
			if !yield(row) {
				return
			}
		}
	}
}

func (s Sets) clientModes(opts mesh.MTLSOptions) []mesh.ClientMode {
	var out []mesh.ClientMode
	all := newAnswers()
	for _, l := range s {
		l.Mesh.ClientModes(opts, func(row mesh.ClientMode) bool {
			if question, answer := row.Question(); !l.toldElsewhere(row.Client) && all.add(question, answer, l.names()) {
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
