// Package analyzer derives what manifests mean: which pods there are and which
// product they run, what selects them, whom network policies admit, which pods
// are in the mesh, which mutual TLS their ports accept and their clients send,
// whom authorization allows, and which connections the manifests need.
//
// In: the loader's source.Tree. Out: a Model: the subjects that rules judge, and
// the answers to questions about connections. Build makes the parts, each by the
// constructor of its package, from the parts before it:
//
//	fact       the rules' interface: types of facts, evidence
//	decode     nodes to API types; what the API server would refuse
//	inventory  namespaces, workloads, Services
//	netpol     network policies: which pods they select and admit
//	mesh       membership, capture, mutual TLS
//	authz      AuthorizationPolicies
//	calls      who calls which Service
//	connect    network, mesh and authorization of a pair
//	flow       connections that the manifests need
//
// Selectors, precedence and unions are decided here, once; the rules only judge.
//
// Three habits run through all of it:
//
//   - A fact is yes, no or unknown. What was not read, what a controller adds
//     and what another tool fills in make a claim of absence unknown. A
//     namespace in which every pod is known is called complete.
//   - A fact carries the object and path it came from (Evidence), beside the
//     digest that rules see. Names are never part of the digest.
//   - Each semantic decision names the paragraph of Kubernetes or Istio that
//     it follows.
//
// The tests here read whole trees. The naive evaluators (naive_*_test.go) say
// the documentation of Kubernetes and Istio again over single pods, ports and
// requests, and share no code with the packages that they check.
//
// Workloads are indexed by namespace and label, and a selector looks only at
// those that carry its rarest label, so that the cost stays close to linear in
// objects plus matches.
package analyzer
