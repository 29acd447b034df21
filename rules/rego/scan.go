package rego

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// scan walks compiled rules. Compiling has given every local variable a name
// of its own, so variables are told apart by name alone.
type scan struct {
	compiler *ast.Compiler
	rules    []*ast.Rule
	aliases  map[ast.Var][][]string // what of the input a variable may stand for
	bound    map[ast.Var]int        // how often `v = input.…` is written
	root     *Reads
	grown    bool // an alias was found in this pass
	final    bool // every alias is known, what is read is noted
	with     bool
}

// scanModule finds what a rule's module and all that it calls can read of the
// input. It errs on the side of reading more.
func scanModule(c *ast.Compiler, m *ast.Module) *scan {
	s := &scan{compiler: c, aliases: map[ast.Var][][]string{}, bound: map[ast.Var]int{}, root: &Reads{}}
	for _, r := range m.Rules {
		s.reach(r)
	}
	for s.grown = true; s.grown; {
		s.grown = false
		s.pass()
	}
	s.root, s.final = &Reads{}, true
	s.pass()
	s.root.widen()
	return s
}

// input returns the one name below input that the rule reads.
func (s *scan) input() (string, error) {
	if s.with {
		return "", errors.New("uses `with`, which belongs into tests")
	}
	if s.root.full || s.root.every != nil {
		return "", errors.New("reads input as a whole; a rule reads one name below it, such as input.workload")
	}
	names := slices.Sorted(maps.Keys(s.root.fields))
	if len(names) != 1 {
		return "", fmt.Errorf("reads %d names below input %v; a rule is judged against one type of subject", len(names), names)
	}
	return names[0], nil
}

// reach collects a rule and all that it depends on.
func (s *scan) reach(r *ast.Rule) {
	if slices.Contains(s.rules, r) {
		return
	}
	s.rules = append(s.rules, r)
	for ; r != nil; r = r.Else {
		for next := range s.compiler.Graph.Dependencies(r) {
			if next, ok := next.(*ast.Rule); ok {
				s.reach(next)
			}
		}
	}
}

// pass walks every rule once.
func (s *scan) pass() {
	if !s.final {
		clear(s.bound)
	}
	for _, r := range s.rules {
		for ; r != nil; r = r.Else {
			for _, arg := range r.Head.Args {
				s.parameter(arg)
			}
			s.indices(r.Head.Reference)
			s.walk(r.Head.Key)
			s.walk(r.Head.Value)
			s.walk(r.Body)
		}
	}
}

// parameter counts a parameter as bound: `v = input.…` would compare it.
func (s *scan) parameter(arg *ast.Term) {
	v, plain := arg.Value.(ast.Var)
	switch {
	case !plain:
		s.walk(arg)
	case !s.final:
		s.bound[v] = 1
	}
}

func (s *scan) walk(x any) {
	if t, ok := x.(*ast.Term); ok && t == nil {
		return
	}
	ast.NewGenericVisitor(s.visit).Walk(x)
}

// visit handles what reads or names a part of the input and tells whether that
// was all there is to see.
func (s *scan) visit(x any) bool {
	switch x := x.(type) {
	case *ast.Expr:
		s.with = s.with || len(x.With) > 0
		return s.binding(x) || s.call(x)
	case *ast.Every:
		return s.loop(x)
	case ast.Ref:
		s.read(s.paths(x), true)
		s.indices(x)
		return true
	case ast.Var:
		s.read(s.paths(ast.Ref{ast.NewTerm(x)}), true)
	}
	return false
}

// indices walks what stands in a reference's brackets.
func (s *scan) indices(ref ast.Ref) {
	for _, step := range ref[1:] {
		s.walk(step)
	}
}

func (s *scan) read(paths [][]string, full bool) {
	for _, p := range paths {
		s.root.add(p, full)
	}
}

// paths returns which parts of the input a reference may lead to.
func (s *scan) paths(ref ast.Ref) [][]string {
	head, ok := ref[0].Value.(ast.Var)
	if !ok {
		return nil
	}
	starts := s.aliases[head]
	if head == ast.InputRootDocument.Value {
		starts = [][]string{nil}
	}
	var out [][]string
	for _, start := range starts {
		path := slices.Clone(start)
		for _, step := range ref[1:] {
			name, ok := step.Value.(ast.String)
			if !ok {
				name = anyStep
			}
			path = append(path, string(name))
		}
		out = append(out, path[:min(len(path), maxDepth)])
	}
	return out
}

// binding handles `v = input.a.b`: nothing is read yet, v stands for it. It
// holds when that is all that binds v; a second such line compares.
func (s *scan) binding(e *ast.Expr) bool {
	if !e.IsEquality() {
		return false
	}
	v, ref, ok := variableAndRef(e.Operand(0), e.Operand(1))
	if !ok {
		return false
	}
	paths := s.paths(ref)
	if len(paths) == 0 {
		return false
	}
	s.bind(v, paths)
	s.indices(ref)
	return true
}

func variableAndRef(a, b *ast.Term) (ast.Var, ast.Ref, bool) {
	if v, ok := a.Value.(ast.Var); ok {
		ref, ok := b.Value.(ast.Ref)
		return v, ref, ok
	}
	v, ok := b.Value.(ast.Var)
	ref, isRef := a.Value.(ast.Ref)
	return v, ref, ok && isRef
}

// bind lets v stand for paths. What is bound twice is compared, and so read.
func (s *scan) bind(v ast.Var, paths [][]string) {
	if !s.final {
		s.bound[v]++
		s.alias(v, paths)
		return
	}
	s.read(paths, false)
	if s.bound[v] > 1 {
		s.read(s.aliases[v], true)
	}
}

func (s *scan) alias(v ast.Var, paths [][]string) {
	for _, p := range paths {
		if !slices.ContainsFunc(s.aliases[v], func(q []string) bool { return slices.Equal(p, q) }) {
			s.aliases[v] = append(s.aliases[v], p)
			s.grown = true
		}
	}
}

// loop handles `every k, v in domain`: v stands for the domain's items.
func (s *scan) loop(e *ast.Every) bool {
	v, ok := e.Value.Value.(ast.Var)
	domain, isVar := e.Domain.Value.(ast.Var)
	if !ok || !isVar || len(s.aliases[domain]) == 0 {
		return false
	}
	s.bind(v, s.paths(ast.Ref{ast.NewTerm(domain), ast.NewTerm(v)}))
	s.walk(e.Key)
	s.walk(e.Body)
	return true
}

// call handles f(v) for a function in Rego: its parameter stands for what v does.
func (s *scan) call(e *ast.Expr) bool {
	if !e.IsCall() {
		return false
	}
	callees := s.compiler.GetRules(e.Operator())
	if len(callees) == 0 {
		return false
	}
	for i, arg := range e.Operands() {
		v, ok := arg.Value.(ast.Var)
		if !ok || !s.handOver(callees, i, s.aliases[v]) {
			s.walk(arg)
		}
	}
	return true
}

// handOver hands an argument's aliases to the parameters that it may become. It
// refuses where a parameter is a pattern or the call's output.
func (s *scan) handOver(callees []*ast.Rule, i int, paths [][]string) bool {
	for _, r := range callees {
		for ; r != nil; r = r.Else {
			if i >= len(r.Head.Args) {
				return false
			}
			param, ok := r.Head.Args[i].Value.(ast.Var)
			if !ok {
				return false
			}
			s.alias(param, paths)
		}
	}
	return true
}
