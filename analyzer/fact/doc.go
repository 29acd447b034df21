// Package fact is the contract between the analyzer and the rules: what a rule
// can read of a manifest, and the evidence that a finding is built from.
//
// Each struct named ...Facts is one part of the rules' input. Its JSON names,
// the values (tag enum) and their meaning (tag doc) are the rules' interface;
// [Schema] makes the JSON schema of it, against which rules are compiled. A
// [Subject] is one thing that rules judge, with its facts; [Subject.At] leads
// from a path in the facts to the [Evidence], which rules never see.
//
// The package also holds the words that all parts of the analyzer share: [Tri]
// for answers, [Verdict] and [Reason] for connections, and the enumerations of
// the mesh.
//
// Not here: how any fact is computed. The package imports only the loader.
package fact
