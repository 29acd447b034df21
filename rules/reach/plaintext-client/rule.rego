# METADATA
# title: Caller outside the mesh meets required mutual TLS
# description: |
#   The manifest of a workload names a Service, in its environment or its
#   arguments, and sends plaintext: it has no proxy, or excludes the port from
#   what its proxy takes. Every pod behind the Service requires mutual TLS on
#   that port, so that the call fails.
#
#   Only literal `host:port` and `scheme://host` of Services of the tree are
#   recognised.
# related_resources:
#   - ref: https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/
#     description: "Istio: mutual TLS migration"
#   - ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/
#     description: PeerAuthentication reference
# custom:
#   severity: high
#   message: "{client} calls Service {service} on port {port} without a proxy, and {decider} requires mutual TLS of {workloads}: the call fails"
#   messages:
#     excluded-outbound: "{client} calls Service {service} on port {port} beside its proxy (`excludeOutboundPorts`), and {decider} requires mutual TLS of {workloads}: the call fails"
#   remediation: |
#     Enrol {client} in the mesh. Where it cannot join, exempt the port with
#     `portLevelMtls: PERMISSIVE` and admit the caller alone by NetworkPolicy.
#   tags: [mesh, mtls]
package rules.reach["plaintext-client"]

deny contains {"at": ["ports", i, "plaintext_callers", j]} if {
	some i, port in input.workload.ports
	some j, caller in port.plaintext_callers
	caller.kind == "no-mesh"
}

deny contains {"at": ["ports", i, "plaintext_callers", j], "message": "excluded-outbound"} if {
	some i, port in input.workload.ports
	some j, caller in port.plaintext_callers
	caller.kind == "excluded-outbound"
}
