package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the golden parts of the scripts anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"aisec-lint": main})
}

// TestScripts tells the stories of a user at the command line.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("QUICKSTART", filepath.Join(root, "testdata/quickstart"))
			e.Setenv("PASTED", filepath.Join(root, "loader/testdata/pasted"))
			e.Setenv("ROOT", root)
			return nil
		},
	})
}

// audited runs the program and returns what it printed.
func audited(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// The same tree gives the same bytes, whatever the order of the files and the
// number of cores.
func TestDeterminism(t *testing.T) {
	var files []string
	err := filepath.WalkDir("../../testdata/quickstart", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".yaml") {
			files = append(files, name)
		}
		return err
	})
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	for _, format := range []string{"text", "concise", "json", "sarif"} {
		_, want, _ := audited(t, append([]string{"-v", "-f", format}, files...)...)
		for i := range 10 {
			r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
			before := runtime.GOMAXPROCS(1 + i%2)
			_, got, _ := audited(t, append([]string{"-v", "-f", format}, files...)...)
			runtime.GOMAXPROCS(before)
			if got != want {
				t.Fatalf("%s: round %d differs with the files in the order %v", format, i, files)
			}
		}
	}
}

// TestCorpus audits every real tree that lies beside the checkout (as it does
// where CI runs): no panic, an answer, only findings that point into a file, and
// as many of each rule as were read and found true when the list was written.
func TestCorpus(t *testing.T) {
	trees := corpus(t, "*")
	var got strings.Builder
	for _, tree := range trees {
		counts := map[string]int{}
		for _, f := range auditedTree(t, tree) {
			counts[f.Rule]++
		}
		for _, rule := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(&got, "%-24s %-28s %d\n", filepath.Base(tree), rule, counts[rule])
		}
	}
	golden(t, "corpus.txt", got.String())
}

// corpus lists the real trees of a pattern. They lie beside the checkout; only
// CI insists on them.
func corpus(t *testing.T, pattern string) []string {
	t.Helper()
	trees, err := filepath.Glob("../../../shared/corpus/" + pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(trees) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("the corpus of real trees is not beside the checkout")
		}
		t.Skip("the corpus of real trees is not beside the checkout")
	}
	return trees
}

// golden compares what is said of real trees with a file of testdata, which
// holds what was read and found true.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("../../testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: what is said of real trees changed: read what is new against the manifests, then `make update`\n%s", name, diff)
	}
}

type foundFinding struct {
	Rule, Message string
	Location      struct {
		File         string
		Line, Column int
	}
}

func auditedTree(t *testing.T, tree string) []foundFinding {
	t.Helper()
	code, out, errs := audited(t, "-f", "json", "--severity", "info", "--allow-empty", tree)
	if code == exitFailed {
		t.Fatalf("%s: exit 2: %s", tree, errs)
	}
	var report struct{ Findings []foundFinding }
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		if f.Location.File == "" || f.Location.Line < 1 || f.Location.Column < 1 {
			t.Errorf("%s: %s (%s) points nowhere", tree, f.Rule, f.Message)
		}
	}
	return report.Findings
}
