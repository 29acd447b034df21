// Package rego is the home of Open Policy Agent: no other package imports it.
//
// What comes in is Rego text and the schema of the facts (fact.Schema).
// Parse reads a Module, Compile checks modules together, Program.Rule makes a
// Rule of one. A Rule says which facts it can read (Rule.Input, Rule.Reads) and
// Eval asks it: JSON of those facts in, Verdicts out. Test runs Rego tests
// under the same limits.
//
// It does not know what a rule is called, which rules are wanted, what a
// severity or a message is, where a finding stands: that is package rules.
//
// Rego is a language in which others may write, so it runs without the network,
// the clock and chance (capabilities.go), and its steps are counted, not its
// time (budget.go): the same rule fails or passes on every machine. The schema
// types every rule, so that a field, a value of an enumeration or a path that
// the facts do not have is refused when the rule is loaded, with file and line.
//
//	module.go       text to Module; its annotations
//	compile.go      Modules to Program, and what a Rule is
//	capabilities.go the functions that Rego may call
//	scan.go reads.go which facts a rule can read
//	values.go       with what a rule compares them
//	paths.go        at which of them it points
//	projection.go   those facts of one subject
//	eval.go         one evaluation
//	budget.go       how many steps it may take
//	verdict.go      what it may answer
//	tests.go        a user's own tests
//	errors.go       OPA's errors in one line each, and what was meant
package rego
