package rego

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	opa "github.com/open-policy-agent/opa/v1/rego"
)

// Program is modules that were compiled together.
type Program struct {
	compiler *ast.Compiler
	facts    *schema // nil where the modules are trusted
}

// Rule is one rule that can be evaluated. It may be used concurrently.
type Rule struct {
	Input string // the one name below input that it reads
	Reads *Reads // what it reads below that name

	deny     ast.Ref
	compiler *ast.Compiler
	prepare  func() (opa.PreparedEvalQuery, error) // once, when first needed
}

// Compile checks modules against the JSON schema of the input. Without a schema
// they are trusted.
func Compile(modules []*Module, schema []byte) (*Program, error) {
	byName := make(map[string]*ast.Module, len(modules))
	for _, m := range modules {
		byName[m.Name] = m.ast
	}
	p := &Program{}
	if schema == nil {
		p.compiler = newTrustingCompiler()
	} else {
		if err := json.Unmarshal(schema, &p.facts); err != nil {
			return nil, fmt.Errorf("schema of the facts: %w", err)
		}
		p.compiler = newCompiler(schema)
	}
	if p.compiler.Compile(byName); p.compiler.Failed() {
		return nil, readable(p.compiler.Errors)
	}
	return p, nil
}

// newCompiler checks everything: the fields that a rule reads, the functions
// that it calls, conflicts between modules.
func newCompiler(schema []byte, extraBuiltins ...string) *ast.Compiler {
	schemas := ast.NewSchemaSet()
	schemas.Put(ast.SchemaRootRef, decodedSchema(schema))
	return ast.NewCompiler().
		WithCapabilities(capabilities(extraBuiltins...)).
		WithSchemas(schemas).
		WithUseTypeCheckAnnotations(false). // a rule cannot bring a schema that forgives
		WithDefaultRegoVersion(ast.RegoV1)
}

func decodedSchema(text []byte) any {
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err) // what fact.Schema marshals, Unmarshal reads
	}
	return out
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

// Rule returns the rule that a module of the program defines: its `deny`. Where
// the program was checked against a schema, so is what the rule compares facts
// with and at which of them it points.
func (p *Program) Rule(m *Module) (*Rule, error) {
	module := p.compiler.Modules[m.Name]
	deny := module.Package.Path.Append(ast.StringTerm("deny"))
	if found := p.compiler.GetRulesExact(deny); len(found) == 0 || found[0].Head.RuleKind() != ast.MultiValue {
		return nil, fmt.Errorf("%s:%d: no `deny contains …`", m.Name, m.Row)
	}
	s := scanModule(p.compiler, module)
	input, err := s.input()
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", m.Name, m.Row, err)
	}
	if p.facts != nil {
		if err := s.checkValues(p.facts); err != nil {
			return nil, err
		}
		if err := s.checkPaths(p.facts, input); err != nil {
			return nil, err
		}
	}
	r := &Rule{Input: input, Reads: s.root.fields[input], deny: deny, compiler: p.compiler}
	r.prepare = sync.OnceValues(r.prepareQuery)
	return r, nil
}
