# METADATA
# title: Selector in the mesh's root namespace
# description: |
#   In the root namespace (`istio-system` unless the mesh says otherwise) only a
#   PeerAuthentication without selector counts, for the whole mesh. One with a
#   selector is ignored altogether: it neither holds for the selected pods of
#   other namespaces, as an AuthorizationPolicy there would, nor for the mesh.
#   The workload that it was to make `STRICT` goes on accepting plaintext.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/
#     description: PeerAuthentication reference (root namespace)
#   - ref: https://github.com/istio/api/pull/3604
#     description: "istio/api#3604: selectors are ignored in the root namespace"
# custom:
#   severity: high
#   message: "PeerAuthentication {policy} is ignored: in the mesh's root namespace, policies with a selector have no effect"
#   remediation: |
#     Move the policy to the namespace of the workload that it is for, or remove
#     `spec.selector` if it is meant for the whole mesh.
#   tags: [mtls]
package rules.mtls["root-selector-ignored"]

deny contains {"at": ["pod_selector"]} if {
	input.peer_authentication.root_namespace
	input.peer_authentication.selector == "some"
}
