package environment_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
)

// scopes tells what is audited together, a line for each scope.
func scopes(t *testing.T, archive string, opts loader.Options) string {
	t.Helper()
	dir := loadertest.Extract(t, archive)
	opts.Paths = []string{dir}
	tree, err := loader.Load(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	short := func(root string) string { // names are relative to the working directory
		if abs, err := filepath.Abs(root); err == nil && strings.HasPrefix(abs, dir) {
			if rel, err := filepath.Rel(dir, abs); err == nil {
				return rel
			}
		}
		return root
	}
	var lines []string
	for _, s := range tree.Scopes {
		var names []string
		for _, e := range s.Environments {
			names = append(names, short(e))
		}
		name := strings.Join(names, " ")
		var b strings.Builder
		if s.Root != "" {
			name = short(s.Root) + " in " + name
		}
		fmt.Fprintf(&b, "%s:", name)
		for _, o := range s.Objects {
			mark := ""
			if s.Shared[o] {
				mark = "*"
			}
			fmt.Fprintf(&b, " %s%s/%s", mark, o.Namespace, o.Name)
		}
		for _, o := range s.Elsewhere {
			fmt.Fprintf(&b, " ?%s/%s", o.Namespace, o.Name)
		}
		lines = append(lines, b.String()+"\n")
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func pod(namespace, name, version string) string {
	if namespace != "" {
		namespace = ", namespace: " + namespace
	}
	return fmt.Sprintf("{apiVersion: v1, kind: Pod, metadata: {name: %s%s, labels: {app: %s}}, spec: {containers: [{name: c, image: i:%s}]}}\n", name, namespace, name, version)
}

func netpol(namespace, name, selector string) string {
	if namespace != "" {
		namespace = ", namespace: " + namespace
	}
	return fmt.Sprintf("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: %s%s}, spec: {podSelector: %s}}\n", name, namespace, selector)
}

func TestScopes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ archive, want string }{
		"objects that name a namespace meet, whatever applies them": {
			"-- a/kustomization.yaml --\nresources: [pod.yaml]\n-- a/pod.yaml --\n" + pod("ai", "p", "1") +
				"-- policies/np.yaml --\n" + netpol("ai", "deny", "{}"),
			"everything: ai/p ai/deny\n",
		},
		"two versions never meet, and pair with others by the stage that their directories name": {
			"-- app/dev/pod.yaml --\n" + pod("ai", "p", "1") + "-- app/prod/pod.yaml --\n" + pod("ai", "p", "2") +
				"-- mesh/development/np.yaml --\n" + netpol("ai", "np", "{}") + "-- mesh/production/np.yaml --\n" + netpol("ai", "np", "{matchLabels: {a: b}}") +
				"-- common.yaml --\n" + pod("ai", "c", "1"),
			"dev: ai/p ai/c ai/np\nprod: ai/p ai/c ai/np\n",
		},
		"a copy that is alike counts once": {
			"-- a/kustomization.yaml --\nresources: [pod.yaml]\n-- a/pod.yaml --\n" + pod("ai", "p", "1") + "-- b/pod.yaml --\n" + pod("ai", "p", "1"),
			"everything: ai/p\n",
		},
		"overlays of one base are alternatives": {
			"-- base/kustomization.yaml --\nresources: [pod.yaml]\n-- base/pod.yaml --\n" + pod("", "p", "1") +
				"-- o/blue/kustomization.yaml --\n{namespace: blue, resources: [../../base]}\n-- o/green/kustomization.yaml --\n{namespace: green, resources: [../../base]}\n",
			"blue: blue/p\ngreen: green/p\n",
		},
		"directories that name no namespace stay among themselves, with the policies for them": {
			"-- x/pod.yaml --\n" + pod("", "x", "1") + "-- y/pod.yaml --\n" + pod("", "y", "1") + "-- policies/np.yaml --\n" + netpol("", "np", "{matchLabels: {app: x}}"),
			". in everything: /np /x\ny in everything: /y\n",
		},
		"a policy without a namespace may be for pods that no other manifest defines": {
			"-- a.yaml --\n" + pod("ai", "p", "1") + "-- policies/np.yaml --\n" + netpol("", "np", "{}"),
			"everything: ai/p ?/np\npolicies in everything: /np\n",
		},
		"what Flux applies lies in its target": {
			"-- x/pod.yaml --\n" + pod("", "x", "1") + "-- flux/ks.yaml --\n{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: x, namespace: flux-system}, spec: {path: ./x, targetNamespace: ai}}\n",
			"everything: flux-system/x ai/x\n",
		},
		"a list of an ApplicationSet is alternatives": {
			"-- x/pod.yaml --\n" + pod("", "x", "1") + "-- argo/set.yaml --\n" +
				"{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: x, namespace: argocd}, spec: {generators: [{list: {elements: [{env: dev}, {env: prod}]}}], template: {spec: {source: {path: x}, destination: {namespace: 'ai-{{env}}'}}}}}\n",
			"dev: argocd/x ai-dev/x\nprod: argocd/x ai-prod/x\n",
		},
		"directories of a git generator": {
			"-- apps/x/pod.yaml --\n" + pod("", "x", "1") + "-- apps/y/pod.yaml --\n" + pod("", "y", "1") + "-- argo/set.yaml --\n" +
				"{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: x, namespace: argocd}, spec: {generators: [{git: {directories: [{path: apps/*}, {path: apps/y, exclude: true}]}}], template: {spec: {source: {path: '{{ .path.path }}'}, destination: {namespace: '{{.path.basename}}'}}}}}\n",
			"apps/y in everything: /y\neverything: x/x argocd/x\n",
		},
		"what a kustomization names in a comment is not applied with it": {
			"-- c/default/kustomization.yaml --\nresources:\n- pod.yaml\n#- ../policy\n-- c/default/pod.yaml --\n" + pod("ai", "p", "1") +
				"-- c/policy/kustomization.yaml --\nresources: [np.yaml]\n-- c/policy/np.yaml --\n" + netpol("ai", "np", "{}"),
			"c/policy: ai/np\ndefault: ai/p\n",
		},
		"data of tests meets nothing": {
			"-- k8s/pod.yaml --\n" + pod("ai", "p", "1") + "-- tests/np.yaml --\n" + netpol("ai", "np", "{}"),
			"everything: ai/p\ntests in everything: *ai/p ai/np\n",
		},
		"an older copy of a part stands alone": {
			"-- k8s/kustomization.yaml --\nresources: [all.yaml]\n-- k8s/all.yaml --\n" + pod("ai", "a", "2") + "---\n" + pod("ai", "b", "1") + "---\n" + pod("ai", "c", "1") +
				"-- old-k8s/kustomization.yaml --\nresources: [a.yaml]\n-- old-k8s/a.yaml --\n" + pod("ai", "a", "1") + "-- mesh/np.yaml --\n" + netpol("ai", "np", "{}"),
			"k8s: ai/a ai/b ai/c ai/np\nold-k8s: ai/a\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := scopes(t, tt.archive, loader.Options{})
			if got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}
