package analyzer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/testdata/gencorpus"
)

// BenchmarkBuildLarge measures every fact of the same trees, flows included.
func BenchmarkBuildLarge(b *testing.B) {
	for _, dense := range []bool{false, true} {
		for _, size := range []int{1000, 10000} {
			b.Run(fmt.Sprintf("%s/workloads=%d", map[bool]string{true: "dense", false: "sparse"}[dense], size), func(b *testing.B) {
				tree, err := loader.Load(context.Background(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(sample.Large(size, size/20, dense))})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					analyzer.Build(context.Background(), tree)
				}
			})
		}
	}
}

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
