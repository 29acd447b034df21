package main

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/testdata/gencorpus"
)

// BenchmarkAudit is the whole program on generated trees, start-up of the
// process aside. Compare it with BenchmarkKyaml of the loader, which only
// parses the same bytes.
func BenchmarkAudit(b *testing.B) {
	for _, apps := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("apps=%d", apps), func(b *testing.B) {
			dir := b.TempDir()
			stats, err := gencorpus.Write(dir, apps, gencorpus.One)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if code := run([]string{"-q", "-f", "json", dir}, strings.NewReader(""), io.Discard, io.Discard); code != exitFindings {
					b.Fatalf("exit %d", code)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*stats.Objects), "ns/object")
		})
	}
}
