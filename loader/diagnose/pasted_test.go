package diagnose_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/loadertest"
)

func TestPasted(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"1-peerauthentication-flat": `
plain .
  gap "PeerAuthentication" document that could not be read
problem ../testdata/pasted/1-peerauthentication-flat.yaml:4:1 flattened`,
		"2-networkpolicy-flat": `
plain .
  gap "NetworkPolicy" document that could not be read
problem ../testdata/pasted/2-networkpolicy-flat.yaml:3:1 flattened`,
		"3-authz-and-service-flat": `
plain .
  ../testdata/pasted/3-authz-and-service-flat.yaml:26 Deployment rag/rag-api
  gap "AuthorizationPolicy" document that could not be read
  gap "Service" document that could not be read
problem ../testdata/pasted/3-authz-and-service-flat.yaml:3:1 flattened
problem ../testdata/pasted/3-authz-and-service-flat.yaml:15:1 flattened`,
		"4-nbsp-quotes-dashes": `
plain .
  gap "DestinationRule" document that could not be read
  gap "PeerAuthentication" document that could not be read
problem ../testdata/pasted/4-nbsp-quotes-dashes.yaml:4:1 nbsp-indent`,
		"5-fence-prompt-linenumbers-tabs": `
plain .
  gap "Service" document that could not be read
problem ../testdata/pasted/5-fence-prompt-linenumbers-tabs.yaml:1:1 markdown-fence`,
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := loadertest.Load(t, loader.Options{Paths: []string{"../testdata/pasted/" + name + ".yaml"}})
			loadertest.WantSummary(t, tree, "", want)
			for _, p := range tree.Problems {
				if strings.ContainsRune(p.Message, '\u00A0') {
					t.Errorf("an invisible character in %q", p.Message)
				}
			}
		})
	}
}

// What is found when the first trace of pasting has been repaired.
func TestPastedNextCause(t *testing.T) {
	t.Parallel()
	const policy = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n"
	tests := []struct{ name, text, want string }{
		{"prompt", "$ kubectl apply -f - <<EOF\napiVersion: v1\nkind: Service\nEOF\n", "1:1 shell-prompt"},
		{"command", "apiVersion: v1\nkind: Service\nEOF\nkubectl get pods\n", "4:1 shell-prompt"},
		{"line numbers", "  1 apiVersion: v1\n  2 kind: Service\n  3 metadata:\n", "1:3 line-numbers"},
		{"tabs", "apiVersion: v1\nkind: Service\nmetadata:\n\tname: x\n", "4:1 tab-indent"},
		{"tabs below spaces", "apiVersion: v1\nkind: Service\nmetadata:\n  labels:\n\tname: x\n", "5:1 tab-indent"},
		{"nbsp keys that parse", policy + "\u00a0\u00a0name: x\nspec:\n", "4:1 nbsp-indent"},
		{"quotes", policy + "  name: x\nspec:\n  mtls:\n    mode: “STRICT”\n", "7:11 typographic-quotes"},
		{"em dash", policy + "  name: x\n—\nkind: Pod\n", "5:1 em-dash-separator"},
		{"fence behind", policy + "  name: x\n```\n", "5:1 markdown-fence"},
		{"prose with quotes", policy + "  name: x\n  annotations: {a: “b”, c: so “called” it}\n", ""},
		{"flat without metadata", "apiVersion: apps/v1\nkind: Deployment\nname: x\nspec:\nreplicas: 1\n", "3:1 flattened"},
		{"flat and broken", policy + "name: x\nspec:\nrun: |\necho a\nmode: b\n", "3:1 flattened"},
		{"role", "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: x}\nrules: []\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for line := range strings.Lines(loadertest.Summary(loadertest.LoadText(t, tt.text), "")) {
				if rest, ok := strings.CutPrefix(line, "problem <stdin>:"); ok {
					got = append(got, strings.TrimSpace(rest))
				}
			}
			if strings.Join(got, "|") != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
