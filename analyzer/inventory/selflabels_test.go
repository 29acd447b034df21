package inventory_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// A Service for the leader of a replicated database leads to pods that get its
// label at run time: https://patroni.readthedocs.io/en/latest/kubernetes.html
func TestLabelsThatPodsSetThemselves(t *testing.T) {
	t.Parallel()
	const template = "apiVersion: apps/v1\nkind: KIND\nmetadata: {name: db, namespace: ai}\nspec:\n  selector: {matchLabels: {app: db}}\n  template:\n    metadata: {labels: {app: db}}\n    spec: {SPEC containers: [{name: c, image: i, ports: [{containerPort: 5432}]}]}\n"
	for _, c := range []struct {
		name, kind, spec, selector string
		want                       fact.Tri
	}{
		{"the leader's", "StatefulSet", "serviceAccountName: patroni,", "{app: db, role: primary}", fact.Unknown},
		{"of another application", "StatefulSet", "serviceAccountName: patroni,", "{app: cache, role: primary}", fact.No},
		{"without an account that may patch pods", "StatefulSet", "", "{app: db, role: primary}", fact.No},
		{"without its token", "StatefulSet", "serviceAccountName: patroni, automountServiceAccountToken: false,", "{app: db, role: primary}", fact.No},
		{"the pods of a Deployment have no roles", "Deployment", "serviceAccountName: web,", "{app: db, role: primary}", fact.No},
		{"Vault tells which server is active", "StatefulSet", "", "{app: db, vault-active: 'true'}", fact.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			manifest := strings.NewReplacer("KIND", c.kind, "SPEC", c.spec).Replace(template)
			service := "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: ai}\nspec: {selector: " + c.selector + ", ports: [{port: 5432}]}\n"
			found := analyzertest.FactsOf[fact.ServiceFacts](analyzertest.Build(t, sample.Join(manifest, service)))
			if len(found) != 1 || found[0].Selects != c.want {
				t.Errorf("selects %+v, want %s", found, c.want)
			}
		})
	}
}
