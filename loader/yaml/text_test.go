package yaml

import (
	"testing"
)

func TestParseText(t *testing.T) {
	t.Parallel()
	root := ParseText("rootNamespace: mesh\nenableAutoMtls: no\n")
	if got, _ := root.Get("rootNamespace").Str(); got != "mesh" || root.Get("enableAutoMtls").Kind != Bool {
		t.Errorf("got %+v", root)
	}
	for _, text := range []string{"", "# nothing", "a: [", "a: 1\n---\nb: 2\n", "{{ .Values.mesh }}: {"} {
		if got := ParseText(text); got != nil {
			t.Errorf("%q gives %+v, want nil", text, got)
		}
	}
}
