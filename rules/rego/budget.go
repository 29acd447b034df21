package rego

import (
	"context"
	"fmt"
	"math"
)

// Budget bounds the steps that evaluations may take. A step is one expression
// that OPA evaluates, so that a rule that is stopped is stopped on every
// machine, however slow or loaded. What it cannot bound is the work and the
// memory of one step: that is why capabilities leave out the functions that
// make much of little.
type Budget struct {
	each int // steps of one evaluation
	all  int // steps of all evaluations
	left int // of all
}

// NewBudget bounds each evaluation and all of them together.
func NewBudget(each, all int) *Budget { return &Budget{each, all, all} }

// begin starts counting one evaluation.
func (b *Budget) begin(ctx context.Context) *meter {
	if b == nil {
		return &meter{ctx: ctx, most: math.MaxInt}
	}
	return &meter{ctx: ctx, most: min(b.each, b.left)}
}

// end settles what an evaluation took, and says what it ran into if it was
// stopped.
func (b *Budget) end(m *meter) error {
	if b == nil {
		return nil
	}
	all := b.left < b.each
	b.left -= min(m.steps, b.left)
	if all {
		return fmt.Errorf("stopped: all evaluations of own rules together may take %d steps", b.all)
	}
	return fmt.Errorf("stopped after %d steps, which is what one evaluation may take: does it loop over too many combinations?", b.each)
}

// meter counts the steps of one evaluation. OPA asks it before every
// expression whether to go on (v1/topdown/eval.go, evalExpr): it can stop at any
// step, and costs nothing that can be measured, where a query tracer doubles
// the allocations of an evaluation.
type meter struct {
	ctx   context.Context //nolint:containedctx // lives for one call of Eval; topdown.Cancel has no other way to see it
	steps int
	most  int
}

// Cancelled counts a step and answers whether it is one too many.
func (m *meter) Cancelled() bool {
	m.steps++
	const now = 1 << 12 // steps between two looks at the context
	return m.steps > m.most || m.steps%now == 0 && m.ctx.Err() != nil
}

// Cancel is of the interface; nobody but the meter itself ends an evaluation.
func (m *meter) Cancel() {}
