# METADATA
# title: Port is exempt from mutual TLS
# description: |
#   An entry of `portLevelMtls` overrides the mode of the whole policy for one
#   port. With `PERMISSIVE` the port takes plaintext beside mutual TLS, with
#   `DISABLE` nothing else, so that every pod that reaches the port may call it
#   without an identity. The `STRICT` above it hides the hole from a reader.
#
#   For metrics and admission webhooks, whose callers often live outside the
#   mesh, such an exception is usual, and less severe.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/
#     description: PeerAuthentication reference (portLevelMtls)
#   - ref: https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/
#     description: "Istio: mutual TLS migration"
# custom:
#   severity: high
#   message: "PeerAuthentication {policy} exempts port {port} of {workloads} from mutual TLS: plaintext is accepted"
#   remediation: |
#     Remove the entry from `spec.portLevelMtls`, or set its mode to `STRICT`, and
#     enrol the caller in the mesh. Where the caller cannot join, restrict the port
#     to it with a NetworkPolicy.
#   tags: [mtls]
package rules.mtls["port-exception"]

deny contains {"at": ["ports", i], "severity": _severity(port)} if {
	some i, port in input.peer_authentication.ports
	port.mode in {"PERMISSIVE", "DISABLE"}
	port.effective == "yes"
}

_severity(port) := "medium" if port.purpose in {"metrics", "webhook"}

else := "high"
