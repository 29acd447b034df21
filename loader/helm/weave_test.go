package helm

import (
	"testing"
	ast "text/template/parse"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// renderBoth renders a chart as it stands and woven, both with our functions.
func renderBoth(t *testing.T, dir, values string) (plain, woven map[string]string) {
	t.Helper()
	s := &chartSource{root: ".", dir: dir}
	b := newBudget(s)
	r := &renderer{files: map[string]int{}, cluster: cluster{version: kubeVersion}}
	given, err := mergeValues([]*yaml.File{{Name: "given", Data: []byte(values)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.open(s, b); err != nil {
		t.Fatal(err)
	}
	out, err := r.render(s, given, b)
	if err != nil {
		t.Fatal(err)
	}
	woven = map[string]string{}
	for name, text := range out.texts {
		woven[name] = string(withoutMarks(name, text, &s.weaver).file.Data)
	}
	b.left = mostSteps
	out, err = s.renderWith(given, unknownNamespace, r.cluster, chartFunctions(b), func(f *chartFile) []byte { return f.data })
	if err != nil {
		t.Fatal(err)
	}
	return out.texts, woven
}

// Marks and guards change nothing of what a template gives.
func TestHelmWeave(t *testing.T) {
	const values = `{a: {b: x, n: 3, list: [1, two], s: "a\nb"}, empty: {}, text: "{{ .Values.a.b }}!"}`
	for _, template := range []string{
		"a: {{ .Values.a.b }}\n",
		"a: {{- .Values.a.b -}}\n\n  b",
		"{{ .Values.missing }}|{{ .Values.a.missing }}|{{ .Values.missing | quote }}",
		"{{- /* note */ -}}\na: 1 # {{ .Values.a.n }}\n",
		"a: { {{- .Values.a.n -}} }", // a brace of the text meets those of the action
		"a: { {{- /* note */ -}} { {{- .Values.a.n }} }}",
		"{{ if .Values.a }}y{{ else if .Values.empty }}e{{ else }}n{{ end }}",
		"{{ with .Values.a }}{{ .b }}{{ else }}none{{ end }}{{ with .Values.empty }}{{ . }}{{ else }}none{{ end }}",
		"{{ range $i, $e := .Values.a.list }}{{ $i }}={{ $e }},{{ end }}{{ range .Values.empty }}x{{ else }}none{{ end }}",
		"{{ range $i, $e := until 5 }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ if eq $i 3 }}{{ break }}{{ end }}{{ $i }}{{ end }}",
		"{{ range 3 }}{{ . }}{{ end }}",
		"{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}",
		"{{ toYaml .Values.a | nindent 2 | trim | quote }}",
		"{{ define \"h\" }}<{{ .Values.a.b }}\n>{{ end }}{{ include \"h\" . | nindent 4 | trunc 7 }}|{{ include \"h\" . | sha256sum }}|{{ template \"h\" . }}",
		"{{ block \"b\" . }}in {{ .Values.a.b }}{{ end }}",
		"{{ include (print .Template.BasePath \"/other.yaml\") . | sha256sum }}",
		"{{ tpl .Values.text . }}|{{ tpl \"{{ define \\\"q\\\" }}q{{ end }}{{ include \\\"q\\\" . }}\" . }}",
		"{{ eq (include \"o\" .) \"o\" }}{{ define \"o\" }}o{{ end }}",
		"{{ printf \"%s-%d\" .Values.a.b (int .Values.a.n) }}{{ `raw {{ x }}` }}{{ 'c' }}{{ 1.5 }}{{ true }}",
		"{{ (dict \"k\" (list 1 2)).k }}{{ (index .Values.a.list 1) }}{{ .Values.a.list | join \"-\" }}",
		"{{ .Values.a.n | add 1 | mul 2 }}{{ max 1 2 3 }}{{ seq 1 3 }}{{ ternary \"a\" \"b\" true }}{{ default 5 .Values.missing }}",
		"{{ and .Values.a .Values.empty }}{{ or .Values.empty .Values.a.b }}{{ not .Values.empty }}",
		"{{ if and .Values.missing .Values.missing.deeper }}x{{ end }}ok",
		"{{ regexReplaceAll \"x\" .Values.a.b \"yy\" }}{{ repeat 3 \"ab\" }}{{ \"a b\" | replace \" \" \"-\" }}{{ indent 2 .Values.a.s }}",
		"{{ range $k, $v := .Values.a }}{{ $k }};{{ end }}{{ keys .Values.a | sortAlpha }}{{ untilStep 0 6 2 }}{{ without (list 1 2) 1 }}",
		"{{ .Capabilities.KubeVersion.Version }}{{ .Capabilities.APIVersions.Has \"apps/v1\" }}{{ .Chart.Name }}{{ .Release.Name }}",
		"{{ .Files.Get \"f.txt\" }}{{ (.Files.Glob \"*.txt\").AsConfig }}{{ range .Files.Lines \"f.txt\" }}{{ . }},{{ end }}",
		"{{ lookup \"v1\" \"Secret\" \"a\" \"b\" }}{{ $ca := genCA \"x\" 1 }}{{ $ca.Cert }}{{ randAlphaNum 5 }}{{ now | date \"2006\" }}",
		"a: |\n  {{- range .Values.a.list }}\n  {{ . }}\n  {{- end }}\r\nb: 'it''s {{ .Values.a.b }}'\n",
	} {
		dir := t.TempDir()
		archive := txtar.Parse([]byte("-- Chart.yaml --\napiVersion: v2\nname: demo\nversion: 1.0.0\n-- f.txt --\nfile\n-- templates/other.yaml --\no: {{ .Values.a.b }}\n-- templates/t.yaml --\n" + template))
		if err := txtar.Write(archive, dir); err != nil {
			t.Fatal(err)
		}
		plain, woven := renderBoth(t, dir, values)
		if diff := cmp.Diff(plain, woven); diff != "" {
			t.Errorf("%s\n%s", template, diff)
		}
	}
}

// FuzzHelmWeave: a template that parses still does when it is woven, and its
// marks lie in it.
func FuzzHelmWeave(f *testing.F) {
	for _, seed := range []string{
		"a: {{ .Values.a | quote }}\n", "{{ if and .a (eq .b \"x\") }}{ {{- end }}", "{{ range $i, $e := .l }}{{ break }}{{ else }}x{{ end }}",
		"{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ template \"a\" $.x }}", "{{ $x := (tpl .t .).y.z }}{{ $x = `a` }}", "{{ block \"b\" . }}{{ end }}",
		"{{ with $x := .Files.Get \"a\" }}{{ 'c' }}{{ 1.5e3 }}{{ nil | f }}{{ end }}", "{{- /* c */ -}}{{ with .a }}{{ else with .b }}{{ end }}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parses := func(text string) error {
			tree := ast.New("t")
			tree.Mode = ast.SkipFuncCheck
			_, err := tree.Parse(text, "", "", map[string]*ast.Tree{})
			return err
		}
		w := weaver{}
		woven := w.weave(text, &yaml.File{Name: "t", Data: []byte(text)}, nil)
		if w.err != nil || parses(text) != nil {
			return
		}
		if err := parses(woven); err != nil {
			t.Errorf("%q becomes %q: %v", text, woven, err)
		}
		for _, m := range w.marks {
			if m.start < 0 || m.end < m.start || m.end > len(text) {
				t.Errorf("%q: mark %+v", text, m)
			}
		}
	})
}
