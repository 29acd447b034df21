// Package rules knows verdicts: it judges the facts of analyzer by Rego and
// says what is wrong, where, and what to do.
//
// A rule is a folder, <family>/<name>/, and its ID is that path. It is found by
// its place: no list names it. rule.rego holds the metadata, as annotations,
// and `deny`; bad.yaml and good.yaml show the defect and its repair; README.md
// is rendered from them and is what `explain` prints. TestLaws proves every
// folder.
//
// A rule reads one name below input (input.workload, input.service, …) and is
// judged against every subject of that type. It sees small digested facts
// without names and answers with a path into them; Judge turns the path into a
// place, fills the message's placeholders and unites the results that say the
// same of the same place. So equal facts need judging once: compiling tells
// which paths a rule can read (reads.go), what stands at those paths is all
// that the rule is given, and its answer is kept under exactly that input.
//
// Rego is a language in which others may write (--rules DIR), so it runs
// without the network, the clock and chance: the built-in functions are an
// allow-list (capabilities.go), results are capped and time is limited. The
// schema of the facts types every rule, so that a misspelt field does not
// compile. A rule that fails is an error which names it, never a silent pass.
//
//	load.go          where rules come from, and which are wanted
//	compile.go       Rego to checked rules, errors with file and line
//	meta.go          annotations to Meta
//	template.go      {placeholders}
//	reads.go scan.go which facts a rule can read
//	values.go        with what they are compared
//	projection.go    those facts of one subject
//	judge.go         subjects to verdicts, each once
//	verdict.go       what a rule may answer
//	draft.go         verdicts, united by place
//	finish.go        the findings made of them
//	page.go          a rule's README
//	testdir.go       a user's own Rego tests
package rules
