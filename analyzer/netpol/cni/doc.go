// Package cni reads the policies of network plugins as far as to know which
// pods they may select: those of Cilium, Calico, Antrea and OVN-Kubernetes.
//
// In: an object of the loader. Out: its [Scope]s, by [Scopes]; none for an
// object that decides nothing about connections. Package netpol makes the
// verdicts about the pods of a scope unknown.
//
// Not here: what such policies admit. Whatever is not understood of a selector
// makes its answer unknown, never no.
//
// A plugin is added with a file of its own beside cilium.go and a case in
// [Scopes]; its kinds also go into [IsKind], [Family] and source.IsPolicy.
package cni
