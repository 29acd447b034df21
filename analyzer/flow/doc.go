// Package flow finds the connections that a tree cannot do without, and asks
// whether policies let them through: DNS, istiod, admission webhooks, HBONE and
// probes of the ambient mesh, the Services that workloads name, the backends of
// routes, and scraped metrics.
//
// In: [connect.Layers] and [calls.Calls] of one set. Entry: [New]. Out:
// [Needs.Subjects], one subject per needed connection, [Needs.HBONEOverbroad]
// and [Needs.PlaintextCallers] for the facts of workloads and ports.
//
// The package does not decide about ports or TLS by itself: netpol and connect
// do. It says nothing of connections that no manifest asks for.
package flow
