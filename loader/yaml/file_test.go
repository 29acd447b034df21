package yaml

import "testing"

func TestLine(t *testing.T) {
	t.Parallel()
	f := &File{Data: []byte("a\r\nb\n\nd")}
	for n, want := range []string{"", "a", "b", "", "d", ""} {
		if got := f.Line(n); got != want {
			t.Errorf("Line(%d) = %q, want %q", n, got, want)
		}
	}
}
