package kustomize_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/kustomize"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

const shop = `
-- base/kustomization.yaml --
resources: [app.yaml]
configMapGenerator:
  - name: settings
    literals: [A=b]
-- base/app.yaml --
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      hostNetwork: true
      containers:
        - name: web
          image: nginx
          ports:
            - containerPort: 80
          envFrom: [{configMapRef: {name: settings}}]
        - name: side
          image: envoy
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service
    metadata: {name: web, labels: {}}
    spec:
      ports: [{port: 80}]
-- prod/kustomization.yaml --
namespace: prod
namePrefix: p-
labels:
  - pairs:
      tier: front
    includeSelectors: true
images:
  - name: nginx
    newTag: "1.27"
replicas:
  - name: web
    count: 3
resources:
  - ../base
components: [../monitored]
replacements:
  - source: {kind: Deployment, name: web, fieldPath: metadata.name}
    targets:
      - select: {kind: Service}
        fieldPaths: [spec.externalName]
        options: {create: true}
  - path: replacement.yaml
patches:
  - path: patch.yaml
  - target: {kind: Service}
    patch: |-
      # adds a port
      - op: add
        path: /spec/ports/-
        value:
          name: admin
          port: 9000
-- prod/replacement.yaml --
source: {kind: Deployment, name: web, fieldPath: metadata.name}
targets:
  - select: {kind: Deployment, name: web}
    fieldPaths:
      - spec.template.spec.containers.[name=side].image
-- prod/patch.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      hostNetwork: false
      containers:
        - name: first
          image: busybox
        - name: side
          ports: [{containerPort: 15001}]
-- monitored/kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
      spec:
        template:
          metadata:
            annotations:
              prometheus.io/scrape: "true"
`

// TestKustomizePlaces: a field stands where it has its value from, which is
// where a person would edit it.
func TestKustomizePlaces(t *testing.T) {
	t.Parallel()
	dir := loadertest.Extract(t, shop)
	tree := loadertest.Load(t, loader.Options{Paths: []string{dir}})
	pod := func(path ...any) yaml.Path { return yaml.Path{"spec", "template", "spec"}.Join(path...) }
	tests := map[string]struct {
		object string
		path   yaml.Path
		want   string // place, and the base's if it differs
	}{
		"the document":       {"Deployment", pod("containers", 2, "ports", 0, "containerPort"), "base/app.yaml:18:30"},
		"a merged list item": {"Deployment", pod("containers", 1, "name"), "base/app.yaml:20:17"},
		"a collection":       {"Deployment", pod("containers"), "base/app.yaml:14:7"},
		"a patched value":    {"Deployment", pod("hostNetwork"), "prod/patch.yaml:7:20 base/app.yaml:13:20"},
		"an added item":      {"Deployment", pod("containers", 0, "image"), "prod/patch.yaml:10:18 base/app.yaml:14:7"},
		"an added field":     {"Deployment", pod("containers", 1, "ports", 0, "containerPort"), "prod/patch.yaml:12:35 base/app.yaml:20:11"},
		"an operation":       {"Service", yaml.Path{"spec", "ports", 1, "port"}, "prod/kustomization.yaml:32:17 base/app.yaml:30:7"},
		"a component": {
			"Deployment",
			yaml.Path{"spec", "template", "metadata", "annotations", "prometheus.io/scrape"},
			"monitored/kustomization.yaml:13:37 base/app.yaml:10:5",
		},
		"namespace":               {"Service", yaml.Path{"metadata", "namespace"}, "prod/kustomization.yaml:1:12 base/app.yaml:28:5"},
		"namePrefix":              {"Deployment", yaml.Path{"metadata", "name"}, "prod/kustomization.yaml:2:13 base/app.yaml:4:9"},
		"a label":                 {"Deployment", yaml.Path{"spec", "selector", "matchLabels", "tier"}, "prod/kustomization.yaml:5:13 base/app.yaml:8:5"},
		"a selector":              {"Service", yaml.Path{"spec", "selector"}, "prod/kustomization.yaml:5:7 base/app.yaml:29:5"},
		"images":                  {"Deployment", pod("containers", 2, "image"), "prod/kustomization.yaml:9:13 base/app.yaml:16:18"},
		"labels of all":           {"Service", yaml.Path{"metadata", "labels"}, "base/app.yaml:28:27"},
		"a replacement":           {"Service", yaml.Path{"spec", "externalName"}, "prod/kustomization.yaml:20:22 base/app.yaml:29:5"},
		"a replacement of a file": {"Deployment", pod("containers", 1, "image"), "prod/replacement.yaml:5:9 base/app.yaml:21:18"},
		"replicas":                {"Deployment", yaml.Path{"spec", "replicas"}, "prod/kustomization.yaml:12:12 base/app.yaml:6:13"},
		"absent":                  {"Deployment", pod("dnsPolicy"), "base/app.yaml:12:5"},
		"generated":               {"ConfigMap", yaml.Path{"data", "A"}, "base/kustomization.yaml:3:11"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(tree.Sets[0].Objects, func(o *source.Object) bool { return o.Kind == tt.object })
			if i < 0 {
				t.Fatalf("no %s in %v", tt.object, tree.Sets[0])
			}
			o := tree.Sets[0].Objects[i]
			show := func(s yaml.Span) string {
				rel, _ := filepath.Rel(dir, s.File.Name)
				if abs, err := filepath.Abs(s.File.Name); err == nil {
					rel, _ = filepath.Rel(dir, abs)
				}
				return fmt.Sprintf("%s:%d:%d", filepath.ToSlash(rel), s.Start.Line, s.Start.Col)
			}
			span, _ := o.At(tt.path)
			got := show(span)
			if base, ok := o.Base(tt.path); ok {
				got += " " + show(base)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestKustomizeLikeTheLibrary compares with what the library makes of the same
// files when it reads them itself.
func TestKustomizeLikeTheLibrary(t *testing.T) {
	t.Parallel()
	dir := loadertest.Extract(t, shop)
	tree := loadertest.Load(t, loader.Options{Paths: []string{dir}})
	kustomize.Building <- struct{}{}
	want, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(dir, "prod"))
	<-kustomize.Building
	if err != nil {
		t.Fatal(err)
	}
	var got, wanted []string
	for _, r := range want.Resources() {
		wanted = append(wanted, string(yaml.AppendFlow(nil, yaml.FromKyaml(r.YNode()))))
	}
	for _, o := range tree.Sets[0].Objects {
		got = append(got, string(yaml.AppendFlow(nil, o.Root)))
	}
	slices.Sort(got)
	slices.Sort(wanted)
	if diff := strings.Join(got, "\n"); diff != strings.Join(wanted, "\n") {
		t.Errorf("got\n%s\nwant\n%s", diff, strings.Join(wanted, "\n"))
	}
}

func TestKustomizeSets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ archive, want string }{
		"two overlays of a base are alternatives": {`
-- base/kustomization.yaml --
resources: [pod.yaml]
-- base/pod.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: p}}
-- dev/kustomization.yaml --
{namespace: dev, resources: [../base]}
-- prod/kustomization.yaml --
{namespace: prod, resources: [../base]}
`, `
kustomize dev
  base/pod.yaml:1 Pod dev/p
kustomize prod
  base/pod.yaml:1 Pod prod/p
skip base/kustomization.yaml:1 kustomization
skip dev/kustomization.yaml:1 kustomization
skip prod/kustomization.yaml:1 kustomization
`},
		"what is missing leaves a gap": {`
-- a/kustomization.yaml --
resources: [here.yaml, gone.yaml, "https://example.org/x.yaml", "github.com/org/repo//deploy?ref=v1", empty]
secretGenerator: [{name: s, envs: [.env]}]
helmCharts: [{name: redis}]
patches:
  - path: lost.yaml
    target: {kind: Service, name: s}
-- a/here.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: p}}
---
{apiVersion: v1, kind: Service, metadata: {name: s}}
-- a/empty/x.txt --
`, `
kustomize a
  a/here.yaml:1 Pod /p
  gap "" base 'empty' (line 1) has no kustomization file
  gap "" helm chart 'redis' (line 3) is not inflated
  gap "" remote resource 'github.com/org/repo//deploy?ref=v1' (line 1) is not fetched
  gap "" remote resource 'https://example.org/x.yaml' (line 1) is not fetched
  gap "" resource 'gone.yaml' (line 1) is not in the tree
  gap "Secret" file of Secret s '.env' (line 2) is not in the tree
  gap "Service" patch 'lost.yaml' (line 5) is not in the tree
skip a/kustomization.yaml:1 kustomization
`},
		"what the library refuses is left out": {`
-- a/kustomization.yaml --
resources: [pod.yaml]
patches: [{path: gone.yaml}]
-- a/pod.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: p}}
-- b/kustomization.yaml --
resources: [pod.yaml]
patches: [{target: {kind: Pod}, patch: '[{op: replace, path: /spec/x/y, value: 1}]'}]
-- b/pod.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: p}}
-- c/kustomization.yaml --
{kind: Component, resources: [pod.yaml]}
-- c/pod.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: p}}
`, `
kustomize a
  a/pod.yaml:1 Pod /p
  gap "Pod" patch 'gone.yaml' (line 2) is not in the tree
kustomize b
  b/pod.yaml:1 Pod /p
  gap "Pod" patch 'inline' (line 2) cannot be built: kustomize: replace operation does not apply: doc is missing path: /spec/x/y: missing value
kustomize c
  c/pod.yaml:1 Pod /p
  gap "" kustomization that was not built: component that no kustomization of the tree includes
skip a/kustomization.yaml:1 kustomization
skip b/kustomization.yaml:1 kustomization
skip c/kustomization.yaml:1 kustomization
`},
		"what is not listed lies beside": {`
-- a/kustomization.yaml --
resources: [pod.yaml]
configMapGenerator: [{name: m, files: [data.yaml]}]
-- a/pod.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: p}}
-- a/data.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: not-applied}}
-- a/sub/policy.yaml --
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: n}}
`, `
beside a
  a/sub/policy.yaml:1 NetworkPolicy /n
  gap "" kustomization that does not list the files beside it
kustomize a
  a/kustomization.yaml:2 ConfigMap /m-kmcf8h9gfc
  a/pod.yaml:1 Pod /p
skip a/kustomization.yaml:1 kustomization
`},
		"old fields": {`
-- a/kustomization.yaml --
bases: [../b]
commonLabels: {x: "y"}
patchesStrategicMerge:
  - patch.yaml
  - |-
    apiVersion: v1
    kind: Pod
    metadata: {name: p, labels: {inline: "1"}}
patchesJson6902:
  - target: {version: v1, kind: Pod, name: p}
    path: ops.json
-- a/patch.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {a: b}}}
-- a/ops.json --
[{"op": "replace", "path": "/metadata/name", "value": "q"}]
-- b/kustomization.yaml --
resources: [pod.yaml]
-- b/pod.yaml --
{apiVersion: v1, kind: Pod, metadata: {name: p}}
`, `
kustomize a
  b/pod.yaml:1 Pod /q
skip a/kustomization.yaml:1 kustomization
skip a/ops.json:1 kustomize-patch
skip a/patch.yaml:1 kustomize-patch
skip b/kustomization.yaml:1 kustomization
`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := loadertest.Extract(t, tt.archive)
			loadertest.WantSummary(t, loadertest.Load(t, loader.Options{Paths: []string{dir}}), dir, strings.ReplaceAll(tt.want, "'", "`"))
		})
	}
}

// Off, the files of kustomizations are read as they stand.
func TestNoKustomize(t *testing.T) {
	t.Parallel()
	dir := loadertest.Extract(t, shop)
	tree := loadertest.Load(t, loader.Options{Paths: []string{dir}, NoKustomize: true})
	for _, s := range tree.Sets {
		if s.Built || s.Kind == source.KustomizeSet && (len(s.Gaps) == 0 || s.Gaps[0].Reason != "kustomization that was not built") {
			t.Errorf("%s %s: %v", s.Kind, s.Root, s.Gaps)
		}
	}
}
