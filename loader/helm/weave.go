package helm

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	ast "text/template/parse"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// weaver rewrites the templates of a chart before they are rendered, from their
// parse trees, so that two things come out beside the text: where each stretch
// of it was written (marks), and what the rendering has cost so far (a budget,
// because the execution of a template cannot be stopped from outside).
//
//   - Every text and every action is preceded by a call that prints an invisible
//     mark, but only at the top: inside `include` and `tpl` it prints nothing,
//     so that no function ever sees a mark and the text without its marks is
//     what the template alone would give (TestHelmWeave holds this).
//   - Arguments of functions that walk their arguments are weighed before.
//
// Trim markers need no care: the parser has applied them.
type weaver struct {
	marks []templateMark // by number; the first is nothing
	err   error          // of a template that is not to be rendered
}

// templateMark is a stretch of a template.
type templateMark struct {
	file       *yaml.File
	start, end int      // bytes of the file
	text       bool     // printed as it stands, so that offsets carry over
	values     []string // of an action that prints one value: where it is in `.Values`
}

const (
	maxBlocks = 500

	markStart = '\x1e'
	markEnd   = '\x1f'
)

// The functions that a woven template calls.
const (
	fnMark  = "__mark"
	fnTick  = "__tick"
	fnOut   = "__out"
	fnIn    = "__in"
	fnEnter = "__enter"
	fnText  = "__text"
	fnLeave = "__leave"
	fnDown  = "__down"
	fnUp    = "__up"
	fnFiles = "__files"
	fnNever = "__never"
)

// weaving is the work on one template.
type weaving struct {
	*weaver
	file *yaml.File    // nil for text that is given to `tpl`
	only *templateMark // of a template without a file: where everything of it stands
	out  strings.Builder
	deep int
}

// weave returns the template rewritten. A text that does not parse is left for
// Helm to complain about.
func (w *weaver) weave(text string, file *yaml.File, only *templateMark) string {
	const main = "\x00main"
	set := map[string]*ast.Tree{}
	tree := ast.New(main)
	tree.Mode = ast.SkipFuncCheck
	if _, err := tree.Parse(text, "", "", set); err != nil || tree.Root == nil {
		return text
	}
	p := weaving{weaver: w, file: file, only: only}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if name == main || set[name].Root == nil {
			continue
		}
		p.out.WriteString("{{define " + strconv.Quote(name) + "}}")
		p.list(set[name].Root, scope{})
		p.out.WriteString("{{end}}")
	}
	p.list(tree.Root, scope{known: true})
	return p.out.String()
}

func (p *weaving) list(l *ast.ListNode, s scope) {
	if l == nil {
		return
	}
	if p.deep++; p.deep > maxBlocks {
		p.err = fmt.Errorf("blocks of a template are nested more than %d deep", maxBlocks)
		return
	}
	defer func() { p.deep-- }()
	ticked := false
	for _, n := range l.Nodes {
		_, isText := n.(*ast.TextNode)
		if !ticked && !isText {
			p.tick(n)
		}
		ticked = true
		p.node(n, s)
	}
	if !ticked {
		p.tick(l)
	}
}

// tick counts the turns of a loop, which may have nothing else in it.
func (p *weaving) tick(n ast.Node) {
	m := templateMark{file: p.file}
	if p.file != nil {
		m.start, m.end = actionBounds(p.file.Data, int(n.Position()))
	}
	p.call(fnTick + " " + strconv.Itoa(p.mark(m)))
}

func (p *weaving) call(text string) { p.out.WriteString("{{" + text + "}}") }

func (p *weaving) node(n ast.Node, s scope) {
	switch n := n.(type) {
	case *ast.TextNode:
		p.text(n)
	case *ast.ActionNode:
		p.methods(n.Pipe)
		p.action(n, s)
	case *ast.IfNode:
		p.methods(n.Pipe)
		p.branch("if", &n.BranchNode, s, s)
	case *ast.WithNode:
		p.methods(n.Pipe)
		inner := scope{}
		if path, ok := s.single(n.Pipe); ok {
			inner = scope{path, true}
		}
		p.branch("with", &n.BranchNode, s, inner)
	case *ast.RangeNode:
		p.methods(n.Pipe)
		p.branch("range", &n.BranchNode, s, scope{})
	case *ast.TemplateNode:
		p.call(fnDown)
		pipe := ""
		if n.Pipe != nil {
			p.methods(n.Pipe)
			pipe = " " + p.pipe(n.Pipe)
		}
		p.call("template " + strconv.Quote(n.Name) + pipe)
		p.call(fnUp)
	case *ast.BreakNode, *ast.ContinueNode:
		p.out.WriteString(n.String())
	}
}

func (p *weaving) branch(word string, b *ast.BranchNode, s, inner scope) {
	p.call(word + " " + p.pipe(b.Pipe))
	p.list(b.List, inner)
	if b.ElseList != nil {
		p.call("else")
		p.list(b.ElseList, s)
	}
	p.call("end")
}

// text writes a text behind its mark. Its last brace must not meet the braces
// of the call that follows.
func (p *weaving) text(n *ast.TextNode) {
	text := string(n.Text)
	id := p.mark(templateMark{file: p.file, start: int(n.Pos), end: int(n.Pos) + len(text), text: true})
	p.call(fnMark + " " + strconv.Itoa(id) + " " + strconv.Itoa(len(text)))
	rest, brace := strings.CutSuffix(text, "{")
	p.out.WriteString(rest)
	if brace {
		p.call(`"{"`)
	}
}

// action marks what an action prints. An action that only sets a variable
// prints nothing.
func (p *weaving) action(n *ast.ActionNode, s scope) {
	if len(n.Pipe.Decl) > 0 {
		p.call(p.pipe(n.Pipe))
		return
	}
	m := templateMark{file: p.file, values: s.value(n.Pipe)}
	if p.file != nil {
		m.start, m.end = actionBounds(p.file.Data, int(n.Pos))
	}
	p.call(fnMark + " " + strconv.Itoa(p.mark(m)) + " 0")
	p.call(p.pipe(n.Pipe) + " | " + fnOut)
}

// mark gives a stretch its number; 0 for text that is not in a file.
func (p *weaving) mark(m templateMark) int {
	switch {
	case p.only != nil:
		m = *p.only
	case p.file == nil:
		return 0
	}
	if len(p.marks) == 0 {
		p.marks = append(p.marks, templateMark{})
	}
	p.marks = append(p.marks, m)
	return len(p.marks) - 1
}
