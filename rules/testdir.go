package rules

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/rules/rego"
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
		if !r.Passed && !r.Skipped {
			verdict = "FAIL"
			failures++
		}
		if r.Skipped {
			verdict = "skip"
		}
		reason := ""
		if r.Err != nil {
			reason = ": " + r.Err.Error()
		}
		if _, err := fmt.Fprintf(w, "%s %s:%d: %s%s\n", verdict, r.File, r.Row, r.Name, reason); err != nil {
			return failures > 0, err
		}
	}
	_, err = fmt.Fprintf(w, "%d tests, %d failed\n", len(results), failures)
	return failures > 0, err
}

// runTests runs the tests of sources, which may import data.lib.
func runTests(ctx context.Context, sources []*regoFile) ([]rego.TestResult, error) {
	lib, err := library(embedded)
	if err != nil {
		return nil, err
	}
	modules, err := parseModules(append(lib, sources...))
	if err != nil {
		return nil, err
	}
	return rego.Test(ctx, modules, fact.Schema())
}
