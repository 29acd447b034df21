package rules

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/rules/rego"
)

var update = flag.Bool("update", false, "write the pages of the rules and the schema")

// TestLaws proves what every rule folder promises. A folder is found by its
// place; its files are read from disk, so that one which was just written
// counts.
func TestLaws(t *testing.T) {
	t.Parallel()
	for _, id := range ruleFolders(t, ".") {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			testLaws(t, ".", id)
		})
	}
}

// ruleFolders lists the folders two levels down, whatever they hold.
func ruleFolders(t *testing.T, root string) []string {
	t.Helper()
	var ids []string
	entries, err := filepath.Glob(filepath.Join(root, "*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		id, err := filepath.Rel(root, filepath.Dir(e))
		if err != nil {
			t.Fatal(err)
		}
		if family, _, _ := strings.Cut(filepath.ToSlash(id), "/"); family != "testdata" {
			ids = append(ids, filepath.ToSlash(id))
		}
	}
	return slices.Compact(ids)
}

// testLaws proves the laws for the folder root/id.
func testLaws(t *testing.T, root, id string) {
	t.Helper()
	f := folder{dir: filepath.Join(root, filepath.FromSlash(id)), id: id}
	for _, name := range []string{"rule.rego", "rule_test.rego"} {
		f.read(t, name)
	}
	f.badExample, f.goodExample = f.example(t, "bad"), f.example(t, "good")
	set, err := load(os.DirFS(root), Options{Enable: []string{id}, prove: true})
	if err != nil {
		t.Fatal(err)
	}
	f.set = set
	f.bad = f.judge(t, f.badExample.path)
	f.testWants(t)
	f.testGood(t)
	f.testMinimal(t)
	f.testRego(t)
	f.testFormat(t)
	f.testPage(t)
}

type folder struct {
	dir, id string
	set     *Set
	bad     []Finding

	badExample, goodExample example
}

func (f *folder) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (f *folder) judge(t *testing.T, file string) []Finding {
	t.Helper()
	result, err := f.set.Judge(t.Context(), buildModel(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return result.Findings
}

func buildModel(tb testing.TB, paths ...string) *analyzer.Model {
	tb.Helper()
	tree, err := loader.Load(tb.Context(), loader.Options{Paths: paths, NoGitignore: true})
	if err != nil {
		tb.Fatal(err)
	}
	return analyzer.Build(tb.Context(), tree)
}

// want is one expectation of a bad example: a part of the message, on that line.
type want struct {
	file string
	line int
	text string
}

func wantsOf(t *testing.T, e example) []want {
	t.Helper()
	quoted := regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	var out []want
	for _, file := range e.names() {
		for i, line := range strings.Split(e.files[file], "\n") {
			_, comment, found := strings.Cut(line, "# want ")
			if !found {
				continue
			}
			for _, q := range quoted.FindAllString(comment, -1) {
				s, err := strconv.Unquote(q)
				if err != nil {
					t.Fatalf("%s:%d: %s: %v", file, i+1, q, err)
				}
				out = append(out, want{file, i + 1, s})
			}
		}
	}
	return out
}

// testWants: the bad example yields exactly what it says. Several wants of a
// line are parts of one message or of several.
func (f *folder) testWants(t *testing.T) {
	t.Helper()
	wants := wantsOf(t, f.badExample)
	if len(wants) == 0 {
		t.Error("bad.yaml: no `# want \"…\"`")
	}
	type place struct {
		file string
		line int
	}
	met, room := make([]bool, len(wants)), map[place]int{}
	for _, w := range wants {
		room[place{w.file, w.line}]++
	}
	for i := range f.bad {
		got, expected := &f.bad[i], false
		at := place{path.Base(got.Location.File.Name), got.Location.Start.Line}
		for j, w := range wants {
			if w.file == at.file && w.line == at.line && strings.Contains(got.Message, w.text) {
				met[j], expected = true, true
			}
		}
		if room[at]--; !expected || room[at] < 0 {
			t.Errorf("%s:%d: not wanted: %s", at.file, at.line, got.Message)
		}
	}
	for j, w := range wants {
		if !met[j] {
			t.Errorf("%s:%d: not found: %q", w.file, w.line, w.text)
		}
	}
}

func (f *folder) testGood(t *testing.T) {
	t.Helper()
	found := f.judge(t, f.goodExample.path)
	for i := range found {
		t.Errorf("good example:%d: found: %s", found[i].Location.Start.Line, found[i].Message)
	}
}

// testMinimal: a document whose removal changes nothing does not belong there.
func (f *folder) testMinimal(t *testing.T) {
	t.Helper()
	f.badExample.withoutEach(t, func(document, path string) {
		if slices.Equal(said(f.judge(t, path)), said(f.bad)) {
			t.Errorf("%s: without it the findings are the same", document)
		}
	})
}

// said is what findings say, wherever it stands.
func said(findings []Finding) []string {
	var out []string
	for i := range findings {
		f := &findings[i]
		out = append(out, fmt.Sprint(f.Severity, f.Message, f.Object, f.Location.Path, f.Workloads, len(f.Related)))
	}
	slices.Sort(out)
	return out
}

func (f *folder) testRego(t *testing.T) {
	t.Helper()
	sources, err := userSources(f.dir, func(name string) bool { return strings.HasSuffix(name, ".rego") })
	if err != nil {
		t.Fatal(err)
	}
	results, err := runTests(t.Context(), sources)
	if err != nil {
		t.Error(err)
	} else if len(results) == 0 {
		t.Error("rule_test.rego: no test")
	}
	for _, r := range results {
		if !r.Passed {
			t.Errorf("%s:%d: %s fails: %v", r.File, r.Row, r.Name, r.Err)
		}
	}
}

func (f *folder) testFormat(t *testing.T) {
	t.Helper()
	for _, name := range []string{"rule.rego", "rule_test.rego"} {
		checkFormat(t, filepath.Join(f.dir, name))
	}
}

// checkFormat holds a file of Rego to what `opa fmt` writes, or writes it so.
func checkFormat(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	formatted, err := rego.Format(file, text)
	if err != nil {
		t.Error(err)
		return
	}
	checkGolden(t, file, formatted)
}

// TestLib: what rules share is written as they are, and shared.
func TestLib(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(libFolder, "*.rego"))
	if err != nil || len(files) == 0 {
		t.Fatal("no library", err)
	}
	for _, file := range files {
		checkFormat(t, file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^([a-z_]+)(?:\(.*\))? (?::=|if)`).FindAllStringSubmatch(string(text), -1) {
			name := m[1]
			within := len(regexp.MustCompile(`\b`+name+`\b`).FindAll(text, -1)) - 1
			if users := usersOf(t, libFolder+"."+name) + within; users < 2 && name != "else" {
				t.Errorf("%s: %s has %d users; what one rule needs stands in that rule", file, name, users)
			}
		}
	}
}

// usersOf counts the rules that name something.
func usersOf(t *testing.T, name string) int {
	t.Helper()
	count := 0
	for _, id := range ruleFolders(t, ".") {
		text, err := os.ReadFile(filepath.Join(filepath.FromSlash(id), "rule.rego"))
		if err == nil && regexp.MustCompile(regexp.QuoteMeta(name)+`\b`).Match(text) {
			count++
		}
	}
	return count
}

func (f *folder) testPage(t *testing.T) {
	t.Helper()
	page := Page(f.set.Metas()[0], f.badExample.text(), f.goodExample.text(), f.bad)
	checkGolden(t, filepath.Join(f.dir, "README.md"), page)
}

// checkGolden compares a generated file with the one in the tree, or writes it.
func checkGolden(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
	} else if diff := cmp.Diff(string(got), want); diff != "" {
		t.Errorf("%s is stale, `make update` writes it:\n%s", file, diff)
	}
}

// TestIndex renders the list of rules.
func TestIndex(t *testing.T) {
	t.Parallel()
	set, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "README.md", index(set.Metas()))
}

func index(metas []*Meta) string {
	var b strings.Builder
	b.WriteString("# Rules\n\n`aisec-lint explain ID` prints a rule's page. `--enable` and `--disable` take an ID or a family.\n" +
		"[FACTS.md](FACTS.md) lists what a rule can read.\n")
	family := ""
	for _, m := range metas {
		if f := path.Dir(m.ID); f != family {
			family = f
			fmt.Fprintf(&b, "\n## %s\n\n| rule | severity | defect |\n|---|---|---|\n", family)
		}
		fmt.Fprintf(&b, "| [%s](%s/README.md) | %s%s | %s |\n", m.ID, m.ID, m.Severity, off(m), m.Title)
	}
	return b.String()
}

// TestSchema keeps the schema that opa and editors read equal to the model.
func TestSchema(t *testing.T) {
	t.Parallel()
	checkGolden(t, "schema.json", string(fact.Schema()))
}

// TestEmbedded: what is on disk is what is built in.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	onDisk, err := fs.Glob(os.DirFS("."), "*/*/rule.rego")
	if err != nil {
		t.Fatal(err)
	}
	set, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Metas()) != len(onDisk) {
		t.Errorf("%d rules are built in, %d on disk", len(set.Metas()), len(onDisk))
	}
	for _, m := range set.Metas() {
		if m.Page == "" && !*update {
			t.Errorf("%s has no README.md: `make update` writes it", m.ID)
		}
	}
}
