package rego

import (
	"context"
	"errors"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	opa "github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// Eval evaluates the rule on the JSON of what it reads below its input. A nil
// budget is none, for rules that are known to end.
func (r *Rule) Eval(ctx context.Context, facts []byte, b *Budget) ([]Verdict, error) {
	query, err := r.prepare()
	if err != nil {
		return nil, err
	}
	value, err := ast.ValueFromReader(strings.NewReader(`{"` + r.Input + `":` + string(facts) + `}`))
	if err != nil {
		return nil, err
	}
	steps := b.begin(ctx)
	rs, err := query.Eval(ctx, opa.EvalParsedInput(value), opa.EvalExternalCancel(steps))
	exhausted := b.end(steps)
	switch {
	case topdown.IsCancel(err) && ctx.Err() != nil:
		return nil, ctx.Err()
	case topdown.IsCancel(err):
		return nil, exhausted
	case err != nil:
		return nil, readable(err)
	case len(rs) != 1:
		return nil, errors.New("deny is undefined")
	}
	set, ok := rs[0].Expressions[0].Value.(ast.Set)
	if !ok {
		return nil, errors.New("deny is no set")
	}
	return verdicts(set)
}

func (r *Rule) prepareQuery() (opa.PreparedEvalQuery, error) {
	return opa.New(
		opa.Compiler(r.compiler),
		opa.ParsedQuery(ast.NewBody(ast.NewExpr(ast.NewTerm(r.deny)))),
		opa.StrictBuiltinErrors(true),
		// The results stay as they are: a giant set is refused before anything
		// is copied from it.
		opa.GenerateJSON(func(t *ast.Term, _ *opa.EvalContext) (any, error) { return t.Value, nil }),
	).PrepareForEval(context.Background())
}
