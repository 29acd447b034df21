package kustomize

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// replacement is one entry of replacements, or one of a file that they name.
type replacement struct {
	file *yaml.File
	node *yaml.Node
}

// addReplacements notes entries for what they set.
func (k *kustomization) addReplacements(file *yaml.File, nodes ...*yaml.Node) {
	for _, n := range nodes {
		if n.Kind == yaml.List {
			k.addReplacements(file, n.Items...)
			continue
		}
		k.replacements = append(k.replacements, replacement{file, n})
	}
}

// replaced finds the field path of a replacement that leads to a field, the
// last first.
func (k *kustomization) replaced(p *placing, o *source.Object, path yaml.Path) (yaml.Span, bool) {
	for _, r := range slices.Backward(k.replacements) {
		for _, target := range slices.Backward(r.node.Get("targets").List()) {
			sel := target.Get("select")
			if !p.selected(o, sel.Get("kind"), sel.Get("name"), sel.Get("namespace")) {
				continue
			}
			for _, field := range slices.Backward(target.Get("fieldPaths").List()) {
				if leadsTo(fieldSteps(field.ScalarText()), o.Root, path) {
					return r.file.Span(field), true
				}
			}
		}
	}
	return yaml.Span{}, false
}

// leadsTo reports whether the steps of a field path are those of a path, or of
// a field around it.
func leadsTo(steps []string, root *yaml.Node, path yaml.Path) bool {
	if len(steps) == 0 || len(steps) > len(path) {
		return false
	}
	for i, step := range steps {
		next := child(root, path[i])
		switch have := path[i].(type) {
		case string:
			if step != have && step != "*" {
				return false
			}
		case int:
			key, value, named := strings.Cut(strings.Trim(step, "[]"), "=")
			if named && next.Get(key).ScalarText() != value || !named && step != "*" && step != strconv.Itoa(have) {
				return false
			}
		}
		root = next
	}
	return true
}

// fieldSteps splits a field path: dots separate, but not in brackets nor behind
// a backslash
// (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/).
func fieldSteps(path string) []string {
	if path == "" {
		return nil
	}
	var steps []string
	var step strings.Builder
	inBrackets := false
	for i := 0; i < len(path); i++ {
		c := path[i]
		switch {
		case c == '\\' && i+1 < len(path) && path[i+1] == '.':
			i++
			step.WriteByte('.')
			continue
		case c == '.' && !inBrackets:
			steps = append(steps, step.String())
			step.Reset()
			continue
		case c == '[':
			inBrackets = true
		case c == ']':
			inBrackets = false
		}
		step.WriteByte(c)
	}
	return append(steps, step.String())
}
