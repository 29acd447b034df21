package rules

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/util"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// rule is one rule that can be judged.
type rule struct {
	*Meta
	texts
	input    string // the one name below input that it reads
	reads    *reads // what it reads below that name
	deny     ast.Ref
	compiler *ast.Compiler
	prepare  func() (rego.PreparedEvalQuery, error) // once, when first needed
	off      bool                                   // known, and not judged
}

// parsed is a module and, if it is a rule, its ID.
type parsed struct {
	*regoFile
	module *ast.Module
	id     string
}

// parseAll parses every source and finds out which are rules.
func parseAll(sources []*regoFile, embeddedIDs []string) ([]parsed, error) {
	out := make([]parsed, 0, len(sources))
	taken := map[string]string{}
	for _, id := range embeddedIDs {
		taken[id] = "aisec-lint itself"
	}
	modules, errs := make([]*ast.Module, len(sources)), make([]error, len(sources))
	var wg sync.WaitGroup
	for i, src := range sources {
		wg.Go(func() { modules[i], errs[i] = parse(src) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for i, src := range sources {
		m := modules[i]
		id, err := src.id(m)
		if err != nil {
			return nil, err
		}
		if id != "" && src.custom() {
			if by, ok := taken[id]; ok {
				return nil, fmt.Errorf("%s:%d: rule %s is defined by %s", src.name, m.Package.Location.Row, id, by)
			}
			taken[id] = src.name
		}
		out = append(out, parsed{src, m, id})
	}
	return out, nil
}

func parse(src *regoFile) (*ast.Module, error) {
	m, err := ast.ParseModuleWithOpts(src.name, string(src.text), ast.ParserOptions{
		ProcessAnnotation: true, RegoVersion: ast.RegoV1,
	})
	if err == nil && m == nil {
		err = fmt.Errorf("%s: empty", src.name)
	}
	return m, readable(err)
}

// id returns which rule a module is, "" for a helper. Below data.rules there
// are rules and nothing else, so that no helper can change one.
func (s *regoFile) id(m *ast.Module) (string, error) {
	var steps []string
	for _, term := range m.Package.Path[1:] {
		step, _ := term.Value.(ast.String)
		steps = append(steps, string(step))
	}
	id := ""
	if steps[0] == "rules" {
		id = strings.Join(steps[1:], "/")
		if len(steps) != 3 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-_/") != "" {
			return "", fmt.Errorf("%s:%d: a rule's package is rules.<family>[\"<name>\"], in lower case", s.name, m.Package.Location.Row)
		}
	}
	if !s.custom() && id != s.folder {
		return "", fmt.Errorf("%s:%d: the folder wants package rules.%s[%q]", s.name, m.Package.Location.Row, path.Dir(s.folder), path.Base(s.folder))
	}
	return id, nil
}

// compile checks the modules together and makes the wanted rules of them.
func compile(modules []parsed, wanted selection, prove bool) ([]*rule, error) {
	byName := map[string]*ast.Module{}
	for _, p := range modules {
		prove = prove || p.custom()
		if p.id == "" || wanted.includes(p.id) {
			byName[p.name] = p.module
		}
	}
	c := newTrustingCompiler()
	if prove {
		c = newCompiler()
	}
	if c.Compile(byName); c.Failed() {
		return nil, readable(c.Errors)
	}
	var out []*rule
	for _, p := range modules {
		if p.id == "" || !wanted.includes(p.id) {
			continue
		}
		r, err := newRule(c, p, prove)
		if err != nil {
			return nil, err
		}
		r.off = r.Off && !names(wanted.enable, r.ID)
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *rule) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// newCompiler checks everything: the fields that a rule reads, the functions
// that it calls, conflicts between modules.
func newCompiler(extraBuiltins ...string) *ast.Compiler {
	var schema any
	if err := util.Unmarshal(fact.Schema(), &schema); err != nil {
		panic(err) // what Schema marshals, Unmarshal reads
	}
	schemas := ast.NewSchemaSet()
	schemas.Put(ast.SchemaRootRef, schema)
	return ast.NewCompiler().
		WithCapabilities(capabilities(extraBuiltins...)).
		WithSchemas(schemas).
		WithUseTypeCheckAnnotations(false). // a rule cannot bring a schema that forgives
		WithDefaultRegoVersion(ast.RegoV1)
}

// newTrustingCompiler leaves out what only finds mistakes. It is for rules that
// were embedded, and so proven by the tests: it saves a fifth of the start.
func newTrustingCompiler() *ast.Compiler {
	return ast.NewCompiler().
		WithCapabilities(capabilities()).
		WithDefaultRegoVersion(ast.RegoV1).
		WithSkipStages(ast.StageCheckTypes, ast.StageCheckUndefinedFuncs, ast.StageCheckUnsafeBuiltins, ast.StageCheckDeprecatedBuiltins,
			ast.StageCheckRuleConflicts, ast.StageBuildRequiredCapabilities)
}

func newRule(c *ast.Compiler, p parsed, prove bool) (*rule, error) {
	meta, texts, err := readMeta(p.regoFile, p.id, p.module)
	if err != nil {
		return nil, err
	}
	module := c.Modules[p.name]
	row := module.Package.Location.Row
	deny := module.Package.Path.Append(ast.StringTerm("deny"))
	if found := c.GetRulesExact(deny); len(found) == 0 || found[0].Head.RuleKind() != ast.MultiValue {
		return nil, fmt.Errorf("%s:%d: no `deny contains …`", p.name, row)
	}
	s := scanModule(c, module)
	input, err := s.input()
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", p.name, row, err)
	}
	if prove {
		if err := s.checkValues(); err != nil {
			return nil, err
		}
	}
	r := &rule{Meta: meta, texts: texts, input: input, reads: s.root.fields[input], deny: deny, compiler: c}
	r.prepare = sync.OnceValues(r.prepareQuery)
	return r, nil
}

// readable writes OPA's errors in one line each: file:line: what is wrong.
func readable(err error) error {
	var list ast.Errors
	if !errors.As(err, &list) {
		return err
	}
	var lines []string
	for _, e := range list {
		text := e.Message
		if d, ok := e.Details.(*ast.RefErrInvalidDetail); ok {
			text = undefinedField(d)
		}
		if e.Location != nil {
			text = fmt.Sprintf("%s:%d: %s", e.Location.File, e.Location.Row, text)
		}
		lines = append(lines, text)
	}
	slices.Sort(lines)
	return errors.New(strings.Join(slices.Compact(lines), "\n"))
}

func undefinedField(d *ast.RefErrInvalidDetail) string {
	text := fmt.Sprintf("no such field: %s", d.Ref)
	var known []string
	for _, v := range d.OneOf {
		if s, ok := v.(ast.String); ok {
			known = append(known, string(s))
		}
	}
	if len(known) == 0 {
		return text
	}
	have := ""
	if s, ok := d.Ref[d.Pos].Value.(ast.String); ok {
		have = string(s)
	}
	return fmt.Sprintf("%s; one of %s%s", text, strings.Join(known, ", "), near(have, known))
}
