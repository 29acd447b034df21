//go:build !nohelm

package helm_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

const chartYAML = "-- Chart.yaml --\napiVersion: v2\nname: demo\nversion: 1.0.0\n"

// at writes the place of a field as file:line:column-endcolumn, and behind it
// the value that it was taken from.
func at(t *testing.T, tree *source.Tree, dir, kind string, path ...any) string {
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
	dir := loadertest.Extract(t, archive)
	tree := loadertest.Load(t, loader.Options{Paths: []string{dir}})
	for _, tt := range []struct {
		kind string
		path yaml.Path
		want string
	}{
		{"NetworkPolicy", yaml.Path{"metadata", "name"}, "templates/hub/netpol.yaml:5:9-12"},
		{"NetworkPolicy", yaml.Path{"metadata", "namespace"}, "templates/hub/netpol.yaml:6:3-12"},
		{"NetworkPolicy", yaml.Path{"spec", "podSelector", "matchLabels", "app"}, "templates/hub/netpol.yaml:12:7-44"},
		{"NetworkPolicy", yaml.Path{"spec", "policyTypes", 1}, "templates/hub/netpol.yaml:15:26-32"}, // behind a comment that is gone
		{"NetworkPolicy", yaml.Path{"spec", "egress"}, "templates/hub/netpol.yaml:17:3-9 values.yaml:5:5"},
		{"NetworkPolicy", yaml.Path{"spec", "egress", 0, "to", 0, "ipBlock", "cidr"}, "templates/hub/netpol.yaml:18:5-32 values.yaml:7:29"},
		{"NetworkPolicy", yaml.Path{"spec", "ingress"}, "templates/hub/netpol.yaml:9:1-5?"},
		{"Deployment", yaml.Path{"metadata", "name"}, "templates/engine.yaml:5:9-48"},
		{"Deployment", yaml.Path{"spec", "template", "metadata", "annotations", "a"}, "templates/engine.yaml:9:20-51 values.yaml:8:14"},
		{"Deployment", yaml.Path{"spec", "template", "spec", "containers", 0, "image"}, "templates/engine.yaml:13:18-61 values.yaml:2:17"},
		{"Deployment", yaml.Path{"spec", "template", "spec", "containers", 0, "ports", 0, "containerPort"}, "templates/engine.yaml:14:35-51"},
		{"Service", yaml.Path{"spec", "selector"}, "templates/plain.yaml:5:8-16"},
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

// What fails is told in Helm's words, at Helm's place, and the other templates
// are rendered.
func TestHelmFailure(t *testing.T) {
	tree := loadertest.Load(t, loader.Options{Paths: []string{loadertest.Extract(t, placesChart)}}) // inside `range`, `.Values` is not the chart's
	if len(tree.Unbuilt) != 1 {
		t.Fatalf("unbuilt: %+v", tree.Unbuilt)
	}
	u := tree.Unbuilt[0]
	if !strings.HasSuffix(u.Span.File.Name, "templates/engine.yaml") || u.Span.Start != (yaml.Pos{Line: 13, Col: 28}) ||
		u.Cause != source.Values || u.Whole || !strings.Contains(u.Message, "is rendered without `templates/engine.yaml`: demo/templates/engine.yaml:13:27 executing") {
		t.Errorf("%s:%v: %s %v: %s", u.Span.File.Name, u.Span.Start, u.Cause, u.Whole, u.Message)
	}
	set := tree.Sets[0]
	if len(set.Objects) != 2 || len(set.Gaps) != 1 || set.Gaps[0].Kind != "Deployment" {
		t.Errorf("got %d objects, gaps %v", len(set.Objects), set.Gaps)
	}
}

// With -n the release is in that namespace, without it in one that nobody knows:
// an object in it is one that names none, and what is built of it is opaque.
func TestHelmNamespace(t *testing.T) {
	dir := loadertest.Extract(t, chartYAML+`-- templates/a.yaml --
{apiVersion: v1, kind: A, metadata: {name: a, namespace: {{ .Release.Namespace }}}, host: "b.{{ .Release.Namespace }}.svc"}
---
{apiVersion: v1, kind: B, metadata: {name: b, namespace: other}}
`)
	for namespace, want := range map[string]string{"": " b.replaced-by-namespace.svc other", "ai": "ai b.ai.svc other"} {
		objects := loadertest.Load(t, loader.Options{Paths: []string{dir}, Namespace: namespace}).Sets[0].Objects
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
	dir := loadertest.Extract(t, `-- c/Chart.yaml --
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
	tree := loadertest.Load(t, loader.Options{
		Paths: []string{filepath.Join(dir, "c")}, HelmValues: []string{filepath.Join(dir, "given.yaml")}, HelmSet: []string{"a.kind=B"},
	})
	loadertest.WantSummary(t, tree, dir, `plain .
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
		path yaml.Path
		want string
	}{
		{"B", yaml.Path{"metadata", "name"}, "c/templates/a.yaml:1:63-100 given.yaml:1:11"},
		{"B", yaml.Path{"kind"}, "c/templates/a.yaml:1:24-44"}, // given on the command line
		{"S", yaml.Path{"metadata", "name"}, "c/charts/sub/templates/s.yaml:1:44-62 values.yaml:3:9"},
		{"S", yaml.Path{"metadata", "labels", "o"}, "c/charts/sub/templates/s.yaml:1:76-95 values.yaml:2:8"},
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
	if s.Value != "networkPolicy.enabled" || s.At.Start != (yaml.Pos{Line: 2, Col: 26}) || s.Template.Start != (yaml.Pos{Line: 1, Col: 1}) || fmt.Sprint(s.Kinds) != "[NetworkPolicy]" {
		t.Errorf("switch %+v", s)
	}
}

// A template that is excluded is not audited, and its objects may exist.
func TestHelmExclude(t *testing.T) {
	dir := loadertest.Extract(t, chartYAML+`-- templates/a.yaml --
{apiVersion: v1, kind: A, metadata: {name: a}}
-- templates/b.yaml --
apiVersion: v1
kind: NetworkPolicy
metadata: {name: {{ .Release.Name }}}
`)
	loadertest.WantSummary(t, loadertest.Load(t, loader.Options{Paths: []string{dir}, Exclude: []string{"templates/b.yaml"}}), dir, `chart .
  templates/a.yaml:1 A /a
  gap "NetworkPolicy" template that was left out
skip Chart.yaml:0 helm-values`)
}
