// Package calls finds the connections that the manifests of a set ask for: the
// hosts that workloads name in variables, arguments and configuration, the
// backends that Ingresses, Gateway API routes and VirtualServices lead to, and
// what Prometheus scrapes.
//
// In: the inventory of the set. Entry: [New]. Out: [Calls.References] of a
// workload, [Calls.Routes] and [Calls.Scrapes].
//
// The package does not ask whether policies allow any of it (package flow), and
// it never returns the text of a variable: only the host and port in it.
package calls
