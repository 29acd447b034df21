# METADATA
# title: Policy admits a peer that does not exist
# description: |
#   A peer of a NetworkPolicy rule is found by the labels of pods and of their
#   namespaces. A peer that matches nothing admits nobody, so that the caller it
#   was written for is kept out, or another rule was widened until it worked.
#   Three slips are usual: a label that the pods do not carry, a `podSelector`
#   alone for pods of another namespace, and a namespace picked by a label such
#   as `name` that nobody sets: only `kubernetes.io/metadata.name` is there by
#   itself.
#
#   It is said only where every pod of the namespace is known, or where the
#   namespace that was meant is in the tree without that label.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
#     description: "Kubernetes: behavior of to and from selectors"
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
#     description: "Kubernetes: targeting a Namespace by its name"
# custom:
#   severity: medium
#   messages:
#     pods: "an {direction} rule of NetworkPolicy {policy} names {peer}: namespace {namespace} has no such pod"
#     suggest: "an {direction} rule of NetworkPolicy {policy} names {peer}: namespace {namespace} has no such pod, but one labelled {suggestion}"
#     namespace: "an {direction} rule of NetworkPolicy {policy} names {peer}: such pods live in namespace {home}, which the peer does not reach"
#     label: "an {direction} rule of NetworkPolicy {policy} names {peer}: namespace {namespace} does not carry the label {label}"
#   notes:
#     namespace: "the namespace"
#   remediation: |
#     Give the selector labels that the caller's pods carry. For pods of another
#     namespace write `namespaceSelector` with `kubernetes.io/metadata.name` beside
#     `podSelector` in the same peer. Delete the peer if the caller is gone.
#   tags: [network-policy]
package rules.netpol["dead-peer"]

import data.lib

deny contains {"at": ["rules", i, "peers", j], "message": _message(peer)} if {
	some i, j
	peer := _dead[i][j]
	peer.missing != "label"
}

deny contains {
	"at": ["rules", i, "peers", j],
	"message": "label",
	"related": [{"at": ["rules", i, "peers", j, "namespace"], "note": "namespace"}],
} if {
	some i, j
	_dead[i][j].missing == "label"
}

# A split peer is netpol/or-instead-of-and, and said there.
_dead[i][j] := peer if {
	some i, rule in input.network_policy.rules
	rule.applies
	some j, peer in rule.peers
	peer.missing != ""
	not peer.split
}

_message(peer) := "namespace" if peer.missing == "namespace"

else := lib.suggested(peer, "suggest", "pods")
