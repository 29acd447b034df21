# METADATA
# title: DISABLE has no effect in ambient mode
# description: |
#   In ambient mode, ztunnel always offers the mesh's tunnel: `DISABLE` cannot
#   turn mutual TLS off, and acts as `PERMISSIVE` does. Callers of the mesh go on
#   using mutual TLS, and callers outside it may send plaintext. On a port it
#   lifts a `STRICT` of the same policy, but of itself not one that is inherited.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-MutualTLS-Mode
#     description: PeerAuthentication reference (mode)
#   - ref: https://istio.io/latest/docs/ambient/usage/verify-mtls-enabled/
#     description: "Istio: mutual TLS in ambient mode"
# custom:
#   severity: medium
#   message: "PeerAuthentication {policy} turns mutual TLS off for {workloads}, which is in ambient mode: `DISABLE` does not do that there"
#   remediation: |
#     Write `PERMISSIVE` if plaintext shall be accepted, `STRICT` if it shall not. To
#     take a workload out of the mesh, label its pods `istio.io/dataplane-mode: none`.
#   tags: [mtls, ambient]
package rules.mtls["ambient-disable-noop"]

deny contains {"at": ["ambient"]} if {
	input.peer_authentication.ambient.affected == "yes"
}

deny contains {"at": ["ports", i, "ambient"]} if {
	some i, port in input.peer_authentication.ports
	port.ambient.affected == "yes"
}
