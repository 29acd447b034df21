package kustomize_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// TestKustomizeHostile: whatever a kustomization tries, it is refused by name, and
// the rest of the tree is read. What is named here is found while the
// kustomization is read: with it, no build begins that could take long.
func TestKustomizeHostile(t *testing.T) {
	t.Parallel()
	lines := []string{"a: &a [x,x,x,x,x,x,x,x,x]"}
	for c := 'b'; c < 'k'; c++ {
		lines = append(lines, fmt.Sprintf("%c: &%c [%s]", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ",")))
	}
	bomb := strings.Join(lines, "\n") + "\n"
	const pod = "{apiVersion: v1, kind: Pod, metadata: {name: p}}\n"
	var nest, diamond strings.Builder
	diamond.WriteString("-- d60/kustomization.yaml --\nresources: [p.yaml]\n-- d60/p.yaml --\n" + pod)
	for i := range 200 {
		fmt.Fprintf(&nest, "-- n%d/kustomization.yaml --\nresources: [../n%d]\n", i, i+1)
	}
	for i := range 60 {
		fmt.Fprintf(&diamond, "-- d%d/kustomization.yaml --\nresources: [../d%[2]d, ../e%[2]d]\n-- e%[2]d/kustomization.yaml --\nnamePrefix: e\nresources: [../d%[2]d]\n", i, i+1)
	}
	var pods strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&pods, "{apiVersion: v1, kind: Pod, metadata: {name: p%d}}\n---\n", i)
	}
	tests := map[string]struct{ archive, want string }{
		"exec function": {
			"-- a/kustomization.yaml --\nresources: [pod.yaml]\ntransformers: [t.yaml]\n-- a/pod.yaml --\n" + pod +
				"-- a/t.yaml --\napiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: x, annotations: {config.kubernetes.io/function: 'exec: {path: ./evil.sh}'}}\n",
			"plugin LabelTransformer `t.yaml` (line 2) is not executed",
		},
		"container": {
			"-- a/kustomization.yaml --\nresources: [pod.yaml]\ngenerators:\n- |-\n  apiVersion: x/v1\n  kind: Evil\n  metadata: {name: x, annotations: {config.kubernetes.io/function: 'container: {image: evil}'}}\n-- a/pod.yaml --\n" + pod,
			"plugin Evil `inline` (line 3) is not executed",
		},
		"Go plugin": {
			"-- a/kustomization.yaml --\nresources: [pod.yaml]\ntransformers: [t.yaml]\n-- a/t.yaml --\n{apiVersion: someteam.example.com/v1, kind: Evil, metadata: {name: x}}\n-- a/pod.yaml --\n" + pod,
			"plugin Evil `t.yaml` (line 2) is not executed",
		},
		"helm by plugin": {
			"-- a/kustomization.yaml --\nresources: [pod.yaml]\ngenerators: [t.yaml]\n-- a/t.yaml --\n{apiVersion: builtin, kind: HelmChartInflationGenerator, metadata: {name: x}, name: x, repo: 'https://example.org'}\n-- a/pod.yaml --\n" + pod,
			"plugin HelmChartInflationGenerator `t.yaml` (line 2) is not executed",
		},
		"link out of the tree": {
			"-- a/kustomization.yaml --\nresources: [pod.yaml, link.yaml]\n-- a/pod.yaml --\n" + pod,
			"resource `link.yaml` (line 1) lies outside",
		},
		"path out of the tree":      {"-- a/kustomization.yaml --\nresources: [../../../../../../../../etc/passwd]\n", "lies outside"},
		"absolute path":             {"-- a/kustomization.yaml --\nresources: [/etc/passwd]\n", "resource `/etc/passwd` (line 1) lies outside"},
		"generator out of the tree": {"-- a/kustomization.yaml --\nconfigMapGenerator: [{name: x, files: [/etc/passwd, ../secret]}]\n", "file of ConfigMap x `/etc/passwd` (line 1) lies outside"},
		"itself":                    {"-- a/kustomization.yaml --\nresources: [., pod.yaml]\n-- a/pod.yaml --\n" + pod, "base `.` (line 1) includes this kustomization"},
		"cycle": {
			"-- a/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\nresources: [../c]\n-- c/kustomization.yaml --\nresources: [../b]\n",
			"base `../b` (line 1) includes this kustomization",
		},
		"parent":               {"-- kustomization.yaml --\nresources: [a]\n-- a/kustomization.yaml --\nresources: [../]\n", "includes this kustomization"},
		"deep":                 {nest.String(), "is nested too deep"},
		"includes that double": {diamond.String(), "is too large to build"},
		"long names for many": {
			"-- a/kustomization.yaml --\nnamePrefix: " + strings.Repeat("x", 1<<20) + "\nresources: [p.yaml]\n-- a/p.yaml --\n" + pods.String(),
			"is too large to build",
		},
		"copies that double":       {"-- a/kustomization.yaml --\nresources: [pod.yaml]\npatches: [{target: {kind: Pod}, patch: '[" + strings.Repeat("{op: copy, from: /metadata, path: /metadata/a},", 60) + "]'}]\n-- a/pod.yaml --\n" + pod, "is too large to build"},
		"replacements that double": {"-- a/kustomization.yaml --\nresources: [pod.yaml]\nreplacements:\n" + strings.Repeat("- {source: {kind: Pod, fieldPath: metadata}, targets: [{select: {kind: Pod}, fieldPaths: [metadata.annotations]}]}\n", 60) + "-- a/pod.yaml --\n" + pod, "is too large to build"},
		"variables that swell":     {"-- a/kustomization.yaml --\nresources: [pod.yaml]\nvars: [{name: A, objref: {kind: Pod, name: p, apiVersion: v1}, fieldref: {fieldpath: data.x}}]\n-- a/pod.yaml --\n{apiVersion: v1, kind: Pod, metadata: {name: p}, data: {x: '" + strings.Repeat("y", 100_000) + "', z: '" + strings.Repeat("$(A)", 100_000) + "'}}\n", "is too large to build"},
		"bomb in a resource":       {"-- a/kustomization.yaml --\nresources: [pod.yaml, bomb.yaml]\n-- a/pod.yaml --\n" + pod + "-- a/bomb.yaml --\n" + bomb, "document that could not be read"},
		"bomb in a patch":          {"-- a/kustomization.yaml --\nresources: [pod.yaml]\npatches: [{path: bomb.yaml}]\n-- a/pod.yaml --\n" + pod + "-- a/bomb.yaml --\n" + bomb, "patch `bomb.yaml` (line 2) cannot be parsed"},
		"bomb in an inline patch":  {"-- a/kustomization.yaml --\nresources: [pod.yaml]\npatches:\n- patch: |-\n    " + strings.ReplaceAll(strings.TrimSpace(bomb), "\n", "\n    ") + "\n-- a/pod.yaml --\n" + pod, "patch `inline` (line 3) cannot be parsed"},
		"bomb as a kustomization":  {"-- a/kustomization.yaml --\n" + bomb, "cannot be parsed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := loadertest.Extract(t, tt.archive+"-- other/rest.yaml --\n"+pod)
			if err := os.Symlink("/etc/hostname", filepath.Join(dir, "a", "link.yaml")); err != nil && name == "link out of the tree" {
				t.Fatal(err)
			}
			tree := loadertest.Load(t, loader.Options{Paths: []string{dir}})
			rest, said := false, []string(nil)
			for _, s := range tree.Sets {
				for _, o := range s.Objects {
					rest = rest || strings.HasSuffix(o.File.Name, "other/rest.yaml")
				}
				for _, g := range s.Gaps {
					said = append(said, g.Reason)
				}
			}
			if !rest {
				t.Error("the rest of the tree was not read")
			}
			if !strings.Contains(strings.Join(said, "\n"), tt.want) {
				t.Errorf("%q is not in %q", tt.want, said)
			}
		})
	}
}

// TestKustomizeFetchesNothing: no field leads to the network or to a program.
// A listener stands for the one, a git that leaves a trace for the other.
func TestKustomizeFetchesNothing(t *testing.T) {
	bin := t.TempDir()
	trace := filepath.Join(bin, "trace")
	for _, name := range []string{"git", "helm", "kustomize"} {
		script := "#!/bin/sh\necho \"$0 $*\" >>" + trace + "\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil { //nolint:gosec // it must be executable
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	called := make(chan string, 100)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			called <- c.RemoteAddr().String()
			_ = c.Close()
		}
	}()
	url := "http://" + listener.Addr().String() + "/x.yaml"
	fields := map[string]string{
		"resources": "[%s]", "bases": "[%s]", "components": "[%s]", "crds": "[%s]", "configurations": "[%s]",
		"patchesStrategicMerge": "[%s]", "patches": "[{path: %s}]", "patchesJson6902": "[{path: %s, target: {kind: Pod, name: p}}]",
		"replacements": "[{path: %s}]", "openapi": "{path: %s}", "generators": "[%s]", "transformers": "[%s]", "validators": "[%s]",
		"configMapGenerator": "[{name: m, files: [%s]}]", "secretGenerator": "[{name: m, envs: [%s]}]",
		"helmCharts": "[{name: c, repo: %s}]", "helmChartInflationGenerator": "[{chartName: c, chartRepoUrl: %s}]",
	}
	var archive strings.Builder
	for field, value := range fields {
		for i, ref := range []string{url, strings.ToUpper(url[:4]) + url[4:], "git@github.com:org/repo", "github.com/org/repo", "git::https://github.com/org/repo//x?ref=v1", "ssh://git@example.org/repo"} {
			fmt.Fprintf(&archive, "-- %s%d/kustomization.yaml --\nresources: [pod.yaml]\n%s: %s\n", field, i, field, fmt.Sprintf(value, "'"+ref+"'"))
			fmt.Fprintf(&archive, "-- %s%d/pod.yaml --\n{apiVersion: v1, kind: Pod, metadata: {name: p}}\n", field, i)
		}
	}
	loadertest.Load(t, loader.Options{Paths: []string{loadertest.Extract(t, archive.String())}})
	_ = listener.Close()
	select {
	case who := <-called:
		t.Errorf("%s was fetched by %s", url, who)
	default:
	}
	if ran, err := os.ReadFile(trace); err == nil {
		t.Errorf("was run: %s", ran)
	}
}

// FuzzKustomization: no kustomization makes the loader panic or hang, and every
// field of what is built has a place.
func FuzzKustomization(f *testing.F) {
	for _, seed := range []string{
		"resources: [pod.yaml]\nnamespace: x\n", "resources: [pod.yaml, ..]\npatches: [{path: pod.yaml}]\n",
		"resources: [pod.yaml]\npatches:\n- target: {kind: Pod}\n  patch: |-\n    - {op: replace, path: /spec/containers/0/image, value: x}\n",
		"resources: [pod.yaml]\nlabels: [{pairs: {a: b}, includeSelectors: true}]\nimages: [{name: i, newTag: '1'}]\n",
		"configMapGenerator: [{name: x, literals: [a=b]}]\ngeneratorOptions: {disableNameSuffixHash: true}\n",
		"kind: Component\n", "resources: pod.yaml\n", "vars: [{name: A, objref: {kind: Pod, name: p, apiVersion: v1}}]\nresources: [pod.yaml]\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: c, image: i, args: [a, b]}]\n"
		for name, data := range map[string]string{"kustomization.yaml": text, "pod.yaml": pod} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range loadertest.Load(t, loader.Options{Paths: []string{dir}}).Sets {
			for _, o := range s.Objects {
				everywhere(o.Root, nil, func(p yaml.Path) {
					if span, ok := o.At(p); !ok || span.File == nil || span.Start.Line < 1 {
						t.Fatalf("%v has no place: %v", p, span)
					}
					o.KeyAt(p)
					o.Base(p)
				})
			}
		}
	})
}

func everywhere(n *yaml.Node, at yaml.Path, do func(yaml.Path)) {
	do(at)
	for _, f := range n.Entries() {
		if f.Key.Kind < yaml.Map && n.Get(f.Key.Text) == f.Value {
			everywhere(f.Value, at.Join(f.Key.Text), do)
		}
	}
	for i, item := range n.List() {
		everywhere(item, at.Join(i), do)
	}
}
