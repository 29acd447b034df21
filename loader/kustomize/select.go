package kustomize

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// isFor reports whether a patch is for an object. Labels that a target asks for
// are not looked at: the value must be the same, too.
func (p *patch) isFor(at *placing, o *source.Object, doc *yaml.Node) bool {
	if p.target != nil {
		return at.selected(o, p.target.Get("kind"), p.target.Get("name"), p.target.Get("namespace"))
	}
	kinds, names, _ := at.identities(o)
	return doc != nil && doc.Kind == yaml.Map && slices.Contains(kinds, doc.Get("kind").ScalarText()) &&
		slices.ContainsFunc(names, func(name string) bool {
			return strings.Contains(name, doc.Get("metadata").Get("name").ScalarText())
		})
}

// identities are what an object is called now and was called in its document.
func (p *placing) identities(o *source.Object) (kinds, names, namespaces []string) {
	kinds, names, namespaces = []string{o.Kind}, []string{o.Name}, []string{o.Namespace}
	if src := p.source.object; src != nil {
		kinds, names, namespaces = append(kinds, src.Kind), append(names, src.Name), append(namespaces, src.Namespace)
	}
	return kinds, names, namespaces
}

// selected reports whether a selector may be for an object.
func (p *placing) selected(o *source.Object, kind, name, namespace *yaml.Node) bool {
	kinds, names, namespaces := p.identities(o)
	return selects(kind, kinds) && selects(name, names) && selects(namespace, namespaces)
}

// selects matches a target's field, an anchored regular expression.
func selects(n *yaml.Node, values []string) bool {
	text := n.ScalarText()
	if text == "" {
		return true
	}
	re, err := regexp.Compile("^(?:" + text + ")$")
	return err == nil && slices.ContainsFunc(values, re.MatchString)
}
