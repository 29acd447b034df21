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
	for _, l := range s {
		mesh := l.Mesh
		if opts.AssumeMesh {
			mesh = mesh.Assuming()
		}
		for _, w := range l.Inventory.Workloads {
			out = append(out, mesh.PortModes(w)...)
		}
	}
	slices.SortStableFunc(out, func(a, b mesh.PortMode) int {
		return cmp.Or(cmp.Compare(a.Workload.ID, b.Workload.ID), cmp.Compare(a.Port, b.Port))
	})
	return mesh.DistinctModes(out)
}

// MTLSClients yields what every workload with a sidecar sends to every Service
// port, by client, host, port and subset, set by set. There may be very many.
func (s Sets) MTLSClients(opts mesh.MTLSOptions) iter.Seq[mesh.ClientMode] {
	return func(yield func(mesh.ClientMode) bool) {
		for _, l := range s {
			if !l.Mesh.ClientModes(opts, yield) {
				return
			}
		}
	}
}
