package analyzer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
)

// What is named as missing is not there.
func TestWhyMembershipIsUnknown(t *testing.T) {
	t.Parallel()
	const mesh = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: p, namespace: ai}\nspec: {mtls: {mode: STRICT}}\n"
	const model = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: m, namespace: ai}\nspec: {predictor: {model: {modelFormat: {name: sklearn}}}}\n"
	for _, c := range []struct{ name, tree, want string }{
		{"no Namespace", sample.Join(mesh, model), "the Namespace object is not in the tree"},
		{"the operator", sample.Join(mesh, model, sample.NamespaceNamed("ai")), "its operator decides what its pods are labelled and annotated with"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := "whether `ai/m[InferenceService]` is in the mesh: " + c.want
			if got := analyzertest.Build(t, c.tree).Unknowns; !slices.Contains(got, want) {
				t.Errorf("want %q in\n%s", want, strings.Join(got, "\n"))
			}
		})
	}
}
