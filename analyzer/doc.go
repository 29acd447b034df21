// Package analyzer derives what manifests mean: which pods there are and which
// product they run, what selects them, whom network policies admit, which pods
// are in the mesh, which mutual TLS their ports accept and their clients send,
// whom authorization allows, and which connections the manifests need.
//
// Build takes the loader's tree set by set through a fixed list of passes and
// lays out the facts that rules judge. It holds all semantics — selectors,
// precedence, unions — so that they are decided once and tested once; the
// rules only judge.
//
// Three habits run through it:
//
//   - A fact is yes, no or unknown. What was not read, what a controller adds
//     and what another tool fills in make a claim of absence unknown. A
//     namespace in which every pod is known is called closed.
//   - A fact carries the object and path it came from (Evidence), beside the
//     digest that rules see. Names are never part of the digest.
//   - Each semantic decision names the paragraph of Kubernetes or Istio that
//     it follows.
//
// The files belong together by subject: policies and their evaluation
// (netpol, network, tiers…), other kinds of policies (cilium, calico, antrea),
// the mesh (membership, capture, compose, clients, meshlayer), authorization
// (authz…), what is needed (references, routes, scrapes, flow…), workloads of
// operators (operator…), products (products, control…), and the naive
// evaluators that the tests hold each of them against (naive…_test).
//
// Workloads are indexed by namespace and label, and a selector looks only at
// those that carry its rarest label, so that the cost stays close to linear in
// objects plus matches.
package analyzer
