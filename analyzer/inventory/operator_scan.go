package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/operator"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// readUnknown looks for pod templates in an object of a kind that nothing is
// known of. What its controller adds to them is open, and so is which further
// pods it makes.
func (s *Inventory) readUnknown(o *decode.Decoded) {
	if podOwner(o.Object) != ownsPods || describesOnly(o.Kind) {
		return
	}
	scan := templateScan{budget: scanBudget}
	scan.visit(o.Root.Get("spec"), yaml.Path{"spec"}, "", "")
	if len(scan.found) == 0 || scan.budget <= 0 {
		return
	}
	names := map[string]bool{}
	for i := range scan.found {
		g := &scan.found[i]
		if names[g.Name] {
			g.Name = fmt.Sprintf("%s-%d", g.Name, i)
		}
		names[g.Name] = true
	}
	s.readGroups(o, &operator.Kind{Partial: true, Opens: true}, scan.found)
}

// describesOnly recognises kinds that say how others are to look.
func describesOnly(kind string) bool {
	return slices.ContainsFunc([]string{"Template", "Templates", "Config", "Configuration", "Class", "Runtime", "Policy", "Profile", "Default", "Defaults"},
		func(end string) bool { return strings.HasSuffix(kind, end) })
}

const (
	scanBudget = 20_000 // values of one object that are looked at, since aliases may multiply them
	scanDepth  = 12
)

type templateScan struct {
	found  []operator.FoundGroup
	budget int
}

// visit looks for mappings that are a pod template: a `spec` with containers,
// at a key that says template. name is the nearest name around it.
func (x *templateScan) visit(n *yaml.Node, path yaml.Path, key, name string) {
	x.budget--
	if n == nil || x.budget <= 0 || len(path) > scanDepth || len(x.found) >= operator.MaxGroups {
		return
	}
	switch n.Kind {
	case yaml.List:
		for i, item := range n.Items {
			x.visit(item, path.Join(i), "", name)
		}
	case yaml.Map:
		if own, ok := n.Get("name").Str(); ok && !decode.IsPlaceholder(own) {
			name = own
		}
		if isTemplateKey(key) && hasContainers(n.Get("spec")) {
			x.found = append(x.found, operator.FoundGroup{PodGroup: &operator.PodGroup{At: "*"}, Node: n, Path: path, Name: strings.ToLower(cmp.Or(name, "pods"))})
			return
		}
		for i := range n.Fields {
			f := &n.Fields[i]
			x.visit(f.Value, path.Join(f.Key.Text), f.Key.Text, name)
		}
	case yaml.Null, yaml.Bool, yaml.Int, yaml.Float, yaml.String:
	}
}

func isTemplateKey(key string) bool {
	return strings.HasSuffix(strings.ToLower(key), "template") || strings.HasSuffix(strings.ToLower(key), "templatespec")
}

// hasContainers reports a list of mappings that name images or themselves.
func hasContainers(spec *yaml.Node) bool {
	list := spec.Get("containers").List()
	for _, c := range list {
		if c == nil || c.Kind != yaml.Map || c.Get("name") == nil {
			return false
		}
	}
	return len(list) > 0
}
