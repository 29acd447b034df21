package analyzer

import (
	"testing"
)

func TestServedPortsInOrder(t *testing.T) {
	manifest := "apiVersion: v1\nkind: Pod\nmetadata: {name: s, namespace: ai, labels: {app: s}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 18888}, {containerPort: 8333, name: s3}, {containerPort: 9333}]}]}\n"
	f := policyFactsOf(t, manifest, in("ai", "pol", `{podSelector: {matchLabels: {app: s}}, ingress: [{from: [{podSelector: {}}]}]}`))
	if got, want := f.Rules[0].Names["served"], "8333 (`s3`), 9333, 18888"; got != want {
		t.Errorf("serves %s, want %s", got, want)
	}
}
