package kustomize_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

const (
	llm = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: llm}\nspec: {template: {spec: {containers: [{name: c, image: vllm}]}}}\n"
	np  = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np}\nspec: {podSelector: {}}\n"
)

// what writes the sets of a tree in short, and what was not built.
func what(tree *source.Tree, dir string) string {
	var b strings.Builder
	for _, s := range tree.Sets {
		fmt.Fprintf(&b, "%s:", s.Kind)
		for _, o := range s.Objects {
			fmt.Fprintf(&b, " %s %s/%s", o.Kind, o.Namespace, o.Name)
		}
		for _, g := range s.Gaps {
			fmt.Fprintf(&b, " -%q", g.Kind)
			if g.Foreign {
				b.WriteString("foreign")
			}
		}
		b.WriteString("\n")
	}
	for _, u := range tree.Unbuilt {
		whole := ""
		if u.Whole {
			whole = " whole"
		}
		fmt.Fprintf(&b, "%s%s %d: %s\n", u.Cause, whole, u.Span.Start.Line, u.Message)
	}
	text := b.String()
	here, err := filepath.Abs(".")
	if err == nil {
		dir, err = filepath.Rel(here, dir)
	}
	if err != nil {
		return err.Error()
	}
	text = strings.ReplaceAll(text, filepath.ToSlash(dir)+"/", "")
	return strings.TrimSpace(text)
}

// TestPartialBuilds: a kustomization is built without what it lacks, and what it
// lacks is named once, with the kinds that it could hold.
func TestPartialBuilds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ archive, want string }{
		"secrets that nobody commits": {
			"-- a/kustomization.yaml --\nresources: [llm.yaml, secrets.yaml]\n-- a/llm.yaml --\n" + llm, `
kustomize: Deployment /llm -"Secret"
input 1: 'a' is built without resource 'secrets.yaml', which is not in the tree`,
		},
		"a typo in a path": {
			"-- a/kustomization.yaml --\nresources: [llm.yaml, plicies.yaml]\n-- a/llm.yaml --\n" + llm, `
kustomize: Deployment /llm -""
broken 1: 'a' is built without resource 'plicies.yaml', which is not in the tree`,
		},
		"a typo in a field": {
			"-- a/kustomization.yaml --\nresource: [np.yaml]\nresources: [llm.yaml]\n-- a/llm.yaml --\n" + llm + "-- a/np.yaml --\n" + np, `
beside: NetworkPolicy /np -""
kustomize: Deployment /llm -""
broken 1: 'a' is built without field 'resource', which cannot be built: kustomize: invalid Kustomization: json: unknown field "resource"`,
		},
		"remote resources": {
			"-- a/kustomization.yaml --\nresources: [llm.yaml, 'https://example.org/operator.yaml', 'github.com/org/app//deploy?ref=v1', 'git@github.com:acme/base?ref=v1', 'https://example.org/crds/x.yaml', 'https://example.org/network-policies.yaml']\n-- a/llm.yaml --\n" + llm, `
kustomize: Deployment /llm -"" -""foreign -"" -""foreign -"CustomResourceDefinition"foreign
refused 1: 'a' is built without remote resource 'https://example.org/operator.yaml', 'github.com/org/app//deploy?ref=v1', 'git@github.com:acme/base?ref=v1', 'https://example.org/crds/x.yaml' and 'https://example.org/network-policies.yaml', which are not fetched`,
		},
		"the same object twice": {
			"-- a/kustomization.yaml --\nresources: [llm.yaml, copy.yaml]\n-- a/llm.yaml --\n" + llm + "-- a/copy.yaml --\n" + llm + "-- a/np.yaml --\n" + np, `
beside: NetworkPolicy /np -""
kustomize: Deployment /llm -"Deployment"
broken 1: 'a' is built without resource 'copy.yaml', which cannot be built: kustomize: merging resources from 'copy.yaml': may not add resource with an already registered id: Deployment.v1.apps/llm.[noNs]`,
		},
		"a merge with what is remote": {
			"-- a/kustomization.yaml --\nresources: ['https://example.org/operator.yaml', llm.yaml]\nconfigMapGenerator:\n- {name: conf, namespace: x, behavior: merge, literals: [a=b]}\n-- a/llm.yaml --\n" + llm, `
kustomize: Deployment /llm -""foreign -"ConfigMap"
refused 1: 'a' is built without remote resource 'https://example.org/operator.yaml', which is not fetched
follows 3: 'a' is built without generator 'conf', which cannot be built: kustomize: merging from generator: id ConfigMap x/conf does not exist; cannot merge or replace`,
		},
		"a patch for nobody knows what": {
			"-- ov/kustomization.yaml --\nresources: [../base]\npatches: [{path: params.yaml}]\n-- base/kustomization.yaml --\nnamespace: ai\nresources: [llm.yaml]\n-- base/llm.yaml --\n" + llm, `
kustomize: Deployment ai/llm
kustomize: Deployment ai/llm -"Deployment"
broken 2: 'ov' is built without patch 'params.yaml', which is not in the tree`,
		},
		"of what an overlay adds to such a base nothing is denied": {
			"-- ov/kustomization.yaml --\nresources: [../base, np.yaml]\npatches: [{path: params.yaml}]\n-- ov/np.yaml --\n" + np + "-- base/kustomization.yaml --\nresources: [llm.yaml]\n-- base/llm.yaml --\n" + llm, `
kustomize: Deployment /llm -"NetworkPolicy"
kustomize: Deployment /llm NetworkPolicy /np -"Deployment" -"NetworkPolicy"
broken 2: 'ov' is built without patch 'params.yaml', which is not in the tree`,
		},
		"a patch of a policy": {
			"-- a/kustomization.yaml --\nresources: [llm.yaml, np.yaml]\npatches: [{path: gone.yaml, target: {kind: NetworkPolicy}}, {path: gone2.yaml, target: {kind: Deployment}}]\n-- a/llm.yaml --\n" + llm + "-- a/np.yaml --\n" + np, `
kustomize: Deployment /llm -"Deployment" -"NetworkPolicy"
broken 2: 'a' is built without patch 'gone.yaml' and 'gone2.yaml', which are not in the tree`,
		},
		"a component": {
			"-- a/kustomization.yaml --\nresources: [llm.yaml]\ncomponents: [../monitored]\n-- a/llm.yaml --\n" + llm, `
kustomize: Deployment /llm -""
broken 2: 'a' is built without component '../monitored', which is not in the tree`,
		},
		"a file of another directory": {
			"-- base/llm.yaml --\n" + llm + "-- prod/kustomization.yaml --\nresources: [../base/llm.yaml]\nnamespace: ai\n", `
kustomize: Deployment ai/llm`,
		},
		"volumes that are words": {
			"-- a/kustomization.yaml --\nresources: [llm.yaml, psp.yaml]\nimages: [{name: vllm, newTag: v1}]\n-- a/llm.yaml --\n" + llm + "-- a/psp.yaml --\napiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: r}\nspec:\n  volumes: [configMap, secret]\n", `
kustomize: Deployment /llm PodSecurityPolicy /r`,
		},
		"two faults": {
			"-- a/kustomization.yaml --\nresources: [llm.yaml]\nreplacements: [{source: {kind: Pod, name: none}, targets: [{select: {kind: Service}, fieldPaths: [spec.x]}]}]\npatches:\n- {path: ok.yaml}\n- {target: {kind: Deployment}, patch: '[{op: remove, path: /spec/none}]'}\n-- a/ok.yaml --\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: llm, namespace: patched}}\n-- a/llm.yaml --\n" + llm, `
kustomize: Deployment /llm -"Deployment" -"Deployment" -"Service"
broken 2: 'a' is built without replacement 'inline', which cannot be built: kustomize: nothing selected by Pod.[noVer].[noGrp]/none.[noNs]
broken 4: 'a' is built without patch 'ok.yaml', which cannot be built: kustomize: no resource matches strategic merge patch "Deployment.v1.apps/llm.patched": no matches for Id Deployment.v1.apps/llm.patched; failed to find unique target for patch Deployment.v1.apps/llm.patched
broken 5: 'a' is built without patch 'inline', which cannot be built: kustomize: error in remove for path: '/spec/none': Unable to remove nonexistent key: none: missing value`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := loadertest.Extract(t, tt.archive)
			tree := loadertest.Load(t, loader.Options{Paths: []string{dir}})
			if got, want := what(tree, dir), strings.TrimSpace(strings.ReplaceAll(tt.want, "'", "`")); strings.ReplaceAll(got, "'", "`") != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestPlaceholders: a field that is taken from a file that nobody commits is
// built as a placeholder.
func TestPlaceholders(t *testing.T) {
	t.Parallel()
	dir := loadertest.Extract(t, "-- ov/kustomization.yaml --\nresources: [../base]\n-- base/kustomization.yaml --\nresources: [llm.yaml]\nconfigMapGenerator: [{name: conf, envs: [conf.env]}]\n"+
		"replacements:\n- source: {kind: ConfigMap, name: conf, fieldPath: data.IMAGE}\n  targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]\n-- base/llm.yaml --\n"+llm)
	tree := loadertest.Load(t, loader.Options{Paths: []string{dir}})
	if len(tree.Sets) != 1 || len(tree.Sets[0].Objects) != 1 {
		t.Fatalf("got %s", what(tree, dir))
	}
	image, _ := tree.Sets[0].Objects[0].Root.Get("spec").Get("template").Get("spec").Get("containers").List()[0].Get("image").Str()
	if image != "${IMAGE}" {
		t.Errorf("got %s", image)
	}
	if got, want := what(tree, dir), "kustomize: Deployment /llm -\"ConfigMap\"\ninput 2: `base` is built without file of ConfigMap conf `conf.env`, which is not in the tree"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
