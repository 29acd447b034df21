package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
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
		if diff := cmp.Diff(slow.Findings, fast.Findings, cmpopts.IgnoreTypes(&yaml.File{})); diff != "" {
			t.Errorf("%s: - asked every time, + asked once:\n%s", name, diff)
		}
		t.Logf("%s: %d subjects, %d findings, %d evaluations instead of %d", name, len(model.Subjects), len(fast.Findings), fast.Evaluations, slow.Evaluations)
	}
}

// TestEvaluations holds how often Rego is asked: what a tree repeats is free.
// The limits are per rule, so that a new rule does not touch them.
func TestEvaluations(t *testing.T) {
	t.Parallel()
	set := loadAll(t)
	for _, test := range []struct{ apps, perRule int }{{10, 4}, {100, 6}, {1000, 10}} {
		model := generated(t, test.apps)
		result, err := set.Judge(t.Context(), model)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d applications: %d subjects, %d rules, %d evaluations", test.apps, len(model.Subjects), len(set.rules), result.Evaluations)
		if result.Evaluations == 0 || result.Evaluations > test.perRule*len(set.rules) {
			t.Errorf("%d applications: %d evaluations of %d rules, want at most %d each", test.apps, result.Evaluations, len(set.rules), test.perRule)
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
	if diff := cmp.Diff(forward, backward, cmpopts.IgnoreTypes(&yaml.File{})); diff != "" {
		t.Error(diff)
	}
}

// TestReads: what a rule can see is neither too little, or equal input would
// not mean equal answers, nor much too much.
func TestReads(t *testing.T) {
	t.Parallel()
	const (
		function  = "\n_f(p) if {\n\tp.number > 3\n} else := true if {\n\tp.name == \"x\"\n}\n"
		parameter = "\n_same(y) if y = input.workload.mesh.reason\n"
		partial   = "\n_strict contains p if {\n\tsome p in input.workload.ports\n\tp.mtls.mode == \"STRICT\"\n}\n"
	)
	ports := "\tsome i, port in input.workload.ports\n"
	for _, test := range []struct{ name, body, helper, want string }{
		{"field", ports + "\tport.mtls.mode == \"STRICT\"", "", "ports[].mtls.mode*"},
		{"number of items", ports, "", "ports[]"},
		{"whole item", ports + "\tcount(port) > 3", "", "ports[]*"},
		{"whole array", "\tcount(input.workload.ports) > 1", "", "ports*"},
		{"keys", "\tsome k, _ in input.workload.mesh\n\tk != \"x\"", "", "mesh[]"},
		{"bare", "\tinput.workload.platform", "", "platform*"},
		{"compared", "\tx := input.workload.kind\n\tx = input.workload.mesh.reason", "", "kind* mesh.reason*"},
		{"bound and used", "\tx := input.workload.mesh\n\tx.reason == \"pod\"", "", "mesh.reason*"},
		{"bound twice", "\tsome x in [\"a\", \"b\"]\n\tx = input.workload.kind", "", "kind*"},
		{"index", ports + "\ti = input.workload.ports[0].number", "", "ports[].number*"},
		{"every", "\tevery p in input.workload.ports { p.number > 0 }", "", "ports[].number*"},
		{"every key", "\tevery k, p in input.workload.ports { k = input.workload.ports[0].number; p.declared }", "", "ports[].declared* ports[].number*"},
		{"every value", "\tevery p in input.workload.exposed_by { p = input.workload.kind }", "", "exposed_by[]* kind*"},
		{"comprehension", "\tx := [p.name | some p in input.workload.ports]\n\tcount(x) > 1", "", "ports[].name*"},
		{"function", ports + "\t_f(port)", function, "ports[].name* ports[].number*"},
		{"parameter", "\tx := input.workload.kind\n\t_same(x)", parameter, "kind* mesh.reason*"},
		{"rule", "\tsome p in _strict\n\tp.declared", partial, "ports[]* ports[].mtls.mode*"},
		{"negation", "\tnot input.workload.mesh.member == \"none\"", "", "mesh.member*"},
		{"dynamic", "\tsome k in [\"kind\"]\n\tinput.workload[k] == \"Pod\"", "", "[]*"},
	} {
		set, err := loadOwn(t, header+"deny contains {\"at\": []} if {\n"+test.body+"\n}\n"+test.helper)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := strings.Join(set.rules[0].Reads.Paths(), " "); got != test.want {
			t.Errorf("%s: reads %s, want %s", test.name, got, test.want)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		loadAll(b)
	}
}

func BenchmarkJudge(b *testing.B) {
	for _, apps := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("apps=%d", apps), func(b *testing.B) { benchmarkJudge(b, apps, false) })
	}
	b.Run("apps=1000/no-memo", func(b *testing.B) { benchmarkJudge(b, 1000, true) })
}

func benchmarkJudge(b *testing.B, apps int, unshared bool) {
	b.Helper()
	model := generated(b, apps)
	set := loadAll(b)
	set.unshared = unshared
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

// Two findings of one rule at one place have prints of their own.
func TestFingerprintsTellApart(t *testing.T) {
	t.Parallel()
	pod := func(name, image string) string {
		return "---\napiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: ai}\nspec: {containers: [{name: c, image: '" + image + "'}]}\n"
	}
	file := filepath.Join(t.TempDir(), "pods.yaml")
	if err := os.WriteFile(file, []byte(pod("web", "nginx:1")+pod("vllm", "vllm/vllm-openai:v0.11.0")), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := Load(Options{Enable: []string{"ingress/not-isolated"}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := set.Judge(t.Context(), buildModel(t, file))
	if err != nil {
		t.Fatal(err)
	}
	prints := map[string]bool{}
	for i := range result.Findings {
		prints[result.Findings[i].Fingerprint] = true
	}
	if len(result.Findings) != 2 || len(prints) != 2 {
		t.Errorf("%d findings have %d prints, want 2 and 2", len(result.Findings), len(prints))
	}
}
