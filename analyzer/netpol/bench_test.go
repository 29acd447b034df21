package netpol

import (
	"fmt"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/inventorytest"
)

// BenchmarkNetwork measures how long policies take to resolve.
func BenchmarkNetwork(b *testing.B) {
	for _, dense := range []bool{false, true} {
		for _, size := range []int{1000, 10000} {
			b.Run(fmt.Sprintf("%s/workloads=%d", map[bool]string{true: "dense", false: "sparse"}[dense], size), func(b *testing.B) {
				inventory := inventorytest.New(b, sample.Large(size, size/20, dense))
				for b.Loop() {
					New(inventory).reach()
				}
			})
		}
	}
}
