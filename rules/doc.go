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
// which paths a rule can read, what stands at those paths is all
// that the rule is given, and its answer is kept under exactly that input.
//
// Everything of Open Policy Agent is in package rego, below this one: what a
// rule may call and compare, how many steps it may take, what it can read.
// A rule that fails is an error which names it, never a silent pass.
//
//	load.go          where rules come from, and which are wanted
//	compile.go       Rego to checked rules
//	meta.go          annotations to Meta
//	template.go      {placeholders}
//	judge.go         subjects to verdicts, each once
//	verdict.go       what a rule promised and answered
//	draft.go         verdicts, united by place
//	finish.go        the findings made of them
//	page.go          a rule's README
//	testdir.go       a user's own Rego tests
//	lib/             what rules share, in Rego
package rules
