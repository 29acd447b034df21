// Package mesh answers what Istio makes of the workloads of a set: which of
// them are in the mesh, which mode of mutual TLS each of their ports accepts,
// and what TLS clients send.
//
// In: the inventory of the set, and the mesh configuration that [ReadConfig]
// finds in it. Entry: [New], which reads PeerAuthentications, DestinationRules,
// Sidecars and ServiceEntries and decides about every workload and port. Out:
// [Mesh], which does not change after New, and the facts that rules read.
//
// The package does not read AuthorizationPolicies (package authz), does not
// know NetworkPolicies (package netpol), and does not join a client's TLS with
// the server's mode for a pair of workloads (package connect).
package mesh
