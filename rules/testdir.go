package rules

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
)

// TestDir runs the Rego tests of a user's rules under the limits that the rules
// have, and writes a line for each. Its error is that the tests could not run.
func TestDir(ctx context.Context, dir string, w io.Writer) (failed bool, err error) {
	sources, err := userSources(dir, func(name string) bool { return filepath.Ext(name) == ".rego" })
	if err != nil {
		return false, err
	}
	results, err := runTests(ctx, sources)
	if err != nil {
		return false, err
	}
	if len(results) == 0 {
		return false, fmt.Errorf("%s: no test; a test is a rule test_… in a file …_test.rego", dir)
	}
	failures := 0
	for _, r := range results {
		verdict := "ok  "
		if !r.Pass() && !r.Skip {
			verdict = "FAIL"
			failures++
		}
		if r.Skip {
			verdict = "skip"
		}
		reason := ""
		if r.Error != nil {
			reason = ": " + readable(r.Error).Error()
		}
		if _, err := fmt.Fprintf(w, "%s %s:%d: %s%s\n", verdict, r.Location.File, r.Location.Row, r.Name, reason); err != nil {
			return failures > 0, err
		}
	}
	_, err = fmt.Fprintf(w, "%d tests, %d failed\n", len(results), failures)
	return failures > 0, err
}

// runTests returns the results in the order of the source.
func runTests(ctx context.Context, sources []*regoFile) ([]*tester.Result, error) {
	modules := map[string]*ast.Module{}
	for _, src := range sources {
		m, err := parse(src)
		if err != nil {
			return nil, err
		}
		modules[src.name] = m
	}
	c := newCompiler("internal.test_case")
	store := inmem.New()
	txn, err := store.NewTransaction(ctx, storage.TransactionParams{})
	if err != nil {
		return nil, err
	}
	defer store.Abort(ctx, txn)
	running, err := tester.NewRunner().SetCompiler(c).SetStore(store).SetModules(modules).SetTimeout(evalTimeout).
		RaiseBuiltinErrors(true).RunTests(ctx, txn)
	if err != nil {
		return nil, readable(err)
	}
	var results []*tester.Result
	for r := range running {
		results = append(results, r)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	slices.SortFunc(results, func(a, b *tester.Result) int {
		if c := strings.Compare(a.Location.File, b.Location.File); c != 0 {
			return c
		}
		return a.Location.Row - b.Location.Row
	})
	return results, nil
}
