package helm

import (
	"bytes"
	"slices"
	ast "text/template/parse"
)

// scope is what `.` is: a path from the top, if it is known.
type scope struct {
	dot   []string
	known bool
}

// path is where in the top of a template a field or variable lies.
func (s scope) path(n ast.Node) ([]string, bool) {
	switch n := n.(type) {
	case *ast.FieldNode:
		switch {
		case s.known:
			return append(slices.Clip(s.dot), n.Ident...), true
		case n.Ident[0] == "Values":
			return n.Ident, true
		}
	case *ast.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 {
			return n.Ident[1:], true
		}
	case *ast.DotNode:
		return s.dot, s.known && len(s.dot) > 0
	}
	return nil, false
}

// single is the path of a pipeline that is nothing but a field.
func (s scope) single(n *ast.PipeNode) ([]string, bool) {
	if len(n.Cmds) != 1 || len(n.Cmds[0].Args) != 1 {
		return nil, false
	}
	return s.path(n.Cmds[0].Args[0])
}

// value is the path below `.Values` of the only value that a pipeline names.
func (s scope) value(n *ast.PipeNode) []string {
	paths := s.valuesOf(n)
	if len(paths) != 1 {
		return nil
	}
	return paths[0]
}

// valuesOf lists the values that a pipeline names, each once.
func (s scope) valuesOf(n *ast.PipeNode) [][]string {
	var out [][]string
	for _, cmd := range n.Cmds {
		for _, arg := range cmd.Args {
			for _, path := range s.valuesOfArgument(arg) {
				if !slices.ContainsFunc(out, func(have []string) bool { return slices.Equal(have, path) }) {
					out = append(out, path)
				}
			}
		}
	}
	return out
}

func (s scope) valuesOfArgument(arg ast.Node) [][]string {
	if inner, ok := arg.(*ast.PipeNode); ok {
		return s.valuesOf(inner)
	}
	if path, ok := s.path(arg); ok && len(path) > 1 && path[0] == "Values" {
		return [][]string{path[1:]}
	}
	return nil
}

// actionBounds finds the braces around an action.
func actionBounds(data []byte, at int) (start, end int) {
	at = min(max(at, 0), len(data))
	if start = bytes.LastIndex(data[:at], []byte("{{")); start < 0 {
		start = at
	}
	end = bytes.Index(data[at:], []byte("}}"))
	if end < 0 {
		return start, at
	}
	return start, at + end + len("}}")
}
