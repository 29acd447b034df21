package walk_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
	"github.com/aisec-lint/aisec-lint/loader/walk"
)

func TestWalk(t *testing.T) {
	t.Parallel()
	dir := loadertest.Extract(t, `
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
		opts loader.Options
		want string
	}{
		{loader.Options{Paths: []string{"a"}}, "a/tests/deep/x.yml a/text.yaml a/x.yaml a/y.JSON"},
		{loader.Options{Paths: []string{"a", "a/x.txt", "a/x.yaml"}}, "a/tests/deep/x.yml a/x.txt a/x.yaml a/y.JSON"},
		{loader.Options{Paths: []string{"a/out.yaml"}}, "a/out.yaml"},
		{loader.Options{Paths: []string{"a"}, Exclude: []string{"tests/**", "*.JSON"}}, "a/text.yaml a/x.yaml"},
		{loader.Options{Paths: []string{"a"}, Exclude: []string{"**/deep", "**/x.yaml"}}, "a/same.yaml a/text.yaml a/y.JSON"},
	}
	for _, tt := range tests {
		opts := tt.opts
		opts.Paths = slices.Clone(opts.Paths)
		for i, p := range opts.Paths {
			opts.Paths[i] = filepath.Join(dir, p)
		}
		var got []string
		for _, f := range loadertest.Load(t, opts).Files {
			abs, _ := filepath.Abs(f.Name)
			rel, _ := filepath.Rel(dir, abs)
			got = append(got, filepath.ToSlash(rel))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%v -%v: got %v, want %s", tt.opts.Paths, tt.opts.Exclude, got, tt.want)
		}
	}
	_, err := loader.Load(t.Context(), loader.Options{Paths: []string{filepath.Join(dir, "outsied")}})
	if err == nil || !strings.Contains(err.Error(), "did you mean "+filepath.Join(dir, "outside")) {
		t.Errorf("no near name in %v", err)
	}
}

// A link is followed as far as the repository goes; one that leads elsewhere is
// named, and may hold anything.
func TestLinks(t *testing.T) {
	t.Parallel()
	away := loadertest.Extract(t, "-- policy.yaml --\n{apiVersion: v1, kind: Away, metadata: {name: a}}\n")
	dir := loadertest.Extract(t, "-- .git/config --\n-- shared/pod.yaml --\n{apiVersion: v1, kind: Pod, metadata: {name: p}}\n-- k8s/x.yaml --\n{apiVersion: v1, kind: Service, metadata: {name: s}}\n")
	for link, target := range map[string]string{
		"k8s/pod.yaml": "../shared/pod.yaml", "k8s/policy.yaml": filepath.Join(away, "policy.yaml"), "k8s/secrets.yaml": filepath.Join(away, "gone.yaml"),
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	tree := loadertest.Load(t, loader.Options{Paths: []string{filepath.Join(dir, "k8s")}})
	loadertest.WantSummary(t, tree, dir, `plain .
  k8s/pod.yaml:1 Pod /p
  k8s/x.yaml:1 Service /s
  gap "" link that leads out of what is audited
  gap "Secret" link that leads out of what is audited`)
	if len(tree.Unbuilt) != 2 || !tree.Unbuilt[0].Silent() || !strings.HasSuffix(tree.Unbuilt[0].Message, "k8s/policy.yaml` is a link that leads out of what is audited, and is not read") {
		t.Errorf("got %+v", tree.Unbuilt)
	}
}

// git itself is the oracle.
func TestGitignore(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal("git is the oracle of this test: ", err)
	}
	dir := loadertest.Extract(t, `
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
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte("a: 1\n"), 0o644)); err != nil {
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
		for _, f := range loadertest.Load(t, loader.Options{Paths: []string{filepath.Join(dir, root)}}).Files {
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
	if n := len(loadertest.Load(t, loader.Options{Paths: []string{dir}, NoGitignore: true}).Files); n != len(all) {
		t.Errorf("NoGitignore reads %d files of %d", n, len(all))
	}
}
