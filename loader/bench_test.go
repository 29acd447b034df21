package loader_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/testdata/gencorpus"
)

// generated writes a tree of that many applications, one file each, and
// returns its texts.
func generated(b *testing.B, applications int) (dir string, texts [][]byte, stats gencorpus.Stats) {
	b.Helper()
	dir = b.TempDir()
	stats, err := gencorpus.Write(dir, applications, gencorpus.One)
	if err != nil {
		b.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		texts = append(texts, text)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return dir, texts, stats
}

// perSize runs a benchmark on the trees that the project's targets name.
func perSize(b *testing.B, run func(b *testing.B, dir string, texts [][]byte, stats gencorpus.Stats)) {
	b.Helper()
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("apps=%d", n), func(b *testing.B) {
			dir, texts, stats := generated(b, n)
			bytes := 0
			for _, t := range texts {
				bytes += len(t)
			}
			b.SetBytes(int64(bytes))
			b.ReportAllocs()
			run(b, dir, texts, stats)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*stats.Objects), "ns/object")
		})
	}
}

// BenchmarkLoad is the whole of Load on one core, to be held against
// BenchmarkKyaml.
func BenchmarkLoad(b *testing.B) {
	perSize(b, func(b *testing.B, dir string, _ [][]byte, stats gencorpus.Stats) {
		b.Helper()
		for b.Loop() {
			tree := loadertest.Load(b, loader.Options{Paths: []string{dir}, Workers: 1})
			if tree.Documents != stats.Objects || len(tree.Problems) > 0 {
				b.Fatal(tree.Documents, tree.Problems)
			}
		}
	})
}

// BenchmarkParse is the parser with the conversion and nothing else.
func BenchmarkParse(b *testing.B) {
	perSize(b, func(b *testing.B, _ string, texts [][]byte, _ gencorpus.Stats) {
		b.Helper()
		for b.Loop() {
			for _, text := range texts {
				for _, p := range yaml.Split(text) {
					if _, _, f := yaml.Parse(p.Data, p.At); f != nil {
						b.Fatal(f)
					}
				}
			}
		}
	})
}

// BenchmarkKyaml is the measure that the project's targets refer to: kyaml's
// own parsing of the same documents.
func BenchmarkKyaml(b *testing.B) {
	perSize(b, func(b *testing.B, _ string, texts [][]byte, _ gencorpus.Stats) {
		b.Helper()
		for b.Loop() {
			for _, text := range texts {
				for doc := range bytes.SplitSeq(text, []byte("\n---\n")) {
					if _, err := kyaml.Parse(string(doc)); err != nil {
						b.Fatal(err)
					}
				}
			}
		}
	})
}
