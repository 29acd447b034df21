// Package decode turns the nodes of documents into API types, strictly.
//
// In: objects of the loader. Out: for each a [Decoded], with the API type of its
// kind, the problems for which the API server or istiod would refuse it (each
// with its place), and whether it is believed. [All] is the entry; [Tier] reads
// the policies of policy.networking.k8s.io, and [Decoder.Into] parts of other
// documents.
//
// The kinds are listed in kinds.go; other kinds stay nodes, which the functions
// of nodes.go read. Validation stands in one file for each kind
// (validate_*.go), in the order of the upstream function that it cites.
//
// Not here: what objects mean together (selectors are parsed by inventory, not
// resolved here), and which policies apply.
package decode
