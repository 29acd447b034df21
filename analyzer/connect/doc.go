// Package connect answers who may connect to whom in a set: what the network
// (NetworkPolicies and the tiers around them), the mesh (TLS of both sides) and
// AuthorizationPolicies together make of a connection.
//
// In: [netpol.Network], [mesh.Mesh] and [authz.Policies] of one set. Entry:
// [New], which joins them into [Layers]; [Sets] are the layers of all sets of a
// tree. Out: [Sets.Connectivity] lists the connections that are allowed,
// [Sets.Why] explains one, [Sets.MTLSPorts] and [Sets.MTLSClients] list modes,
// and [Layers.Segments] answers for one pair of workloads.
//
// The package decides nothing by itself: every verdict comes from one of its
// inputs. Which connections a tree needs is the question of package flow.
package connect
