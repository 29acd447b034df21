package rego

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// testTimeout ends a test that never would: OPA's tester knows no steps. A test
// takes less than a millisecond.
const testTimeout = 5 * time.Minute

// TestResult is the outcome of one test.
type TestResult struct {
	File            string
	Row             int
	Name            string
	Passed, Skipped bool
	Err             error // that it ended with
}

// Test runs the tests of modules, checked against the JSON schema of the input,
// under the limits that rules have. The results are in the order of the source.
func Test(ctx context.Context, modules []*Module, schema []byte) ([]TestResult, error) {
	byName := make(map[string]*ast.Module, len(modules))
	for _, m := range modules {
		byName[m.Name] = m.ast
	}
	store := inmem.New()
	txn, err := store.NewTransaction(ctx, storage.TransactionParams{})
	if err != nil {
		return nil, err
	}
	defer store.Abort(ctx, txn)
	running, err := tester.NewRunner().SetCompiler(newCompiler(schema, "internal.test_case")).SetStore(store).SetModules(byName).
		SetTimeout(testTimeout).RaiseBuiltinErrors(true).RunTests(ctx, txn)
	if err != nil {
		return nil, readable(err)
	}
	var results []TestResult
	for r := range running {
		results = append(results, testResult(r))
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	slices.SortFunc(results, func(a, b TestResult) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return a.Row - b.Row
	})
	return results, nil
}

func testResult(r *tester.Result) TestResult {
	out := TestResult{File: r.Location.File, Row: r.Location.Row, Name: r.Name, Passed: r.Pass(), Skipped: r.Skip}
	switch {
	case topdown.IsCancel(r.Error):
		out.Err = fmt.Errorf("stopped: the time of %v for one test is over", testTimeout)
	case r.Error != nil:
		out.Err = readable(r.Error)
	}
	return out
}
