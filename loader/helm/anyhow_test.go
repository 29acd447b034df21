//go:build !nohelm

package helm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// unbuilt writes what was not built as `cause: message`, with names below the chart.
func unbuilt(tree *source.Tree) string {
	var lines []string
	for _, u := range tree.Unbuilt {
		whole := ""
		if u.Whole {
			whole = " whole"
		}
		lines = append(lines, fmt.Sprintf("%s%s: %s", u.Cause, whole, u.Message))
	}
	text := strings.Join(lines, "\n")
	for _, s := range tree.Sets {
		text = strings.ReplaceAll(text, s.Root+"/", "")
		text = strings.ReplaceAll(text, s.Root, ".")
	}
	return text
}

const stops = `-- values.yaml --
image: x
-- templates/_names.tpl --
{{- define "name" }}{{ required "give a name" .Values.name }}{{ end }}
-- templates/service.yaml --
apiVersion: v1
kind: Service
metadata: {name: fixed}
-- templates/policy.yaml --
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: {{ include "name" . }}}
`

func TestHelmStops(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ archive, objects, gaps, unbuilt string }{
		"without the template": {
			stops, "Service fixed", "NetworkPolicy",
			"values: Helm chart `.` is rendered without `templates/policy.yaml`: execution error at (demo/templates/policy.yaml:3:20): give a name",
		},
		"with values of ci": {
			stops + "-- ci/small-values.yaml --\nname: small\n", "NetworkPolicy small, Service fixed", "",
			"input: Helm chart `.` is rendered with `ci/small-values.yaml`, because without values it stops: execution error at (demo/templates/policy.yaml:3:20): give a name",
		},
		"values beside come first": {
			stops + "-- ci/a-values.yaml --\nname: a\n-- values-prod.yaml --\nname: prod\n", "NetworkPolicy prod, Service fixed", "",
			"input: Helm chart `.` is rendered with `values-prod.yaml`, because without values it stops: execution error at (demo/templates/policy.yaml:3:20): give a name",
		},
		"nothing else to render": {
			"-- templates/a.yaml --\napiVersion: v1\nkind: Pod\nmetadata: {name: {{ fail \"no\" }}}\n", "", "",
			"values whole: Helm chart `.` is not rendered: execution error at (demo/templates/a.yaml:3:20): no",
		},
		"a helper that does not parse": {
			stops + "-- templates/_broken.tpl --\n{{ define \"x\" }}\n", "", "NetworkPolicy",
			"broken whole: Helm chart `.` is not rendered: parse error at (demo/templates/_broken.tpl:2): unexpected EOF",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := loadertest.Extract(t, chartYAML+tt.archive)
			tree := loadertest.Load(t, loader.Options{Paths: []string{dir}})
			var objects, gaps []string
			for _, o := range tree.Sets[0].Objects {
				if tt.objects != "" {
					objects = append(objects, o.Kind+" "+o.Name)
				}
			}
			for _, g := range tree.Sets[0].Gaps {
				if g.Kind != "" {
					gaps = append(gaps, g.Kind)
				}
			}
			if got := strings.Join(objects, ", "); got != tt.objects {
				t.Errorf("objects: got %s, want %s", got, tt.objects)
			}
			if got := strings.Join(gaps, ", "); got != tt.gaps {
				t.Errorf("gaps: got %s, want %s", got, tt.gaps)
			}
			if got := unbuilt(tree); got != tt.unbuilt {
				t.Errorf("unbuilt: got\n%s\nwant\n%s", got, tt.unbuilt)
			}
		})
	}
}

// Values that the user gives are the user's choice: no others are tried.
func TestHelmStopsWithGivenValues(t *testing.T) {
	t.Parallel()
	dir := loadertest.Extract(t, chartYAML+stops+"-- values-prod.yaml --\nname: prod\n")
	tree := loadertest.Load(t, loader.Options{Paths: []string{dir}, HelmSet: []string{"image=y"}})
	if len(tree.Unbuilt) != 1 || tree.Unbuilt[0].Cause != source.Values {
		t.Errorf("got %+v", tree.Unbuilt)
	}
}

// What a chart depends on is taken from elsewhere in the tree, and its objects
// are those of the chart; what is nowhere is named with what to do.
func TestHelmDependencies(t *testing.T) {
	t.Parallel()
	dir := loadertest.Extract(t, `-- app/Chart.yaml --
apiVersion: v2
name: app
version: 1.0.0
dependencies:
  - {name: common, version: 1.x, repository: "file://../lib/common"}
  - {name: cache, version: 1.x, repository: "https://charts.example.org"}
  - {name: postgresql, version: 12.x, repository: "https://charts.example.org", condition: postgresql.enabled}
-- app/values.yaml --
cache: {name: from-app}
-- app/templates/a.yaml --
{{ include "common.pod" . }}
-- lib/common/Chart.yaml --
apiVersion: v2
name: common
version: 1.0.0
type: library
-- lib/common/templates/_pod.tpl --
{{ define "common.pod" }}
apiVersion: v1
kind: Pod
metadata: {name: {{ .Chart.Name }}}
{{ end }}
-- cache/Chart.yaml --
apiVersion: v2
name: cache
version: 1.2.0
-- cache/values.yaml --
name: own
-- cache/templates/s.yaml --
apiVersion: v1
kind: Service
metadata: {name: {{ .Values.name }}}
`)
	tree := loadertest.Load(t, loader.Options{Paths: []string{dir}})
	loadertest.WantSummary(t, tree, dir, `chart app
  app/templates/a.yaml:2 Pod /app
  cache/templates/s.yaml:1 Service /from-app
  gap "" helm chart that was rendered without dependency `+"`postgresql`"+`, which is not under charts/
chart cache
  cache/templates/s.yaml:1 Service /own
chart lib/common
skip app/Chart.yaml:0 helm-values
skip app/values.yaml:0 helm-values
skip cache/Chart.yaml:0 helm-values
skip cache/values.yaml:0 helm-values
skip lib/common/Chart.yaml:0 helm-values`)
	if len(tree.Unbuilt) != 1 || tree.Unbuilt[0].Cause != source.Refused || tree.Unbuilt[0].Span.Start.Line != 7 ||
		!strings.HasPrefix(tree.Unbuilt[0].Help, "run `helm dependency build ") {
		t.Errorf("got %+v", tree.Unbuilt)
	}
	if !tree.Sets[0].Gaps[0].Foreign {
		t.Error("a dependency brings its own pods")
	}
}

// A chart sees what the user says of the cluster.
func TestHelmCluster(t *testing.T) {
	t.Parallel()
	dir := loadertest.Extract(t, chartYAML+`-- templates/a.yaml --
apiVersion: v1
kind: Pod
metadata: {name: 'a{{ .Capabilities.KubeVersion.Version }}{{ .Capabilities.APIVersions.Has "cilium.io/v2" }}{{ .Capabilities.APIVersions.Has "security.istio.io/v1" }}'}
`)
	tree := loadertest.Load(t, loader.Options{Paths: []string{dir}, HelmAPIs: []string{"x/v1,cilium.io/v2"}, HelmKube: "1.29"})
	if got := tree.Sets[0].Objects[0].Name; got != "av1.29truetrue" {
		t.Errorf("got %s", got)
	}
	if _, err := loader.Load(t.Context(), loader.Options{Paths: []string{dir}, HelmKube: "new"}); err == nil || !strings.Contains(err.Error(), "--kube-version new") {
		t.Errorf("got %v", err)
	}
}

// Lines that a message names are those of the template.
func TestHelmLinesOfMessages(t *testing.T) {
	t.Parallel()
	dir := loadertest.Extract(t, chartYAML+`-- templates/a.yaml --
{{- /* a comment


that takes four lines */ -}}
apiVersion: v1
kind: Service
metadata: {name: web}
{{- if .Values.keep }}
---
{{- end }}
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
`)
	tree := loadertest.Load(t, loader.Options{Paths: []string{dir}})
	if len(tree.Problems) != 1 {
		t.Fatalf("got %+v", tree.Problems)
	}
	p := tree.Problems[0]
	if want := "two objects in one document: a Service (`kind` in line 6) and a ConfigMap (`kind` in line 12) without a `---` between them"; p.Message != want || p.Span.Start.Line != 11 {
		t.Errorf("line %d: %s", p.Span.Start.Line, p.Message)
	}
}
