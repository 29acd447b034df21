package loader_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
)

func TestSets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ archive, want string }{
		"chart": {`
-- app/Chart.yaml --
name: x
-- app/values.yaml --
a: 1
-- app/ci/test-values.yaml --
a: [
-- app/templates/plain.yaml --
apiVersion: v1
kind: Service
metadata: {name: s}
-- app/templates/t.yaml --
kind: {{ x
-- app/crds/c.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: p}}
-- other.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: p}}
`, `
plain .
  other.yaml:1 Pod /p
chart app
  app/crds/c.yaml:1 Pod /p
  app/templates/plain.yaml:1 Service /s
  gap "" helm chart that was not rendered
skip app/Chart.yaml:0 helm-values
skip app/ci/test-values.yaml:0 helm-values
skip app/templates/t.yaml:0 helm-template
skip app/values.yaml:0 helm-values
`},
		"kustomize": {`
-- base/kustomization.yaml --
resources: [a.yaml, ../shared.yaml]
patches:
- path: patch.yaml
patchesStrategicMerge: [sub/more.yaml]
-- base/a.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: a}}
-- base/patch.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: a}}
-- base/sub/more.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: a}}
-- shared.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: s}}
-- z/kustomization.yml --
resources: [../shared.yaml]
-- free.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: f}}
`, `
plain .
  free.yaml:1 Pod /f
kustomize base
  base/a.yaml:1 Pod /a
  shared.yaml:1 Pod /s
kustomize z
  shared.yaml:1 Pod /s
skip base/kustomization.yaml:1 kustomization
skip base/patch.yaml:1 kustomize-patch
skip base/sub/more.yaml:1 kustomize-patch
skip z/kustomization.yml:1 kustomization
`},
		"variants": {`
-- k8s/common.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: c}}
-- k8s/dev/app/a.yaml --
{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {x: 1, y: 2}}
-- k8s/dev/extra.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: e}}
-- k8s/prod/app/a.yaml --
{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {x: 2, y: 2}}
-- k8s/same/a.yaml --
# the order of fields and comments do not matter
{kind: Service, apiVersion: v1, metadata: {name: a}, spec: {y: 2, x: 1}}
-- k8s/same/config.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {a: b}}
-- k8s/common2.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {a: c}}
`, `
plain .
  k8s/common.yaml:1 Pod /c
  k8s/common2.yaml:1 ConfigMap /m
variant k8s/dev
  k8s/dev/app/a.yaml:1 Service /a
  k8s/dev/extra.yaml:1 Pod /e
  gap "" variant of k8s/prod
variant k8s/prod
  k8s/prod/app/a.yaml:1 Service /a
  gap "" variant of k8s/dev
variant k8s/same
  k8s/same/a.yaml:2 Service /a
  k8s/same/config.yaml:1 ConfigMap /m
  gap "" variant of k8s/prod
`},
		"no variants": {`
-- a.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: c}, x: 1}
-- b.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: c}, x: 2}
-- sub/b.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: c}, x: 3}
-- sub2/b.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, x: 3}
-- sub3/b.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, x: 4}
`, `
plain .
  a.yaml:1 Pod /c
  b.yaml:1 Pod /c
  sub/b.yaml:1 Pod /c
  sub2/b.yaml:1 ConfigMap /c
  sub3/b.yaml:1 ConfigMap /c
`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := loadertest.Extract(t, tt.archive)
			loadertest.WantSummary(t, loadertest.Load(t, loader.Options{Paths: []string{dir}}), dir, tt.want)
		})
	}
}

// Any order of the paths and any number of workers gives the same tree.
func TestOrder(t *testing.T) {
	t.Parallel()
	want := loadertest.Summary(loadertest.Load(t, loader.Options{Paths: []string{"testdata", "-"}, Workers: 1}), "")
	for range 10 {
		got := loadertest.Summary(loadertest.Load(t, loader.Options{Paths: []string{"-", "testdata/pasted", "testdata", "testdata/pasted/1-peerauthentication-flat.yaml"}, Workers: 4}), "")
		if got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestNamespace(t *testing.T) {
	t.Parallel()
	tree := loadertest.Load(t, loader.Options{
		Paths: []string{"-"}, Namespace: "n",
		Stdin: strings.NewReader("{apiVersion: v1, kind: Pod, metadata: {name: a}}\n---\n{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: m}}\n---\n{apiVersion: v1, kind: Node, metadata: {name: a}}\n"),
	})
	loadertest.WantSummary(t, tree, "", "plain .\n  <stdin>:1 Pod n/a\n  <stdin>:3 Pod m/a\n  <stdin>:5 Node /a")
}
