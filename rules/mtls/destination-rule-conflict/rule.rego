# METADATA
# title: DestinationRule and PeerAuthentication do not fit together
# description: |
#   A `tls` block of a DestinationRule replaces automatic mutual TLS for the
#   clients that follow it, whatever the server requires. Plaintext or TLS of
#   another kind to a server that requires the mesh's mutual TLS fails, and so
#   does mutual TLS to a pod without proxy. `DISABLE` to a server that accepts
#   both goes through, without encryption and identity, and nobody notices.
#
#   Reported only where every pod behind the port is known and a workload of the
#   tree follows the rule: of several, the most specific host counts, in the
#   client's namespace before the Service's and the root namespace. A subset
#   counts when a VirtualService sends to it.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings
#     description: DestinationRule reference (ClientTLSSettings)
#   - ref: https://istio.io/latest/docs/ops/common-problems/network-issues/#503-errors-after-setting-destination-rule
#     description: "Istio: 503 errors after setting a destination rule"
# custom:
#   severity: high
#   messages:
#     plaintext-to-strict: "DestinationRule {rule} sends plaintext to port {port} of Service {service}, and {decider} requires mutual TLS of {workloads}: the connection fails"
#     tls-to-strict: "DestinationRule {rule} sends TLS of its own to port {port} of Service {service}, and {decider} requires the mesh's mutual TLS of {workloads}: the connection fails"
#     mtls-to-plaintext: "DestinationRule {rule} sends mutual TLS to port {port} of Service {service}, and {workloads} has no proxy that takes it: the connection fails"
#     silent-plaintext: "DestinationRule {rule} turns mutual TLS off for port {port} of Service {service}, although {workloads} would take it: the traffic is plaintext"
#   remediation: |
#     Remove the `tls` block of {host}: without one, Istio uses mutual TLS wherever the
#     server can. Where it must stay, make it fit what the server accepts.
#   tags: [mtls]
package rules.mtls["destination-rule-conflict"]

deny contains {"at": ["tls_settings", i, "conflicts", j], "message": conflict.kind} if {
	some i, setting in input.destination_rule.tls_settings
	some j, conflict in setting.conflicts
}
