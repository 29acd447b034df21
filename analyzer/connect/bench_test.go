package connect

import (
	"fmt"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/authz"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/inventorytest"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
)

func BenchmarkConnectivity(b *testing.B) {
	for _, dense := range []bool{false, true} {
		for _, size := range []int{1000, 10000} {
			name := fmt.Sprintf("%s/workloads=%d", map[bool]string{true: "dense", false: "sparse"}[dense], size)
			b.Run(name, func(b *testing.B) {
				inventory := inventorytest.New(b, sample.Large(size, size/20, dense))
				m := mesh.New(inventory, mesh.ReadConfig(inventory.Objects))
				sets := Sets{New(netpol.New(inventory), m, authz.New(m))}
				b.Run("one", func(b *testing.B) {
					for b.Loop() {
						if _, err := sets.Connectivity(ConnectivityOptions{From: "w7", To: "w6"}); err != nil {
							b.Fatal(err)
						}
					}
				})
				b.Run("rows", func(b *testing.B) {
					rows := 0
					b.ReportAllocs()
					for b.Loop() {
						seq, err := sets.connections(ConnectivityOptions{})
						if err != nil {
							b.Fatal(err)
						}
						rows = 0
						for range seq {
							rows++
						}
					}
					b.ReportMetric(float64(rows), "rows")
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*max(rows, 1)), "ns/row")
				})
			})
		}
	}
}
