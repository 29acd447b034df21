//go:build !nohelm

package loader

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

const chartYAML = "-- Chart.yaml --\napiVersion: v2\nname: demo\nversion: 1.0.0\n"

// renderBoth renders a chart as it stands and woven, both with our functions.
func renderBoth(t *testing.T, dir, values string) (plain, woven map[string]string) {
	t.Helper()
	s := &chartSource{root: ".", dir: dir}
	b := newBudget(s)
	r := &renderer{files: map[string]int{}}
	given, err := mergeValues([]*File{{Name: "given", Data: []byte(values)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.values = given
	out, err := r.render(s, b)
	if err != nil {
		t.Fatal(err)
	}
	woven = map[string]string{}
	for name, text := range out.texts {
		woven[name] = string(withoutMarks(name, text, &s.weaver).file.Data)
	}
	b.left = mostSteps
	out, err = s.renderWith(given, unknownNamespace, chartFunctions(b), func(f *chartFile) []byte { return f.data })
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

// at writes the place of a field as file:line:column-endcolumn, and behind it
// the value that it was taken from.
func at(t *testing.T, tree *Tree, dir, kind string, path ...any) string {
	t.Helper()
	for _, s := range tree.Sets {
		for _, o := range s.Objects {
			if o.Kind != kind {
				continue
			}
			span, exact := o.At(path)
			name, err := filepath.Rel(dir, mustAbs(t, span.File.Name))
			if err != nil {
				t.Fatal(err)
			}
			text := fmt.Sprintf("%s:%d:%d-%d", filepath.ToSlash(name), span.Start.Line, span.Start.Col, span.End.Col)
			if !exact {
				text += "?"
			}
			if base, ok := o.Base(path); ok {
				text += fmt.Sprintf(" %s:%d:%d", filepath.Base(base.File.Name), base.Start.Line, base.Start.Col)
			}
			return text
		}
	}
	return "no " + kind
}

func mustAbs(t *testing.T, name string) string {
	t.Helper()
	abs, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// The excerpts are from the charts of JupyterHub (BSD-3-Clause, Project Jupyter
// Contributors) and vLLM production-stack (Apache-2.0), shortened.
const placesChart = chartYAML + `-- values.yaml --
hub:
  image: {name: quay.io/hub, tag: "1"}
  networkPolicy:
    enabled: true
    egress:
      - to:
          - ipBlock: {cidr: 0.0.0.0/0}
  extra: {a: b}
spec:
  - name: mistral
    port: 8000
-- templates/_helpers.tpl --
{{- define "labels" -}}
app: jupyterhub
release: {{ .Release.Name }}
{{- end }}
-- templates/hub/netpol.yaml --
{{- if .Values.hub.networkPolicy.enabled -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: hub
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "labels" . | nindent 6 }}
  {{- /* a note
         of two lines */}}
  policyTypes: [Ingress, Egress]
  {{- with .Values.hub.networkPolicy.egress }}
  egress:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
-- templates/engine.yaml --
{{- range $spec := .Values.spec }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "{{ $.Release.Name }}-{{ $spec.name }}"
spec:
  template:
    metadata:
      annotations: {{ toJson $.Values.hub.extra }}
    spec:
      containers:
        - name: engine
          image: {{ .Values.hub.image.name | default "x" }}
          ports: [{containerPort: {{ $spec.port }}}]
{{- end }}
-- templates/plain.yaml --
apiVersion: v1
kind: Service
metadata:
  name: plain
spec: {selector: {app: a}}
`

func TestHelmPlaces(t *testing.T) {
	archive := strings.Replace(placesChart, "{{ .Values.hub.image.name |", "{{ $.Values.hub.image.name |", 1)
	dir := extract(t, archive)
	tree := load(t, Options{Paths: []string{dir}})
	for _, tt := range []struct {
		kind string
		path Path
		want string
	}{
		{"NetworkPolicy", Path{"metadata", "name"}, "templates/hub/netpol.yaml:5:9-12"},
		{"NetworkPolicy", Path{"metadata", "namespace"}, "templates/hub/netpol.yaml:6:3-12"},
		{"NetworkPolicy", Path{"spec", "podSelector", "matchLabels", "app"}, "templates/hub/netpol.yaml:12:7-44"},
		{"NetworkPolicy", Path{"spec", "policyTypes", 1}, "templates/hub/netpol.yaml:15:26-32"}, // behind a comment that is gone
		{"NetworkPolicy", Path{"spec", "egress"}, "templates/hub/netpol.yaml:17:3-9 values.yaml:5:5"},
		{"NetworkPolicy", Path{"spec", "egress", 0, "to", 0, "ipBlock", "cidr"}, "templates/hub/netpol.yaml:18:5-32 values.yaml:7:29"},
		{"NetworkPolicy", Path{"spec", "ingress"}, "templates/hub/netpol.yaml:9:1-5?"},
		{"Deployment", Path{"metadata", "name"}, "templates/engine.yaml:5:9-48"},
		{"Deployment", Path{"spec", "template", "metadata", "annotations", "a"}, "templates/engine.yaml:9:20-51 values.yaml:8:14"},
		{"Deployment", Path{"spec", "template", "spec", "containers", 0, "image"}, "templates/engine.yaml:13:18-61 values.yaml:2:17"},
		{"Deployment", Path{"spec", "template", "spec", "containers", 0, "ports", 0, "containerPort"}, "templates/engine.yaml:14:35-51"},
		{"Service", Path{"spec", "selector"}, "templates/plain.yaml:5:8-16"},
	} {
		if got := at(t, tree, dir, tt.kind, tt.path...); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.kind, tt.path, got, tt.want)
		}
	}
	for _, o := range tree.Sets[0].Objects {
		if o.Namespace != "" {
			t.Errorf("%s is in namespace %q", o.Kind, o.Namespace)
		}
	}
}

// What fails is told in Helm's words, at Helm's place.
func TestHelmFailure(t *testing.T) {
	tree := load(t, Options{Paths: []string{extract(t, placesChart)}}) // inside `range`, `.Values` is not the chart's
	f := tree.Sets[0].Chart.Failure
	if f == nil {
		t.Fatal("rendered")
	}
	if !strings.HasSuffix(f.Span.File.Name, "templates/engine.yaml") || f.Span.Start != (Pos{13, 28}) || !strings.Contains(f.Message, "executing") {
		t.Errorf("%s:%v: %s", f.Span.File.Name, f.Span.Start, f.Message)
	}
	if len(tree.Sets[0].Objects) != 1 || len(tree.Sets[0].Gaps) != 1 {
		t.Errorf("the plain manifest under templates/ and a gap are left; got %d objects, gaps %v", len(tree.Sets[0].Objects), tree.Sets[0].Gaps)
	}
}

// With -n the release is in that namespace, without it in one that nobody knows:
// an object in it is one that names none, and what is built of it is opaque.
func TestHelmNamespace(t *testing.T) {
	dir := extract(t, chartYAML+`-- templates/a.yaml --
{apiVersion: v1, kind: A, metadata: {name: a, namespace: {{ .Release.Namespace }}}, host: "b.{{ .Release.Namespace }}.svc"}
---
{apiVersion: v1, kind: B, metadata: {name: b, namespace: other}}
`)
	for namespace, want := range map[string]string{"": " b.replaced-by-namespace.svc other", "ai": "ai b.ai.svc other"} {
		objects := load(t, Options{Paths: []string{dir}, Namespace: namespace}).Sets[0].Objects
		host, _ := objects[0].Root.Get("host").Str()
		if got := objects[0].Namespace + " " + host + " " + objects[1].Namespace; got != want {
			t.Errorf("-n %q: got %q, want %q", namespace, got, want)
		}
	}
}

// parent gives them, and what lies in a packed one stands at the dependency.
// Values files and --set win over the chart's own; subcharts see what their
// parent gives them.
func TestHelmValues(t *testing.T) {
	dir := extract(t, `-- c/Chart.yaml --
apiVersion: v2
name: demo
version: 1.0.0
dependencies:
  - {name: extra, version: 1.0.0, condition: extra.enabled}
  - {name: gone, version: 1.0.0}
-- c/values.yaml --
a: {kind: A}
sub:
  name: from-parent
extra: {enabled: false}
-- c/values-prod.yaml --
a: {kind: Z}
-- c/ci/test-values.yaml --
a: {kind: Z}
-- c/templates/a.yaml --
{apiVersion: v1, kind: {{ .Values.a.kind }}, metadata: {name: {{ .Values.a.name | default "none" }}}}
-- c/templates/policy.yaml --
{{- if .Values.networkPolicy.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: n}
{{- end }}
-- c/templates/test.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: t, annotations: {"helm.sh/hook": test}}}
-- c/templates/NOTES.txt --
{{ fail "never rendered" }}
-- c/charts/sub/Chart.yaml --
apiVersion: v2
name: sub
version: 1.0.0
-- c/charts/sub/values.yaml --
name: own
other: own
-- c/charts/sub/templates/s.yaml --
{apiVersion: v1, kind: S, metadata: {name: {{ .Values.name }}, labels: {o: {{ .Values.other }}}}}
-- c/charts/extra/Chart.yaml --
apiVersion: v2
name: extra
version: 1.0.0
-- c/charts/extra/templates/o.yaml --
{apiVersion: v1, kind: Extra, metadata: {name: o}}
-- c/charts/lib/Chart.yaml --
apiVersion: v2
name: lib
version: 1.0.0
type: library
-- c/charts/lib/templates/l.yaml --
{apiVersion: v1, kind: Lib, metadata: {name: o}}
-- c/examples/e.yaml --
{apiVersion: v1, kind: Example, metadata: {name: e}}
-- c/crds/c.yaml --
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: c}}
-- given.yaml --
a: {name: given}
networkPolicy: {enabled: false}
`)
	tree := load(t, Options{
		Paths: []string{filepath.Join(dir, "c")}, HelmValues: []string{filepath.Join(dir, "given.yaml")}, HelmSet: []string{"a.kind=B"},
	})
	wantSummary(t, tree, dir, `plain .
  c/examples/e.yaml:1 Example /e
chart c
  c/charts/sub/templates/s.yaml:1 S /from-parent
  c/crds/c.yaml:1 CustomResourceDefinition /c
  c/templates/a.yaml:1 B /given
  gap "" helm chart that was rendered without dependency `+"`gone`"+`, which is not under charts/
skip c/Chart.yaml:0 helm-values
skip c/charts/extra/Chart.yaml:0 helm-values
skip c/charts/lib/Chart.yaml:0 helm-values
skip c/charts/sub/Chart.yaml:0 helm-values
skip c/charts/sub/values.yaml:0 helm-values
skip c/ci/test-values.yaml:0 helm-values
skip c/values-prod.yaml:0 helm-values
skip c/values.yaml:0 helm-values`)
	for _, tt := range []struct {
		kind string
		path Path
		want string
	}{
		{"B", Path{"metadata", "name"}, "c/templates/a.yaml:1:63-100 given.yaml:1:11"},
		{"B", Path{"kind"}, "c/templates/a.yaml:1:24-44"}, // given on the command line
		{"S", Path{"metadata", "name"}, "c/charts/sub/templates/s.yaml:1:44-62 values.yaml:3:9"},
		{"S", Path{"metadata", "labels", "o"}, "c/charts/sub/templates/s.yaml:1:76-95 values.yaml:2:8"},
	} {
		if got := at(t, tree, dir, tt.kind, tt.path...); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.kind, tt.path, got, tt.want)
		}
	}
	chart := tree.Sets[1].Chart
	if len(chart.ValuesFiles) != 2 || len(chart.Switches) != 1 {
		t.Fatalf("values files %v, switches %v", chart.ValuesFiles, chart.Switches)
	}
	s := chart.Switches[0]
	if s.Value != "networkPolicy.enabled" || s.At.Start != (Pos{2, 26}) || s.Template.Start != (Pos{1, 1}) || fmt.Sprint(s.Kinds) != "[NetworkPolicy]" {
		t.Errorf("switch %+v", s)
	}
}

// A template that is excluded is not audited, and its objects may exist.
func TestHelmExclude(t *testing.T) {
	dir := extract(t, chartYAML+`-- templates/a.yaml --
{apiVersion: v1, kind: A, metadata: {name: a}}
-- templates/b.yaml --
apiVersion: v1
kind: NetworkPolicy
metadata: {name: {{ .Release.Name }}}
`)
	wantSummary(t, load(t, Options{Paths: []string{dir}, Exclude: []string{"templates/b.yaml"}}), dir, `chart .
  templates/a.yaml:1 A /a
  gap "NetworkPolicy" template that was left out
skip Chart.yaml:0 helm-values`)
}
