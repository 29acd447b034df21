package rules

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/rules/rego"
)

const header = `# METADATA
# title: A title
# description: A description.
# related_resources:
#   - ref: https://example.com/
# custom:
#   severity: high
#   message: "{workloads} are wrong on port {port}"
#   messages:
#     other: other
#   remediation: repair {port}
#   notes:
#     serves: "{port} is served"
package rules.own["rule"]

`

const body = `deny contains {"at": ["ports", i]} if {
	some i, port in input.workload.ports
	port.mtls.mode == "PERMISSIVE"
}
`

// own writes a user's directory; files maps names to contents.
func own(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func loadOwn(t *testing.T, text string) (*Set, error) {
	t.Helper()
	return Load(Options{Dirs: []string{own(t, map[string]string{"own/rule/rule.rego": text})}, Enable: []string{"own"}})
}

// subject is a workload with two ports in a file of its own.
func subject() *analyzer.Model {
	file := &yaml.File{Name: "a.yaml", Data: []byte("one\ntwo\nthree\n")}
	at := func(line int, port string) fact.Evidence {
		span := yaml.Span{File: file, Start: yaml.Pos{Line: line, Col: 1}, End: yaml.Pos{Line: line, Col: 2}}
		return fact.Evidence{From: fact.Source{Span: span}, Names: map[string]string{"port": port}}
	}
	root := at(1, "none")
	root.Workloads = []fact.WorkloadRef{{ID: "a/b[Pod]"}}
	return &analyzer.Model{Subjects: []fact.Subject{{Evidence: root, Type: "workload", Facts: &fact.WorkloadFacts{
		Kind: "Pod",
		Ports: []fact.PortFacts{
			{Evidence: at(2, "80"), Number: 80, MTLS: fact.MTLSFacts{Mode: "PERMISSIVE"}},
			{Evidence: at(3, "9"), Number: 9, MTLS: fact.MTLSFacts{Mode: "STRICT"}},
		},
	}}}}
}

func TestLoadOwn(t *testing.T) {
	t.Parallel()
	dir := own(t, map[string]string{
		"deep/er/any.rego":  strings.ReplaceAll(header, "own", "team") + "import data.helpers\n\n" + strings.ReplaceAll(body, `port.mtls.mode == "PERMISSIVE"`, "helpers.open(port)"),
		"lib/lib.rego":      "package helpers\n\nopen(port) if port.mtls.mode == \"PERMISSIVE\"\n",
		"lib/lib_test.rego": "package helpers_test\n\ntest_x if http.send({})\n",
	})
	set, err := Load(Options{Dirs: []string{dir}, Enable: []string{"team/rule"}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := set.Judge(t.Context(), subject())
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Findings) != 1 || !set.Metas()[0].Custom {
		t.Fatalf("got %+v", result)
	}
	f := result.Findings[0]
	if f.Message != "`a/b[Pod]` are wrong on port 80" || f.Help != "repair 80" || f.Location.Start.Line != 2 || len(f.Fingerprint) != 16 {
		t.Errorf("got %+v", f)
	}
	if all := loadAll(t); len(all.Metas()) == 0 || slices.ContainsFunc(all.Metas(), func(m *Meta) bool { return m.Custom }) {
		t.Error("embedded rules are not custom")
	}
	if reads := strings.Join(set.rules[0].Reads.Paths(), " "); reads != "ports[].mtls.mode*" {
		t.Errorf("reads %s", reads)
	}
}

// TestLoadErrors: what is wrong with a rule is said with its file and line.
func TestLoadErrors(t *testing.T) {
	t.Parallel()
	replaced := func(old, by string) string {
		text := strings.Replace(header, old, by, 1) + body
		if text == header+body {
			t.Fatalf("no %q in the header", old)
		}
		return text
	}
	for _, test := range []struct{ name, text, want string }{
		{"severity", replaced("severity: high", "severity: hihg"), "rule.rego:7: unknown severity `hihg`; one of info, low, medium, high, critical"},
		{"no title", replaced("# title: A title\n", ""), "rule.rego:1: no title"},
		{"long title", replaced("A title", strings.Repeat("x", 61)), "rule.rego:2: the title has 61 characters; at most 60 fit"},
		{"no description", replaced("# description: A description.\n", ""), "no description"},
		{"no message", strings.Replace(replaced(`#   message: "{workloads} are wrong on port {port}"`+"\n", ""), "#   messages:\n#     other: other\n", "", 1), "no custom.message"},
		{"no remediation", replaced("#   remediation: repair {port}\n", ""), "no custom.remediation"},
		{"no references", replaced("# related_resources:\n#   - ref: https://example.com/\n", ""), "no related_resources"},
		{"unknown key", replaced("remediation:", "remedy: x\n#   remediation:"), "rule.rego:11: unknown custom.remedy"},
		{"placeholder", replaced("repair {port}", "repair {Port"), "rule.rego:11: `{Port` is no placeholder"},
		{"no metadata", "package rules.own[\"rule\"]\n\n" + body, "rule.rego:1: no `# METADATA` above the package"},
		{"package", replaced(`rules.own["rule"]`, `rules.own`), "a rule's package is rules.<family>[\"<name>\"]"},
		{"collision", replaced(`rules.own["rule"]`, `rules.mtls["not-strict"]`), "rule mtls/not-strict is defined by aisec-lint itself"},
		{"field", header + strings.Replace(body, "port.mtls.mode", "port.mtls.moode", 1), "rule.rego:18: no such field: port.mtls.moode; one of mode, scope; did you mean `mode`?"},
		{"input", header + strings.ReplaceAll(body, "input.workload", "input.workloads"), "no such field: input.workloads"},
		{"value", header + strings.Replace(body, "PERMISSIVE", "PERMISIVE", 1), "rule.rego:18: `PERMISIVE` is no value of input.workload.ports.*.mtls.mode; one of DISABLE"},
		{"values", header + strings.Replace(body, `== "PERMISSIVE"`, `in {"STRICT", "strict"}`, 1), "`strict` is no value"},
		{"item", header + strings.Replace(body, `port.mtls.mode == "PERMISSIVE"`, `"web" in port.exposed_by`, 1), "`web` is no value of input.workload.ports.*.exposed_by.*"},
		{"at", header + strings.Replace(body, `["ports", i]`, `["ports", i, "mtsl"]`, 1), "rule.rego:16: no such fact: input.workload.ports.*.mtsl; one of authz, capture"},
		{"at, meant", header + strings.Replace(body, `["ports", i]`, `["ports", i, "mtlss"]`, 1), "did you mean `mtls`?"},
		{"at an item of no list", header + strings.Replace(body, `["ports", i]`, `["mesh", 0]`, 1), "no such fact: input.workload.mesh.0; one of bypass"},
		{"at a field of a list", header + strings.Replace(body, `["ports", i]`, `["ports", "mtls"]`, 1), "rule.rego:16: no such fact: input.workload.ports.mtls"},
		{"at, below a value", header + strings.Replace(body, `["ports", i]`, `["ports", i, "number", i]`, 1), "no such fact: input.workload.ports.*.number.*"},
		{"at, of a related place", header + strings.Replace(body, `["ports", i]}`, `["ports", i], "related": [{"at": ["port"], "note": "serves"}]}`, 1), "no such fact: input.workload.port; one of containers"},
		{"at, in a helper", header + strings.Replace(body, `"at": ["ports", i]}`, `"at": [], "related": _notes}`, 1) + "\n_notes := [{\"at\": [\"prots\"], \"note\": \"serves\"}]\n", "no such fact: input.workload.prots"},
		{"at, of each port", header + strings.Replace(body, `["ports", i]`, `["ports", i, k, "mood"]`, 1) + "\nk := \"mtls\"\n", "no such fact: input.workload.ports.*.*.mood; one of"},
		{"lib", strings.Replace(header, `package rules.own["rule"]`, "package lib", 1) + body, "package lib is aisec-lint's own"},
		{"syntax", header + "deny contains if\n", "rule.rego:16: "},
		{"no deny", header + "allow if input.workload.platform\n", "no `deny contains"},
		{"deny is no set", header + "deny if input.workload.platform\n", "no `deny contains"},
		{"two names", header + body + "\nx if input.service.type\n", "reads 2 names below input [service workload]"},
		{"no name", header + "deny contains {\"at\": []}\n", "reads 0 names below input"},
		{"whole input", header + body + "\nx := input\n", "reads input as a whole"},
		{"with", header + body + "\nx if y with input.workload.platform as true\n\ny if input.workload.platform\n", "uses `with`"},
		{"http.send", header + body + "\nx := http.send({\"method\": \"get\", \"url\": \"http://127.0.0.1/\"})\n", "rule.rego:21: undefined function http.send"},
		{"clock", header + body + "\nx := time.now_ns()\n", "undefined function time.now_ns"},
		{"match_schema", header + body + "\nx := json.match_schema({}, {\"$ref\": \"http://127.0.0.1:1/\"})\n", "undefined function json.match_schema"},
		{"numbers.range", header + body + "\nx := numbers.range(1, 1000000000)\n", "undefined function numbers.range"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := loadOwn(t, test.text)
			if err == nil || !strings.HasPrefix(err.Error(), "load rules: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// TestSchemaAnnotation: a rule's own schema neither fetches anything nor forgives.
func TestSchemaAnnotation(t *testing.T) {
	t.Parallel()
	text := strings.Replace(header, "# custom:", "# schemas:\n#   - input: {\"$ref\": \"http://127.0.0.1:1/schema.json\"}\n# custom:", 1)
	if _, err := loadOwn(t, text+body); err != nil {
		t.Error(err)
	}
	if _, err := loadOwn(t, text+strings.Replace(body, "mode", "moode", 1)); err == nil || !strings.Contains(err.Error(), "no such field") {
		t.Errorf("got %v", err)
	}
}

// TestPathsUnknown: a step that is only known when the rule fires is no error.
func TestPathsUnknown(t *testing.T) {
	t.Parallel()
	for _, at := range []string{`["ports", i, k]`, `["mesh", k]`, `path`, `["ports", i, k, "from"]`} {
		text := header + "deny contains {\"at\": " + at + "} if {\n\tsome i, port in input.workload.ports\n\tsome k in [\"mtls\"]\n\tpath := [\"ports\", i, k]\n\tport.number > 0\n}\n"
		_, err := loadOwn(t, text)
		if wrong := strings.HasSuffix(at, `"from"]`); wrong != (err != nil) {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// TestLibImported: a user's rule may use what ours share, and it counts as read.
func TestLibImported(t *testing.T) {
	t.Parallel()
	set, err := loadOwn(t, header+"import data.lib\n\ndeny contains {\"at\": []} if lib.runs_ai\n")
	if err != nil {
		t.Fatal(err)
	}
	if reads := strings.Join(set.rules[0].Reads.Paths(), " "); reads != "role*" {
		t.Errorf("reads %s", reads)
	}
	dir := own(t, map[string]string{"rule_test.rego": "package own_test\n\nimport data.lib\n\ntest_ai if lib.runs_ai with input as {\"workload\": {\"role\": \"agent\"}}\n"})
	var out bytes.Buffer
	if failed, err := TestDir(t.Context(), dir, &out); failed || err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestSelection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		opts Options
		want string
	}{
		{Options{Enable: []string{"mtls/not-strct"}}, "no rule or family `mtls/not-strct`; did you mean `mtls/not-strict`?"},
		{Options{Disable: []string{"nonsense"}}, "no rule or family `nonsense`"},
		{Options{Dirs: []string{"testdata/nowhere"}}, "testdata/nowhere"},
		{Options{Dirs: []string{t.TempDir()}}, "no .rego file"},
	} {
		if _, err := Load(test.opts); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: got %v", test.opts, err)
		}
	}
	set, err := Load(Options{Enable: []string{"mtls"}, Disable: []string{"mtls/not-strict"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range set.Metas() {
		if !strings.HasPrefix(m.ID, "mtls/") || m.ID == "mtls/not-strict" {
			t.Errorf("%s is in the set", m.ID)
		}
	}
}

// TestJudgeErrors: a rule that fails is an error that names it.
func TestJudgeErrors(t *testing.T) {
	t.Parallel()
	ten := "{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}"
	loops := make([]string, 9)
	for i := range loops {
		loops[i] = fmt.Sprintf("\tsome x%d in %s\n", i, ten)
	}
	var numbers strings.Builder
	for i := range 1999 {
		fmt.Fprintf(&numbers, ", %d", i+1)
	}
	deny := func(result string) string {
		return "deny contains " + result + " if input.workload.kind == \"Pod\"\n"
	}
	for _, test := range []struct{ name, body, want string }{
		{"at", deny(`{"at": ["ports", 7]}`), "input.workload has no [ports 7]"},
		{"no at", deny(`{"message": "other"}`), `has no "at"`},
		{"shape", deny(`"text"`), "is no object"},
		{"path", deny(`{"at": "ports"}`), "at: is no list"},
		{"unknown", deny(`{"at": [], "value": 1}`), "unknown field \"value\"; one of at, field, message, related, severity, values; did you mean `values`?"},
		{"variant", deny(`{"at": [], "message": "nope"}`), `custom.messages has no "nope"`},
		{"severity", deny(`{"at": [], "severity": "bad"}`), "unknown severity `bad`"},
		{"note", deny(`{"at": [], "related": [{"at": [], "note": "nope"}]}`), `custom.notes has no "nope"`},
		{"long value", deny(`{"at": [], "values": {"port": concat("", [x | some _ in [1, 2, 3, 4]; x := replace("aaaaaaaaaa", "a", "bbbbbbbbbb")])}}`), "longer than 300"},
		{"conflict", "f(x) := 1 if x\n\nf(x) := 2 if x\n\n" + "deny contains {\"at\": [], \"values\": {\"port\": f(true)}} if input.workload.kind == \"Pod\"\n", "produced conflicting values"},
		{"builtin", deny(`{"at": [], "values": {"port": to_number(input.workload.kind)}}`), "to_number"},
		{"endless", "deny contains {\"at\": []} if {\n\tinput.workload.kind == \"Pod\"\n" + strings.Join(loops, "") + "\tx0 + x1 + x2 == 999\n}\n", "stopped after 1000000 steps"},
		{"giant", "deny contains {\"at\": [x]} if {\n\tinput.workload.kind == \"Pod\"\n\tsome x in [0" + numbers.String() + "]\n}\n", "2000 results; at most 1000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set, err := loadOwn(t, header+test.body)
			if err != nil {
				t.Fatal(err)
			}
			_, err = set.Judge(t.Context(), subject())
			if err == nil || !strings.HasPrefix(err.Error(), "rule own/rule: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	t.Run("unfilled", func(t *testing.T) {
		t.Parallel()
		set, err := loadOwn(t, strings.Replace(header, "repair {port}", "repair {nothing}", 1)+body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := set.Judge(t.Context(), subject()); err == nil || err.Error() != "rule own/rule: nothing fills {nothing}" {
			t.Errorf("got %v", err)
		}
	})
}

// TestBudget: a rule that takes too many steps is stopped at the same step on
// every machine.
func TestBudget(t *testing.T) {
	t.Parallel()
	set, err := loadOwn(t, header+body)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		each, all int
		want      string
	}{
		{3, 1000, "rule own/rule: stopped after 3 steps, which is what one evaluation may take"},
		{1000, 3, "rule own/rule: stopped: all evaluations of own rules together may take 3 steps"},
		{1000, 1000, ""},
	} {
		_, err := set.judge(t.Context(), subject(), rego.NewBudget(test.each, test.all))
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%d steps, %d in all: got %v, want %q", test.each, test.all, err, test.want)
		}
	}
	ours := loadAll(t)
	if _, err := ours.judge(t.Context(), buildModel(t, "../testdata/quickstart/wrong"), rego.NewBudget(0, 0)); err != nil {
		t.Errorf("our own rules are not counted: %v", err)
	}
}

func TestTestDir(t *testing.T) {
	t.Parallel()
	test := func(expect string) string {
		return `package rules.own["rule_test"]

import data.rules.own["rule"] as rule

test_permissive if {
	count(rule.deny) == ` + expect + ` with input as {"workload": {"ports": [{"mtls": {"mode": "PERMISSIVE"}}]}}
}
`
	}
	for _, c := range []struct {
		tests, want string
		failed      bool
	}{
		{test("1"), "ok   ", false},
		{test("2"), "FAIL ", true},
	} {
		dir := own(t, map[string]string{"own/rule/rule.rego": header + body, "own/rule/rule_test.rego": c.tests})
		var out bytes.Buffer
		failed, err := TestDir(t.Context(), dir, &out)
		if err != nil {
			t.Fatal(err)
		}
		if failed != c.failed || !strings.HasPrefix(out.String(), c.want) {
			t.Errorf("failed %v:\n%s", failed, out.String())
		}
	}
	dir := own(t, map[string]string{"own/rule/rule.rego": header + body})
	if _, err := TestDir(t.Context(), dir, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "no test") {
		t.Errorf("got %v", err)
	}
	dir = own(t, map[string]string{"own/rule/rule.rego": header + body, "own/rule/rule_test.rego": "package t\n\ntest_x if http.send({})\n"})
	if _, err := TestDir(t.Context(), dir, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "rule_test.rego:3: undefined function http.send") {
		t.Errorf("got %v", err)
	}
}
