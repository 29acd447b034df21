package kustomize

import (
	"errors"
	"testing"
)

// An error of the library is the same in every run, and names files as the tree does.
func TestCleanError(t *testing.T) {
	t.Parallel()
	kz := &kustomizer{order: []*kustomization{{id: "/k0", dir: "apps/a"}}}
	for said, want := range map[string]string{
		"merging from generator &{0xc00012ab40 <nil>}: id x does not exist": "merging from generator: id x does not exist",
		"accumulating: for path '/k0/f1.yaml': no \\\"name\\\"":             `apps/a/f1.yaml: no "name"`,
	} {
		if got := cleanError(errors.New(said), kz); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
