package loader_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

func TestDocuments(t *testing.T) {
	t.Parallel()
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
	tests := []struct{ name, text, want string }{
		{"one", pod, "plain .\n  <stdin>:1 Pod /p"},
		{"nothing", "# c\n---\n\n", "plain ."},
		{"bom", "\xEF\xBB\xBF" + pod, "plain .\n  <stdin>:1 Pod /p"},
		{"json", "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\", \"metadata\": {\"name\": \"p\\ud83d\\ude00\"}\n}\n", "plain .\n  <stdin>:1 Pod /p😀"},
		{"broken neighbour", "a: [\n---\n" + pod + "---\nb: \"\n", "plain .\n  <stdin>:3 Pod /p\n  gap \"\" document that could not be read\n  gap \"\" document that could not be read\nproblem <stdin>:1:4 syntax\nproblem <stdin>:7:4 syntax"},
		{"generated name", "apiVersion: v1\nkind: Pod\nmetadata: {generateName: p-}\n", "plain .\n  <stdin>:1 Pod /p-*"},
		{"no name", "apiVersion: v1\nkind: Pod\nspec: {}\n", "plain .\n  <stdin>:1 Pod /"},
		{"cluster scoped", "apiVersion: v1\nkind: Namespace\nmetadata: {name: n, namespace: x}\n", "plain .\n  <stdin>:1 Namespace /n"},
		{
			"list", "kind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Service, metadata: {name: b}}\n- {a: 1}\n",
			"plain .\n  <stdin>:4 Pod /a items[0]\n  <stdin>:10 Service /b items[1].items[0]\nskip <stdin>:11 not-kubernetes",
		},
		{"typed list", "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n", "plain .\n  <stdin>:4 Pod /a items[0]"},
		{"missing separator", pod + "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n", "plain .\n  gap \"Pod\" document that could not be read\n  gap \"Service\" document that could not be read\nproblem <stdin>:4:1 missing-separator"},
		{"not kubernetes", "a: 1\n---\n- 1\n---\napiVersion: 1\nkind: x\n", "plain .\nskip <stdin>:1 not-kubernetes\nskip <stdin>:3 not-kubernetes\nskip <stdin>:5 not-kubernetes"},
		{"tools", "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n---\napiVersion: v1\nkind: Config\nclusters: []\n", "plain .\nskip <stdin>:1 tool-config\nskip <stdin>:4 tool-config"},
		{"kustomize", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n---\n- {op: add, path: /a, value: 1}\n", "plain .\nskip <stdin>:1 kustomization\nskip <stdin>:4 kustomize-patch"},
		{"action line", "{{- if .x }}\n" + pod + "{{- end }}\n", "plain .\n  gap \"Pod\" template that was not rendered\nskip <stdin>:1 template"},
		{"action value", "apiVersion: v1\nkind: Pod\nspec:\n  replicas: {{ .Values.n }}\n", "plain .\n  gap \"Pod\" template that was not rendered\nskip <stdin>:1 template"},
		{"jinja", "apiVersion: v1\n{% if x %}\nkind: Pod\n{% endif %}\n", "plain .\n  gap \"Pod\" template that was not rendered\nskip <stdin>:1 template"},
		{"dollar in flow", "apiVersion: v1\nkind: Pod\nspec: {a: ${X}}\n", "plain .\n  gap \"Pod\" template that was not rendered\nskip <stdin>:1 template"},
		{"brace value", "apiVersion: v1\nkind: Pod\nspec:\n  image: {user}/x\n", "plain .\n  gap \"Pod\" template that was not rendered\nskip <stdin>:1 template"},
		{"placeholders in scalars", "apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{x}}\"}\nspec: {a: $X}\nimage: ${Y}\n", "plain .\n  <stdin>:1 Pod /{{x}}"},
		{"placeholder elsewhere", "apiVersion: v1\nkind: Pod\nimage: ${Y}\nspec:\n  a: \"\\.\"\n", "plain .\n  gap \"Pod\" document that could not be read\nproblem <stdin>:5:7 syntax"},
		{"whole placeholder", "${CONTENT}\n", "plain .\nskip <stdin>:1 template"},
		{"invalid utf-8", pod + "---\nkind: Pod\nx: \"\xff\"\n", "plain .\n  <stdin>:1 Pod /p\n  gap \"Pod\" document that could not be read\nproblem <stdin>:6:5 encoding"},
		{"binary", "PK\x03\x04\x00\x00", "plain .\n  gap \"\" document that could not be read\nproblem <stdin>:1:1 encoding"},
		{"merge of a scalar", "apiVersion: v1\nkind: Pod\nspec: {<<: 1}\n", "plain .\n  gap \"Pod\" document that could not be read\nproblem <stdin>:3:12 syntax"},
		{"recursive alias", "apiVersion: v1\nkind: Pod\nspec: &a {b: *a}\n", "plain .\n  gap \"Pod\" document that could not be read\nproblem <stdin>:3:14 alias-bomb"},
		{"deep", "apiVersion: v1\nkind: Pod\nspec: " + strings.Repeat("[", 2000) + strings.Repeat("]", 2000), "plain .\n  gap \"Pod\" document that could not be read\nproblem <stdin>:3:1006 too-deep"},
		{"two JSON texts", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}\n{\"a\":1}\n", "plain .\n  gap \"Pod\" document that could not be read\nproblem <stdin>:2:1 syntax"},
		{"complex key", "apiVersion: v1\nkind: Pod\nspec:\n  ? [a]\n  : 1\n", "plain .\n  gap \"Pod\" document that could not be read\nproblem <stdin>:4:5 syntax"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			loadertest.WantSummary(t, loadertest.LoadText(t, tt.text), "", tt.want)
		})
	}
}

func TestUTF16(t *testing.T) {
	t.Parallel()
	const manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: pöd𝄞}\n"
	for _, tt := range []struct {
		name, mark string
		big        bool
	}{
		{"LE", "\xFF\xFE", false}, {"BE", "\xFE\xFF", true}, {"LE unmarked", "", false}, {"BE unmarked", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := []byte(tt.mark)
			for _, u := range utf16Of(manifest) {
				if tt.big {
					text = append(text, byte(u>>8), byte(u))
				} else {
					text = append(text, byte(u), byte(u>>8))
				}
			}
			tree := loadertest.LoadText(t, string(text))
			loadertest.WantSummary(t, tree, "", "plain .\n  <stdin>:1 Pod /pöd𝄞")
			if got := string(tree.Files[0].Data); got != manifest {
				t.Errorf("data = %q", got)
			}
		})
	}
}

func TestAliasBomb(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Pod\na0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := range 30 {
		fmt.Fprintf(&b, "a%d: &a%[1]d [%s*a%d]\n", i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 8), i)
	}
	tree := loadertest.LoadText(t, b.String())
	if len(tree.Problems) != 1 || tree.Problems[0].Cause != diagnose.CauseAliasBomb {
		t.Errorf("got %s", loadertest.Summary(tree, ""))
	}
}

// A merge copies fields, so that many merges of one large mapping are a bomb
// without any nesting.
func TestMergeBomb(t *testing.T) {
	t.Parallel()
	text := "apiVersion: v1\nkind: Pod\nbase: &b\n" + numbered("  k%: v\n", 5000) + "list:\n" + strings.Repeat("- {<<: *b}\n", 5000)
	tree := loadertest.LoadText(t, text)
	if len(tree.Problems) != 1 || tree.Problems[0].Cause != diagnose.CauseAliasBomb {
		t.Errorf("got %d problems", len(tree.Problems))
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	dir := loadertest.Extract(t, "-- a.yaml --\napiVersion: v1\nkind: Pod\n-- b.yaml --\napiVersion: v1\nkind: Pod\nmetadata: {name: long-long}\n")
	tree := loadertest.Load(t, loader.Options{Paths: []string{dir}, MaxFileSize: 30})
	loadertest.WantSummary(t, tree, dir, "plain .\n  a.yaml:1 Pod /\n  gap \"\" document that could not be read\nproblem b.yaml:1:1 too-large")
	if tree.Problems[0].Span.File.Data != nil || len(tree.Files) != 1 {
		t.Error("a file that is too large was read")
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	tree := loadertest.LoadText(t, "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {labels: {a: 1, a: 2}}\n  spec:\n    c: [{x: 1}, {x: 1, \"x\": 2}]\n"+
		"---\napiVersion: v1\nkind: Pod\nkind: Service\n"+numbered("k%: 1\n", 20)+"k3: 2\n")
	var got []string
	for _, o := range tree.Sets[0].Objects {
		for _, d := range o.Duplicates {
			got = append(got, sprint(o.Kind, d.Path.String(), d.First, d.Second))
		}
	}
	want := "Pod metadata.labels.a {6 23} {6 29}|Pod spec.c[1].x {8 18} {8 24}|Service kind {11 1} {12 1}|Service k3 {16 1} {33 1}"
	if strings.Join(got, "|") != want {
		t.Errorf("got %s", strings.Join(got, "|"))
	}
	if got := tree.Sets[0].Objects[1].Root.Get("k3").Text; got != "2" {
		t.Errorf("Get returned %s, not the last value", got)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	tree := loadertest.LoadText(t, "apiVersion: v1\nkind: Pod\nx: &x {a: 1, b: 1, c: 1}\ny: &y {b: 2, d: 2}\nz: {a: 0, <<: [*y, *x], e: 0}\n")
	var got []string
	for _, f := range tree.Sets[0].Objects[0].Root.Get("z").Fields {
		got = append(got, sprint(f.Key.Text, f.Value.Text, f.Merged))
	}
	if want := "a 0 false|e 0 false|d 2 true|b 2 true|c 1 true"; strings.Join(got, "|") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "|"), want)
	}
}

func TestScalarKinds(t *testing.T) {
	t.Parallel()
	want := map[yaml.NodeKind][]string{
		yaml.Null:   {"", "~", "null", "Null", "NULL", "!!null x"},
		yaml.Bool:   {"true", "False", "TRUE", "y", "N", "yes", "No", "ON", "off", "!!bool true"},
		yaml.Int:    {"1", "-1", "+1", "0x1F", "0o17", "017", "0b1", "1_000"},
		yaml.Float:  {"1.5", "1e3", ".5", ".inf", "-.Inf", ".nan", "1."},
		yaml.String: {"yEs", "tRue", "nULL", `"1"`, "'yes'", "2001-12-14", "1.2.3", "!!str 1", "0x", "a b", "1:30", "!foo 1", "\"\""},
	}
	for kind, texts := range want {
		for _, text := range texts {
			tree := loadertest.LoadText(t, "apiVersion: v1\nkind: Pod\nx: "+text+"\n")
			if got := tree.Sets[0].Objects[0].Root.Get("x").Kind; got != kind {
				t.Errorf("%q is a %s, want %s", text, got, kind)
			}
		}
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	tree := loadertest.LoadText(t, "# licence\n\n---\n# head\napiVersion: v1 # line\nkind: Pod\n# above\nspec: {}\n")
	root := tree.Sets[0].Objects[0].Root
	var all []string
	for _, n := range []*yaml.Node{root, root.Fields[0].Key, root.Fields[0].Value, root.Fields[2].Key} {
		if n.Notes != nil {
			all = append(all, n.Notes.Head, n.Notes.Line)
		}
	}
	for _, want := range []string{"# licence", "# head", "# line", "# above"} {
		if !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("%q is lost: %q", want, all)
		}
	}
}

// A query without results prints an empty list; it is no object.
func TestEmptyList(t *testing.T) {
	t.Parallel()
	for _, items := range []string{"items: null", "items: []", "metadata: {}"} {
		tree, err := loader.Load(t.Context(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader("apiVersion: v1\nkind: List\n" + items + "\n")})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(tree.Sets[0].Objects); n != 0 || len(tree.Problems) != 0 {
			t.Errorf("%s: %d objects, problems %v", items, n, tree.Problems)
		}
	}
}

func utf16Of(s string) []uint16 { return utf16.Encode([]rune(s)) }

// numbered repeats a line with % replaced by 0, 1, 2 and so on.
func numbered(line string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(line, "%", strconv.Itoa(i)))
	}
	return b.String()
}

func sprint(args ...any) string { return strings.TrimSuffix(fmt.Sprintln(args...), "\n") }
