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
	for _, s := range m {
		mesh := s.Mesh
		if opts.AssumeMesh {
			mesh = mesh.Assuming()
		}
		for _, w := range s.Inventory.Workloads {
			out = append(out, mesh.PortModes(w)...)
		}
	}
	slices.SortStableFunc(out, func(a, b mesh.PortMode) int {
		return cmp.Or(cmp.Compare(a.Workload.ID, b.Workload.ID), cmp.Compare(a.Port, b.Port))
	})
	return mesh.ModesOnce(out)
}

// MTLSClients yields what every workload with a sidecar sends to every Service
// port, by client, host, port and subset, set by set. There may be very many.
func (m Sets) MTLSClients(opts mesh.MTLSOptions) iter.Seq[mesh.ClientMode] {
	return func(yield func(mesh.ClientMode) bool) {
		for _, s := range m {
			if !s.Mesh.ClientModes(opts, yield) {
				return
			}
		}
	}
}
