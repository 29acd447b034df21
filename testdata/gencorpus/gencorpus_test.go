package gencorpus

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSameArgumentsSameBytes(t *testing.T) {
	t.Parallel()
	a, b := Tree(45), Tree(45)
	if len(a) != len(b) {
		t.Fatalf("%d files, then %d", len(a), len(b))
	}
	for name, data := range a {
		if !bytes.Equal(data, b[name]) {
			t.Errorf("%s differs between two runs", name)
		}
	}
}

// A smaller tree is the beginning of a larger one, so that figures for sizes compare like with like.
func TestSmallerTreeIsPrefix(t *testing.T) {
	t.Parallel()
	large := Tree(45)
	for name, data := range Tree(23) {
		if !bytes.Equal(data, large[name]) {
			t.Errorf("%s differs in the larger tree", name)
		}
	}
}

// Every layout holds the same objects, and the proportions of mistakes are those of the design.
func TestWrite(t *testing.T) {
	t.Parallel()
	const apps = 200
	want := 0
	for _, layout := range []string{Split, One, Single} {
		dir := t.TempDir()
		stats, err := Write(dir, apps, layout)
		if err != nil {
			t.Fatal(err)
		}
		if want == 0 {
			want = stats.Objects
		}
		files, lines, data := readAll(t, dir)
		if got := strings.Count("\n"+data, "\nkind: "); got != want || stats.Objects != want || stats.Files != files || stats.Lines != lines || stats.Bytes != len(data) {
			t.Errorf("%s: read %d objects in %d files of %d lines and %d bytes, stats are %+v, want %d objects", layout, got, files, lines, len(data), stats, want)
		}
		for _, mistake := range []struct {
			text     string
			min, max int
		}{
			{"- namespaceSelector: {}", apps / 50, apps / 10},
			{"-old\n", apps / 50, apps / 10},
			{"portLevelMtls:", apps / 50, apps / 10},
			{"image: registry.example.com/ml/vllm-openai", apps / 10, apps / 10},
		} {
			if n := strings.Count(data, mistake.text); n < mistake.min || n > mistake.max {
				t.Errorf("%s: %d times %q, want %d to %d", layout, n, mistake.text, mistake.min, mistake.max)
			}
		}
	}
	if _, err := Write(t.TempDir(), 1, "sideways"); err == nil {
		t.Error("an unknown layout is no error")
	}
}

func readAll(t *testing.T, dir string) (files, lines int, data string) {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all.Write(b)
		files++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, strings.Count(all.String(), "\n"), all.String()
}
