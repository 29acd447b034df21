# METADATA
# title: portLevelMtls names a Service port
# description: |
#   `portLevelMtls` is keyed by the port of the pods, not by that of a Service
#   in front of them. An entry for a Service port that the pods do not listen on
#   changes nothing: a `STRICT` entry does not protect the port that was meant,
#   and an exception does not let its caller through.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/
#     description: PeerAuthentication reference (portLevelMtls)
# custom:
#   severity: medium
#   message: "PeerAuthentication {policy} sets a mode for port {port}, which is a port of Service {service}: the pods listen on {target}, so it has no effect"
#   remediation: "Key the entry of `spec.portLevelMtls` by the pod port, {target}."
#   tags: [mtls]
package rules.mtls["port-level-noop"]

deny contains {"at": ["ports", i]} if {
	some i, port in input.peer_authentication.ports
	port.port_of == "service"
}
