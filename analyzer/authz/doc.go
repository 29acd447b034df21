// Package authz answers what the AuthorizationPolicies of a set allow: whether a
// caller may send requests to a port of a workload, and what is wrong with a
// policy or one of its rules.
//
// In: [mesh.Mesh], from which it takes the inventory, who is in the mesh and
// which ports a proxy takes. Entry: [New], which reads AuthorizationPolicies and
// RequestAuthentications and finds where each is in force. Out: [Policies], with
// [Policies.Authorize] for a caller and a port, [Policies.Cover] for a port, and
// the subjects that rules read.
//
// The package does not decide whether a connection reaches the port, nor which
// TLS it has: package connect asks for that and passes the caller's identity in.
// It does not follow policies that are attached to waypoints: where one may
// stand before a workload, the answer is unknown.
package authz
