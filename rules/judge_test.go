package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/testdata/gencorpus"
)

func generated(tb testing.TB, apps int) *analyzer.Model {
	tb.Helper()
	dir := tb.TempDir()
	if _, err := gencorpus.Write(dir, apps, gencorpus.Split); err != nil {
		tb.Fatal(err)
	}
	return buildModel(tb, dir)
}

func loadAll(tb testing.TB) *Set {
	tb.Helper()
	set, err := Load(Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// TestMemo: judging equal facts once, and by what a rule reads alone, finds the
// same as asking every rule about every subject.
func TestMemo(t *testing.T) {
	t.Parallel()
	models := map[string]*analyzer.Model{
		"fixtures":   buildModel(t, "."),
		"quickstart": buildModel(t, "../testdata/quickstart"),
		"generated":  generated(t, 60),
	}
	for name, model := range models {
		set := loadAll(t)
		fast, err := set.Judge(t.Context(), model)
		if err != nil {
			t.Fatal(err)
		}
		set.unshared = true
		slow, err := set.Judge(t.Context(), model)
		if err != nil {
			t.Fatal(err)
		}
		if len(slow.Findings) == 0 {
			t.Errorf("%s: no findings to compare", name)
		}
		if diff := cmp.Diff(slow.Findings, fast.Findings, cmpopts.IgnoreTypes(&loader.File{})); diff != "" {
			t.Errorf("%s: - asked every time, + asked once:\n%s", name, diff)
		}
		t.Logf("%s: %d subjects, %d findings, %d evaluations instead of %d", name, len(model.Subjects), len(fast.Findings), fast.Evaluations, slow.Evaluations)
	}
}

// TestEvaluations holds how often Rego is asked: what a tree repeats is free.
func TestEvaluations(t *testing.T) {
	t.Parallel()
	set := loadAll(t)
	for _, test := range []struct{ apps, want int }{{10, 0}, {100, 0}, {1000, 0}} {
		result, err := set.Judge(t.Context(), generated(t, test.apps))
		if err != nil {
			t.Fatal(err)
		}
		if result.Evaluations != test.want {
			t.Errorf("%d applications: %d evaluations, want %d", test.apps, result.Evaluations, test.want)
		}
	}
}

// TestOrder: the order of the subjects does not change a byte of the findings.
func TestOrder(t *testing.T) {
	t.Parallel()
	set, model := loadAll(t), generated(t, 20)
	forward, err := set.Judge(t.Context(), model)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(model.Subjects)
	backward, err := set.Judge(t.Context(), model)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(forward, backward, cmpopts.IgnoreTypes(&loader.File{})); diff != "" {
		t.Error(diff)
	}
}

// TestReads shows what of the facts each rule can see.
func TestReads(t *testing.T) {
	t.Parallel()
	for _, r := range loadAll(t).rules {
		t.Log(r.ID, r.input, r.reads)
	}
}

// String writes the paths that are read; [] is every item.
func (r *reads) String() string {
	var paths []string
	var walk func(r *reads, path string)
	walk = func(r *reads, path string) {
		if r.full || r.every == nil && r.fields == nil {
			paths = append(paths, path)
			return
		}
		if r.every != nil {
			walk(r.every, path+"[]")
		}
		for name, f := range r.fields {
			walk(f, strings.TrimPrefix(path+"."+name, "."))
		}
	}
	walk(r, "")
	slices.Sort(paths)
	return strings.Join(paths, " ")
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		loadAll(b)
	}
}

func BenchmarkJudge(b *testing.B) {
	model := generated(b, 1000)
	for _, test := range []struct {
		name     string
		unshared bool
	}{{"hit", false}, {"off", true}} {
		b.Run(test.name, func(b *testing.B) {
			set := loadAll(b)
			set.unshared = test.unshared
			var result Result
			for b.Loop() {
				var err error
				if result, err = set.Judge(b.Context(), model); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(result.Evaluations), "evals")
			b.ReportMetric(float64(len(result.Findings)), "findings")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(model.Subjects)), "ns/subject")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(result.Evaluations), "ns/eval")
		})
	}
}

// BenchmarkFirst is the judging of a small tree, in which nothing repeats.
func BenchmarkFirst(b *testing.B) {
	model := buildModel(b, "../testdata/quickstart/wrong")
	for b.Loop() {
		b.StopTimer()
		set := loadAll(b)
		b.StartTimer()
		if _, err := set.Judge(b.Context(), model); err != nil {
			b.Fatal(err)
		}
	}
}
