// Package netpol evaluates Kubernetes network policies: NetworkPolicy, and the
// Admin and Baseline tiers of policy.networking.k8s.io.
//
// In: the inventory of one set of manifests. Out: a Network, which knows for
// every workload which policies select it, whether they isolate it, whom they
// admit on which ports ([PermitOn], [Network.Permits]), and the facts of rules
// about all that. [New] does the work: it reads and resolves every policy, so
// that a Network does not change afterwards.
//
// Workloads that no selector can tell apart are one [Endpoint]; addresses are
// the parts into which the ipBlocks of all policies cut the address space. No
// table of pairs is made: a question names two endpoints. Answers about sets
// have two bounds, definite and possible; what lies between is unknown.
//
// Not here: the policies of Cilium, Calico, Antrea and OVN (package cni finds
// the pods that they may select; verdicts about these become unknown), meshes,
// and the rows of `connectivity` (package connect).
package netpol
