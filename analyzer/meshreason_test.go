package analyzer

import (
	"slices"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/connect"
)

// A policy that sets every port is not told as one of a port that stands for
// the others; portLevelMtls is.
func TestWhatAPolicySets(t *testing.T) {
	const strict = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: p, namespace: ai}\nspec: {selector: {matchLabels: {app: server}}, mtls: {mode: STRICT}, portLevelMtls: {9000: {mode: DISABLE}}}\n"
	rows, err := build(t, docs(meshTown, strict)).Sets.Connectivity(connect.ConnectivityOptions{From: "client", To: "server", Explain: true, Layer: connect.MeshLayer})
	if err != nil {
		t.Fatal(err)
	}
	var effects []string
	for _, r := range rows {
		for _, b := range r.Because {
			if b.Object != nil && b.Object.Kind == "PeerAuthentication" {
				effects = append(effects, b.Effect)
			}
		}
	}
	slices.Sort(effects)
	want := []string{"sets ai/server[Pod] to STRICT", "sets port 9000 of ai/server[Pod] to DISABLE"}
	if got := slices.Compact(effects); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
