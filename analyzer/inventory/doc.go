// Package inventory lists what a scope of manifests is made of: its namespaces,
// the workloads with their ports, and the Services that lead to them.
//
// In go decoded objects; out comes an [Inventory], made by [New] in one pass and
// not changed afterwards. It says which pods a selector finds ([WorkloadIndex]),
// which namespaces are complete, so that "selects nothing" is a fact there, what
// a host name leads to ([NameIndex]), which pods policies speak of that no
// manifest defines, and which product a workload runs.
//
// The package resolves no policy and knows no mesh.
package inventory
