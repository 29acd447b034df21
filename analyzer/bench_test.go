package analyzer_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/testdata/gencorpus"
)

func BenchmarkBuild(b *testing.B) {
	for _, apps := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("apps=%d", apps), func(b *testing.B) {
			dir := b.TempDir()
			if _, err := gencorpus.Write(dir, apps, gencorpus.One); err != nil {
				b.Fatal(err)
			}
			tree, err := loader.Load(context.Background(), loader.Options{Paths: []string{dir}})
			if err != nil {
				b.Fatal(err)
			}
			var objects int
			b.ReportAllocs()
			for b.Loop() {
				objects = analyzer.Build(context.Background(), tree).Objects
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*objects), "ns/object")
		})
	}
}
