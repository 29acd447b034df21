package helm

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"
	ast "text/template/parse"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// switches finds the values that are off and keep whole objects from being
// made: the conditions of each template, outside loops.
func (r *renderer) switches(src *chartSource, out *rendered) []source.Switch {
	var all []source.Switch
	for i := range src.files {
		f := &src.files[i]
		if !f.template || strings.HasPrefix(path.Base(f.name), "_") || strings.Contains(f.name, packedSuffix+"/") {
			continue
		}
		tree := ast.New(f.name)
		tree.Mode = ast.SkipFuncCheck
		if _, err := tree.Parse(string(f.data), "", "", map[string]*ast.Tree{}); err != nil || tree.Root == nil {
			continue
		}
		charts, _ := walk.WithinCharts(f.name)
		places := r.valuesOf(src, f.file.Name)
		for _, cond := range conditions(tree.Root) {
			all = append(all, switchesOf(cond, f, charts, places, out.values)...)
		}
	}
	slices.SortStableFunc(all, func(a, b source.Switch) int {
		return cmp.Or(strings.Compare(a.Template.File.Name, b.Template.File.Name), cmp.Compare(a.Template.Start.Line, b.Template.Start.Line))
	})
	return all
}

// conditions lists the `if`s of a template, those inside others too.
func conditions(list *ast.ListNode) []*ast.IfNode {
	if list == nil {
		return nil
	}
	var out []*ast.IfNode
	for _, n := range list.Nodes {
		if cond, ok := n.(*ast.IfNode); ok {
			out = append(append(out, cond), conditions(cond.List)...)
		}
	}
	return out
}

func switchesOf(cond *ast.IfNode, f *chartFile, charts []string, places func([]string) []valuePlace, values map[string]any) []source.Switch {
	kinds := kindsIn(cond.List)
	if len(kinds) == 0 {
		return nil
	}
	var out []source.Switch
	for _, names := range offValues(cond.Pipe, charts, values) {
		start, end := actionBounds(f.file.Data, int(cond.Pos))
		s := source.Switch{
			Value:    strings.Join(slices.Concat(charts, names), "."),
			Template: yaml.Span{File: f.file, Start: f.file.Pos(start), End: f.file.Pos(end)},
			Kinds:    kinds,
		}
		for _, p := range places(names) {
			if at, ok := p.object.At(p.path); ok {
				s.At = at
				break
			}
		}
		out = append(out, s)
	}
	return out
}

var kindLine = regexp.MustCompile(`(?m)^kind:[ \t]*["']?([A-Za-z0-9]+)`)

// kindsIn lists the kinds of the objects that a part of a template writes.
func kindsIn(list *ast.ListNode) []string {
	if list == nil {
		return nil
	}
	var out []string
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *ast.TextNode:
			for _, m := range kindLine.FindAllSubmatch(n.Text, -1) {
				out = append(out, string(m[1]))
			}
		case *ast.IfNode:
			out = append(out, kindsIn(n.List)...)
		case *ast.WithNode:
			out = append(out, kindsIn(n.List)...)
		case *ast.RangeNode:
			out = append(out, kindsIn(n.List)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// offValues lists the values that make a condition false: one field, any field
// of an `and`, all fields of an `or`. Other conditions are not understood.
func offValues(pipe *ast.PipeNode, charts []string, values map[string]any) [][]string {
	if len(pipe.Cmds) != 1 || len(pipe.Decl) > 0 {
		return nil
	}
	args := pipe.Cmds[0].Args
	id, isCall := args[0].(*ast.IdentifierNode)
	switch {
	case !isCall && len(args) > 1, isCall && id.Ident != "and" && id.Ident != "or":
		return nil
	case isCall:
		args = args[1:]
	}
	var off [][]string
	for _, arg := range args {
		names, ok := scope{known: true}.path(arg)
		understood := ok && len(names) > 1 && names[0] == "Values"
		isOff := understood && !truthy(values, slices.Concat(charts, names[1:]))
		if isOff {
			off = append(off, names[1:])
		} else if isCall && id.Ident == "or" {
			return nil
		}
	}
	return off
}

// truthy is what `if` thinks of a value.
func truthy(values map[string]any, names []string) bool {
	var v any = values
	for _, name := range names {
		table, ok := v.(map[string]any)
		if !ok {
			return false
		}
		v = table[name]
	}
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case float64:
		return v != 0
	case int64:
		return v != 0
	case map[string]any:
		return len(v) > 0
	case []any:
		return len(v) > 0
	}
	return true
}
