package kustomize

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// The forms are those of
// https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/.
func TestFieldSteps(t *testing.T) {
	t.Parallel()
	root := &yaml.Node{Kind: yaml.Map}
	for path, want := range map[string]string{
		"metadata.name":                          "metadata|name",
		`metadata.annotations.config\.io/x`:      "metadata|annotations|config.io/x",
		"spec.containers.[name=a.b].image":       "spec|containers|[name=a.b]|image",
		"spec.rules.0.host":                      "spec|rules|0|host",
		"":                                       "",
		`data.trailing\`:                         `data|trailing\`,
		"spec.template.spec.containers.*.image.": "spec|template|spec|containers|*|image|",
	} {
		steps := fieldSteps(path)
		if got := strings.Join(steps, "|"); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
		leadsTo(steps, root, yaml.Path{"spec", "containers", 0, "image"}) // a field that is not there is no reason to panic
	}
}
