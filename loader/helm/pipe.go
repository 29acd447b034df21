package helm

import (
	"slices"
	"strconv"
	"strings"
	ast "text/template/parse"
)

// methods accounts for what the methods of `.Files` cost, and refuses those of
// `.Values` that write them out: a value may hold itself many times over.
func (p *weaving) methods(n *ast.PipeNode) {
	text := n.String()
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(text, name) })
	}
	switch {
	case has(".YAML", ".Encode"):
		p.call(fnNever)
	case has(".AsConfig", ".AsSecrets", ".Lines"):
		p.call(fnFiles + " true")
	case has(".Get", ".Glob"):
		p.call(fnFiles + " false")
	}
}

// pipe writes a pipeline with guards around the arguments.
func (p *weaving) pipe(n *ast.PipeNode) string {
	var parts []string
	for i, cmd := range n.Cmds {
		name := ""
		if id, ok := cmd.Args[0].(*ast.IdentifierNode); ok {
			name = id.Ident
		}
		if i > 0 && walksArguments(name) {
			parts = append(parts, fnIn+" "+strconv.Quote(name))
		}
		parts = append(parts, p.command(name, cmd))
		if (name == "include" || name == "tpl") && len(cmd.Args) > 1 {
			parts = append(parts, fnLeave)
		}
	}
	text := strings.Join(parts, " | ")
	if len(n.Decl) == 0 {
		return text
	}
	var vars []string
	for _, v := range n.Decl {
		vars = append(vars, v.String())
	}
	sign := " := "
	if n.IsAssign {
		sign = " = "
	}
	return strings.Join(vars, ", ") + sign + text
}

func (p *weaving) command(name string, cmd *ast.CommandNode) string {
	var b strings.Builder
	for i, arg := range cmd.Args {
		if i > 0 {
			b.WriteByte(' ')
		}
		text := p.argument(arg)
		switch {
		case i == 0:
		case i == 1 && name == "include":
			text = "(" + fnEnter + " " + text + ")"
		case i == 1 && name == "tpl":
			text = "(" + fnText + " " + text + ")"
		case name == "dict" && i%2 == 0, isConstant(arg): // a constant takes the type that is wanted
		case walksArguments(name):
			text = "(" + fnIn + " " + strconv.Quote(name) + " " + text + ")"
		}
		b.WriteString(text)
	}
	return b.String()
}

func (p *weaving) argument(n ast.Node) string {
	switch n := n.(type) {
	case *ast.PipeNode:
		return "(" + p.pipe(n) + ")"
	case *ast.ChainNode:
		return p.argument(n.Node) + "." + strings.Join(n.Field, ".")
	}
	return n.String()
}

func isConstant(n ast.Node) bool {
	switch n.(type) {
	case *ast.BoolNode, *ast.NilNode, *ast.NumberNode, *ast.StringNode:
		return true
	}
	return false
}

// walksArguments reports whether a function looks at more of its arguments than
// their top. Other names are fields.
func walksArguments(name string) bool {
	switch name {
	case "", "include", "tpl", "list", "tuple", "ternary", "coalesce", "default", "required", "empty", "not", "and", "or",
		"index", "get", "set", "unset", "hasKey", "kindIs", "kindOf", "typeIs", "typeOf", "len", "first", "last", "fail",
		"lookup", "eq", "ne", "lt", "le", "gt", "ge", "int", "int64", "pick", "omit":
		return false
	}
	return true
}
