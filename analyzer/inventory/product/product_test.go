package product

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// Every entry can be found by its own marks, knows its source, and has a role
// of the schema.
func TestProductTable(t *testing.T) {
	t.Parallel()
	c := NewCatalogue()
	schema := string(fact.Schema())
	seen := map[string]bool{}
	for _, p := range products() {
		if seen[p.Name] || p.Name == "" || !strings.HasPrefix(p.Source, "https://") {
			t.Errorf("%q: twice, without a name or a source", p.Name)
		}
		seen[p.Name] = true
		if !strings.Contains(schema, `"`+p.Role+`"`) {
			t.Errorf("%s: no role %q", p.Name, p.Role)
		}
		for _, image := range p.images {
			found := c.byImage(&Process{image: parseImage(strings.ReplaceAll(image, "*", "x") + ":1.0")})
			if found == nil || found.Name != p.Name {
				t.Errorf("%s: image %s finds %v", p.Name, image, found)
			}
		}
		for _, command := range p.commands {
			words := strings.Fields(strings.ReplaceAll(command, "*", "x"))
			if found := c.byCommand(&Process{Commands: []Invocation{words}}); found == nil || found.Name != p.Name {
				t.Errorf("%s: command %s finds %v", p.Name, command, found)
			}
		}
		if len(p.images)+len(p.commands)+len(p.labels)+len(p.env) == 0 {
			t.Errorf("%s has no mark", p.Name)
		}
	}
}

// https://github.com/distribution/reference/blob/main/reference.go
func TestParseImage(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]imageRef{
		"":                             {},
		"redis":                        {[]string{"redis"}, ""},
		"a/b:1":                        {[]string{"a", "b"}, "1"},
		"localhost:5000/b":             {[]string{"localhost:5000", "b"}, ""},
		"localhost:5000/b:2@sha256:aa": {[]string{"localhost:5000", "b"}, "2"},
		"b@sha256:aa":                  {[]string{"b"}, ""},
		"{{ .Values.image }}":          {},
		"repo/app:${TAG}":              {},
		":":                            {[]string(nil), ""},
	} {
		if d := cmp.Diff(want, parseImage(image), cmp.AllowUnexported(imageRef{})); d != "" {
			t.Errorf("%q: %s", image, d)
		}
	}
	for tag, want := range map[string]string{
		"2.46.0": "2.46.0", "v0.10": "0.10.0", "2.9.0-py310-gpu": "2.9.0", "2.52.0.1": "2.52.0",
		"latest": "", "nightly": "", "2": "", "2025-05-05-v1": "", "0.8.x": "", "": "", "99999.1.2": "",
	} {
		v, ok := imageRef{tag: tag}.version()
		got := ""
		if ok {
			got = fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2])
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", tag, got, want)
		}
	}
}

// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
func TestSplitShell(t *testing.T) {
	t.Parallel()
	for script, want := range map[string][][]string{
		"":                          nil,
		"a b;c|d&&e":                {{"a", "b"}, {"c"}, {"d"}, {"e"}},
		"a 'b c' \"d e\" f''g '' h": {{"a", "b c", "d e", "fg", "", "h"}},
		"a \\\n b\\ c":              {{"a", "b c"}},
		"a \\\r\n b":                {{"a", "b"}},
		"a $(b $(c) d) e":           {{"a", "$(b $(c) d)", "e"}},
		"a # b\nc#d":                {{"a"}, {"c#d"}},
		"a 'b":                      {{"a", "b"}},
		"a \"b":                     {{"a", "b"}},
		"a $(b":                     {{"a", "$(b"}},
		"a \\":                      {{"a"}},
		"# only":                    nil,
	} {
		if d := cmp.Diff(want, splitShell(script)); d != "" {
			t.Errorf("%q: %s", script, d)
		}
	}
}

// Whatever stands in a command, reading it ends.
func FuzzSplitShell(f *testing.F) {
	for _, s := range []string{"a 'b", "$(", "\\", "\"\\", "a # b", "$((1))"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, words := range splitShell(s) {
			if len(words) == 0 {
				t.Fatal("an empty command")
			}
		}
	})
}
