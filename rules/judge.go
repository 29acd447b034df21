package rules

import (
	"context"
	"fmt"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/rules/rego"
)

// What a user's rules may take. Of our own the longest evaluation of the corpus
// takes about a thousand steps; a million take less than a second, a hundred
// million a minute.
const (
	mostSteps    = 1_000_000   // of one evaluation
	mostAllSteps = 100_000_000 // of all evaluations of one Judge
)

// Result is what a judging found.
type Result struct {
	Findings    []Finding // sorted by file, line, column, rule and message
	Evaluations int       // how often Rego was asked
}

// Judge judges every subject of the model by every rule of the set. An error
// names the rule that failed, and then there are no findings.
func (s *Set) Judge(ctx context.Context, m *analyzer.Model) (Result, error) {
	return s.judge(ctx, m, rego.NewBudget(mostSteps, mostAllSteps))
}

func (s *Set) judge(ctx context.Context, m *analyzer.Model, budget *rego.Budget) (Result, error) {
	j := &judging{set: s, budget: budget, classes: map[string]class{}, memo: map[string][]verdict{}, drafts: newDrafts()}
	for i := range m.Subjects {
		if err := j.judge(ctx, &m.Subjects[i]); err != nil {
			return Result{}, err
		}
	}
	return Result{Findings: j.drafts.findings(len(m.Environments)), Evaluations: j.evaluations}, nil
}

// judging is one run over a model.
type judging struct {
	set         *Set
	budget      *rego.Budget         // of a user's rules
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
	decoded, err := rego.Decode(facts)
	if err != nil {
		return nil, fmt.Errorf("facts of input.%s: %w", s.Type, err)
	}
	var c class
	for _, r := range j.set.rules {
		if r.Input != s.Type || r.off {
			continue
		}
		input := facts
		if !j.set.unshared {
			input = r.Reads.Project(nil, decoded)
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
	budget := j.budget
	if !r.Custom {
		budget = nil // ours are known to end
	}
	answers, err := r.Eval(ctx, input, budget)
	if err != nil {
		return nil, err
	}
	v, err := r.verdicts(answers)
	if err != nil {
		return nil, err
	}
	j.memo[key] = v
	return v, nil
}

// fail names the rule and the subject that it failed on.
func (r *rule) fail(s *fact.Subject, err error) error {
	if o := s.From.Object; o != nil {
		return fmt.Errorf("rule %s: on %s: %w", r.ID, objectName(o.Ref), err)
	}
	return fmt.Errorf("rule %s: %w", r.ID, err)
}
