package loader

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader/walk"
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
  gap "" kustomization that was not built: resource ` + "`../shared.yaml`" + ` (line 1) lies outside of the kustomization's directory
kustomize z
  gap "" kustomization that was not built: resource ` + "`../shared.yaml`" + ` (line 1) lies outside of the kustomization's directory
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
			dir := extract(t, tt.archive)
			wantSummary(t, load(t, Options{Paths: []string{dir}}), dir, tt.want)
		})
	}
}

// Any order of the paths and any number of workers gives the same tree.
func TestOrder(t *testing.T) {
	t.Parallel()
	want := summary(load(t, Options{Paths: []string{"testdata", "-"}, Workers: 1}), "")
	for range 10 {
		got := summary(load(t, Options{Paths: []string{"-", "testdata/pasted", "testdata", "testdata/pasted/1-peerauthentication-flat.yaml"}, Workers: 4}), "")
		if got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestWalk(t *testing.T) {
	t.Parallel()
	dir := extract(t, `
-- a/x.yaml --
a: 1
-- a/x.txt --
{apiVersion: v1, kind: Pod}
-- a/y.JSON --
{}
-- a/vendor/x.yaml --
a: 1
-- a/tests/deep/x.yml --
a: 1
-- outside/secret.yaml --
a: 1
`)
	for link, target := range map[string]string{
		"a/out.yaml": "../outside/secret.yaml", "a/outdir": "../outside", "a/loop": ".",
		"a/same.yaml": "x.yaml", "a/text.yaml": "x.txt", "a/dead.yaml": "nowhere",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		opts Options
		want string
	}{
		{Options{Paths: []string{"a"}}, "a/tests/deep/x.yml a/text.yaml a/x.yaml a/y.JSON"},
		{Options{Paths: []string{"a", "a/x.txt", "a/x.yaml"}}, "a/tests/deep/x.yml a/x.txt a/x.yaml a/y.JSON"},
		{Options{Paths: []string{"a/out.yaml"}}, "a/out.yaml"},
		{Options{Paths: []string{"a"}, Exclude: []string{"tests/**", "*.JSON"}}, "a/text.yaml a/x.yaml"},
		{Options{Paths: []string{"a"}, Exclude: []string{"**/deep", "**/x.yaml"}}, "a/same.yaml a/text.yaml a/y.JSON"},
	}
	for _, tt := range tests {
		opts := tt.opts
		opts.Paths = slices.Clone(opts.Paths)
		for i, p := range opts.Paths {
			opts.Paths[i] = filepath.Join(dir, p)
		}
		var got []string
		for _, f := range load(t, opts).Files {
			abs, _ := filepath.Abs(f.Name)
			rel, _ := filepath.Rel(dir, abs)
			got = append(got, filepath.ToSlash(rel))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%v -%v: got %v, want %s", tt.opts.Paths, tt.opts.Exclude, got, tt.want)
		}
	}
	_, err := Load(t.Context(), Options{Paths: []string{filepath.Join(dir, "outsied")}})
	if err == nil || !strings.Contains(err.Error(), "did you mean "+filepath.Join(dir, "outside")) {
		t.Errorf("no near name in %v", err)
	}
}

// git itself is the oracle.
func TestGitignore(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal("git is the oracle of this test: ", err)
	}
	dir := extract(t, `
-- .gitignore --
# comment
*.log.yaml
!keep.log.yaml
/top.yaml
build/
docs/*.yaml
!docs/keep.yaml
foo/**
!foo/**/
!foo/**/*.yml
**/deep/z.yaml
trailing.yaml   
\#hash.yaml
\!bang.yaml
br{a,b}ce.yaml
[a-c].yaml
[!x]9.yaml
only/dir.yaml/
gone/
!gone/back.yaml
-- sub/.gitignore --
/a.yaml
!b.yaml
n.yaml
!build/
-- sub/deeper/.gitignore --
!n.yaml
*
!*.yml
!.gitignore
`)
	for name := range strings.FieldsSeq(`x.log.yaml keep.log.yaml top.yaml sub/top.yaml build/a1.yaml sub/build/a1.yaml
		docs/x.yaml docs/keep.yaml docs/sub/x.yaml foo/x.yaml foo/x.yml foo/bar/x.yml foo/bar/x.yaml deep/z.yaml q/deep/z.yaml
		trailing.yaml #hash.yaml !bang.yaml brace.yaml brbce.yaml br{a,b}ce.yaml a.yaml d.yaml y9.yaml x9.yaml only/dir.yaml
		gone/back.yaml sub/a.yaml sub/b.yaml sub/n.yaml sub/q/a.yaml sub/q/n.yaml sub/deeper/n.yaml sub/deeper/o.yaml sub/deeper/o.yml
		sub/deeper/q/o.yml info.yaml`) {
		name = filepath.Join(dir, name)
		if err := errors2(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte("a: 1\n"), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		out, _ := cmd.Output() // check-ignore exits 1 when nothing is ignored
		return string(out)
	}
	git("init", "-q")
	if err := os.WriteFile(filepath.Join(dir, ".git", "info", "exclude"), []byte("info.yaml\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var all, want []string
	_ = filepath.WalkDir(dir, func(name string, e fs.DirEntry, _ error) error {
		if rel, _ := filepath.Rel(dir, name); !e.IsDir() && walk.IsManifestName(name) && !strings.HasPrefix(rel, ".git/") {
			all = append(all, rel)
		}
		return nil
	})
	ignored := strings.Split(git(append([]string{"-c", "core.quotePath=false", "check-ignore", "--no-index"}, all...)...), "\n")
	for _, name := range all {
		if !slices.Contains(ignored, name) {
			want = append(want, name)
		}
	}
	if len(want) == len(all) {
		t.Fatal("git ignores nothing")
	}
	for _, root := range []string{"", "sub", "sub/deeper"} {
		var expect, got []string
		for _, name := range want {
			if root == "" || strings.HasPrefix(name, root+"/") {
				expect = append(expect, name)
			}
		}
		for _, f := range load(t, Options{Paths: []string{filepath.Join(dir, root)}}).Files {
			abs, _ := filepath.Abs(f.Name)
			rel, _ := filepath.Rel(dir, abs)
			got = append(got, rel)
		}
		slices.Sort(got)
		slices.Sort(expect)
		if !slices.Equal(got, expect) {
			t.Errorf("%q: got %v\nwant %v", root, got, expect)
		}
	}
	if n := len(load(t, Options{Paths: []string{dir}, NoGitignore: true}).Files); n != len(all) {
		t.Errorf("NoGitignore reads %d files of %d", n, len(all))
	}
}

func errors2(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func TestNamespace(t *testing.T) {
	t.Parallel()
	tree := load(t, Options{
		Paths: []string{"-"}, Namespace: "n",
		Stdin: strings.NewReader("{apiVersion: v1, kind: Pod, metadata: {name: a}}\n---\n{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: m}}\n---\n{apiVersion: v1, kind: Node, metadata: {name: a}}\n"),
	})
	wantSummary(t, tree, "", "plain .\n  <stdin>:1 Pod n/a\n  <stdin>:3 Pod m/a\n  <stdin>:5 Node /a")
}
