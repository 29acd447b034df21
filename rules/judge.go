package rules

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// evalTimeout limits one evaluation, which takes microseconds: what needs
// longer would also fill the memory, for which Rego knows no limit.
const evalTimeout = 2 * time.Second

// maxResults limits what one evaluation may return.
const maxResults = 1000

// Result is what a judging found.
type Result struct {
	Findings    []Finding // sorted by file, line, column, rule and message
	Evaluations int       // how often Rego was asked
}

// Judge judges every subject of the model by every rule of the set. An error
// names the rule that failed, and then there are no findings.
func (s *Set) Judge(ctx context.Context, m *analyzer.Model) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	j := &judging{set: s, classes: map[string]class{}, memo: map[string][]verdict{}, drafts: newDrafts()}
	for i := range m.Subjects {
		if err := j.judge(ctx, &m.Subjects[i]); err != nil {
			return Result{}, err
		}
	}
	return Result{Findings: j.drafts.findings(), Evaluations: j.evaluations}, nil
}

// judging is one run over a model.
type judging struct {
	set         *Set
	classes     map[string]class     // by type and facts
	memo        map[string][]verdict // by rule and the facts that it reads
	drafts      *drafts
	evaluations int
}

// class is all subjects with equal facts, and what the rules say of them.
type class []ruling

type ruling struct {
	rule     *rule
	verdicts []verdict
}

func (j *judging) judge(ctx context.Context, s *fact.Subject) error {
	facts, err := s.AppendJSON(nil, func(field string) bool { return j.set.reads(s.Type, field) })
	if err != nil {
		return err
	}
	key := s.Type + " " + string(facts)
	c, known := j.classes[key]
	if !known || j.set.unshared {
		if c, err = j.classify(ctx, s, facts); err != nil {
			return err
		}
		j.classes[key] = c
	}
	for _, r := range c {
		for i := range r.verdicts {
			if err := j.drafts.add(r.rule, s, &r.verdicts[i]); err != nil {
				return r.rule.fail(s, err)
			}
		}
	}
	return nil
}

// classify asks every rule that reads the subject's type about its facts.
func (j *judging) classify(ctx context.Context, s *fact.Subject, facts []byte) (class, error) {
	decoded, err := decodeFacts(facts)
	if err != nil {
		return nil, fmt.Errorf("facts of input.%s: %w", s.Type, err)
	}
	var c class
	for _, r := range j.set.rules {
		if r.input != s.Type || r.off {
			continue
		}
		input := facts
		if !j.set.unshared {
			input = r.reads.project(nil, decoded)
		}
		verdicts, err := j.ask(ctx, r, input)
		if err != nil {
			return nil, r.fail(s, err)
		}
		if len(verdicts) > 0 {
			c = append(c, ruling{r, verdicts})
		}
	}
	return c, nil
}

// ask evaluates a rule, unless it has answered to the same input before.
func (j *judging) ask(ctx context.Context, r *rule, input []byte) ([]verdict, error) {
	key := r.ID + " " + string(input)
	if v, known := j.memo[key]; known && !j.set.unshared {
		return v, nil
	}
	j.evaluations++
	v, err := r.evaluate(ctx, input)
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("the time of %v for all rules is over: %w", j.set.timeout, err)
		}
		return nil, err
	}
	j.memo[key] = v
	return v, nil
}

// evaluate runs the rule on the JSON of what it reads.
func (r *rule) evaluate(ctx context.Context, input []byte) ([]verdict, error) {
	query, err := r.prepare()
	if err != nil {
		return nil, err
	}
	value, err := ast.ValueFromReader(strings.NewReader(`{"` + r.input + `":` + string(input) + `}`))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, evalTimeout)
	defer cancel()
	rs, err := query.Eval(ctx, rego.EvalParsedInput(value))
	switch {
	case topdown.IsCancel(err) || ctx.Err() != nil:
		return nil, fmt.Errorf("stopped, it took longer than %v", evalTimeout)
	case err != nil:
		return nil, readable(err)
	case len(rs) != 1:
		return nil, errors.New("deny is undefined")
	}
	set, ok := rs[0].Expressions[0].Value.(ast.Set)
	if !ok {
		return nil, errors.New("deny is no set")
	}
	return r.verdicts(set)
}

func (r *rule) prepareQuery() (rego.PreparedEvalQuery, error) {
	return rego.New(
		rego.Compiler(r.compiler),
		rego.ParsedQuery(ast.NewBody(ast.NewExpr(ast.NewTerm(r.deny)))),
		rego.StrictBuiltinErrors(true),
		// The results stay as they are: a giant set is refused before anything
		// is copied from it.
		rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t.Value, nil }),
	).PrepareForEval(context.Background())
}

// fail names the rule and the subject that it failed on.
func (r *rule) fail(s *fact.Subject, err error) error {
	if o := s.From.Object; o != nil {
		return fmt.Errorf("rule %s: on %s: %w", r.ID, objectName(o.Ref), err)
	}
	return fmt.Errorf("rule %s: %w", r.ID, err)
}
