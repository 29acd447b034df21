package yaml

import (
	"fmt"
	"strconv"
	"testing"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string // line of the piece, `-` for a blank one
	}{
		{"one", "a: 1\n", []string{"1"}},
		{"two", "a: 1\n---\nb: 2\n", []string{"1", "2"}},
		{"leading", "---\na: 1\n", []string{"1"}},
		{"comment joins", "# c\n\n---\na: 1\n---\nb: 1\n", []string{"1", "5"}},
		{"directive joins", "%YAML 1.1\n---\na: 1\n", []string{"1"}},
		{"empty document", "---\n# c\n---\na: 1\n", []string{"1-", "3"}},
		{"trailing", "a: 1\n---\n", []string{"1", "2-"}},
		{"end marker", "a: 1\n...\nb: 2\n", []string{"1", "3"}},
		{"content on the marker's line", "--- {a: 1}\n--- # c\nb: 1\n", []string{"1", "2"}},
		{"no marker", "a: |\n  ---\nb: ---\n----\n---x\n", []string{"1"}},
		{"in a block scalar", "a: |\n---\nb: 1\n", []string{"1", "2"}},
		{"tab, EOF", "---\ta\n---", []string{"1", "2-"}},
		{"crlf", "a: 1\r\n---\r\nb: 2\r\n", []string{"1", "2"}},
		{"lone CR", "a: 1\r---\rb: 2\n---\nc: 1", []string{"1", "1", "2"}},
		{"nothing", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range Split([]byte(tt.text)) {
				s := strconv.Itoa(p.At.Line)
				if p.Blank {
					s += "-"
				}
				got = append(got, s)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"a: 1\n---\nb: 2\n...\n", "# c\r\n--- # d\r%YAML 1.1\n---\n", "a: |\n---\n\u2028---\n", "\u0085--- {a: 1}\n----\n...\n...", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var joined []byte
		at := Pos{1, 1}
		for _, p := range Split(data) {
			if p.At != at {
				t.Fatalf("piece at %v, want %v", p.At, at)
			}
			joined = append(joined, p.Data...)
			at = Advance(at, p.Data)
		}
		if string(joined) != string(data) {
			t.Fatalf("pieces join to %q, want %q", joined, data)
		}
	})
}
