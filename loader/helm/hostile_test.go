//go:build !nohelm

package helm_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/helm"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
)

// The same chart gives the same objects, whatever day and machine it is.
func TestHelmDeterminism(t *testing.T) {
	dir := loadertest.Extract(t, chartYAML+`-- values.yaml --
m: {a: 1, b: 2, c: 3, d: 4, e: 5}
-- templates/a.yaml --
{apiVersion: v1, kind: A, metadata: {name: {{ keys .Values.m | join "-" }}-{{ values .Values.m | join "-" }}, labels: {
  r: "{{ randAlphaNum 8 }}", u: "{{ uuidv4 }}", n: {{ now | date "20060102150405" | quote }}, i: {{ randInt 3 9 }},
  c: {{ (genCA "x" 1).Cert | quote }}, s: {{ shuffle "abcdef" }}, d: {{ date "15" "x" | quote }}, p: {{ htpasswd "a" "b" | quote }}}}}
`)
	want := ""
	for range 10 {
		tree := loadertest.Load(t, loader.Options{Paths: []string{dir}})
		o := tree.Sets[0].Objects[0]
		words := []string{o.Name}
		for _, f := range o.Root.Get("metadata").Get("labels").Fields {
			words = append(words, f.Key.Text+"="+f.Value.Text)
		}
		got := strings.Join(words, " ")
		if want == "" {
			want = "a-b-c-d-e-1-2-3-4-5 r=replaced-by-random u=replaced-by-random n=20260101000000 i=3 c=replaced-by-random s=abcdef d=00 p=replaced-by-random"
		}
		if got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

// packed dependency is edited nowhere but where the chart asks for it.
// packed makes a chart archive.
func packed(t *testing.T, files ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f[0], Size: int64(len(f[1])), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What lies in a packed dependency stands where the chart asks for it; an
// archive that unpacks to too much, by itself or through others, or leads out of
// itself, is refused.
func TestHelmArchives(t *testing.T) {
	const sub = "apiVersion: v2\nname: sub\nversion: 1.0.0\n"
	zeros := string(make([]byte, helm.MaxChartBytes/2+1))
	half := packed(t, [2]string{"half/Chart.yaml", strings.ReplaceAll(sub, "sub", "half")}, [2]string{"half/x.bin", zeros})
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"sub", packed(t, [2]string{"sub/Chart.yaml", sub}, [2]string{"sub/templates/a.yaml", "\n\n{apiVersion: v1, kind: Sub, metadata: {name: a}}\n"}), ""},
		{"bomb", packed(t, [2]string{"sub/Chart.yaml", sub}, [2]string{"sub/x.bin", zeros + zeros}), "charts/sub-1.0.0.tgz: the archive unpacks to more than the chart may hold"},
		{"nested bomb", packed(t, [2]string{"sub/Chart.yaml", sub}, [2]string{"sub/charts/a.tgz", string(half)}, [2]string{"sub/charts/b.tgz", string(half)}), "the archive unpacks to more than the chart may hold"},
		{"way out", packed(t, [2]string{"sub/../../x", "x"}), "chart illegally references parent directory"},
		{"no archive", []byte("x"), "charts/sub-1.0.0.tgz: unexpected EOF"},
	} {
		dir := loadertest.Extract(t, "-- Chart.yaml --\napiVersion: v2\nname: demo\nversion: 1.0.0\ndependencies:\n  - name: sub\n    version: 1.0.0\n-- charts/x --\n")
		if err := os.WriteFile(filepath.Join(dir, "charts", "sub-1.0.0.tgz"), tt.data, 0o600); err != nil {
			t.Fatal(err)
		}
		tree := loadertest.Load(t, loader.Options{Paths: []string{dir}})
		chart := tree.Sets[0].Chart
		switch {
		case tt.want == "" && chart.Failure != nil:
			t.Errorf("%s: %s", tt.name, chart.Failure.Message)
		case tt.want == "":
			if got := at(t, tree, dir, "Sub", "metadata", "name"); got != "Chart.yaml:5:11-14" {
				t.Errorf("%s: %s", tt.name, got)
			}
		case chart.Failure == nil || !strings.Contains(chart.Failure.Message, tt.want):
			t.Errorf("%s: got %+v, want %s", tt.name, chart.Failure, tt.want)
		}
	}
}

// Links are followed as far as the chart goes.
func TestHelmLinks(t *testing.T) {
	outside := loadertest.Extract(t, "-- secret --\nsecret\n-- o.yaml --\n{apiVersion: v1, kind: Outside, metadata: {name: o}}\n")
	dir := loadertest.Extract(t, chartYAML+`-- real.txt --
inside
-- templates/a.yaml --
{apiVersion: v1, kind: A, metadata: {name: "{{ .Files.Get "in.txt" | trim }}{{ .Files.Get "out.txt" }}"}}
`)
	for from, to := range map[string]string{
		"in.txt": "real.txt", "out.txt": filepath.Join(outside, "secret"), "templates/o.yaml": filepath.Join(outside, "o.yaml"),
	} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	loadertest.WantSummary(t, loadertest.Load(t, loader.Options{Paths: []string{dir}}), dir, `chart .
  templates/a.yaml:1 A /inside
  gap "" helm chart that was rendered without `+"`templates/o.yaml`"+`, a link that leads out of it
skip Chart.yaml:0 helm-values`)
}
