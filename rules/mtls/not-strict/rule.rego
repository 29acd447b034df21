# METADATA
# title: Mesh workload accepts plaintext
# description: |
#   Unless the effective PeerAuthentication is `STRICT`, the proxy takes
#   plaintext beside mutual TLS (`PERMISSIVE`) or nothing but plaintext
#   (`DISABLE`). A caller without mutual TLS has no identity: prompts and
#   embeddings travel unencrypted, and authorization by principal or namespace
#   does not hold for it. Where no policy says anything, Istio's default is
#   `PERMISSIVE`.
#
#   The workload's own policy counts before that of its namespace, and that
#   before the mesh-wide one in the root namespace; `UNSET` inherits. Ports with
#   a mode of their own are left to `mtls/port-exception`, ports of admission
#   webhooks, whose caller is no mesh client, are left out.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/
#     description: PeerAuthentication reference
#   - ref: https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/
#     description: "Istio: mutual TLS migration"
#   - ref: https://istio.io/latest/docs/ops/best-practices/security/
#     description: "Istio: security best practices"
# custom:
#   severity: high
#   message: "plaintext is accepted on port {port} of {workloads}: {decider} does not require mutual TLS"
#   messages:
#     default: "no PeerAuthentication of these manifests sets a mode for {workloads}: Istio's default, `PERMISSIVE`, accepts plaintext"
#   remediation: |
#     Set `spec.mtls.mode: STRICT` in the PeerAuthentication that decides, or add one
#     without `selector` and with that mode to the namespace, or to the root
#     namespace for the whole mesh. Callers outside the mesh must be enrolled first.
#   tags: [mtls]
package rules.mtls["not-strict"]

deny contains {"at": ["ports", i, "mtls"]} if {
	input.workload.mesh.member in {"sidecar", "ambient", "unknown"}
	some i, port in _plaintext_ports
	port.mtls.scope in {"workload", "namespace", "mesh"}
}

# Istio's default speaks only where the mesh is certain.
deny contains {"at": ["namespace"], "message": "default"} if {
	input.workload.mesh.member in {"sidecar", "ambient"}
	input.workload.namespace.declared == "yes"
	some port in _plaintext_ports
	port.mtls.scope == "default"
}

_plaintext_ports[i] := port if {
	not input.workload.gateway
	not input.workload.platform
	not input.workload.host_network
	some i, port in input.workload.ports
	port.protocol == "TCP"
	port.purpose != "webhook"
	port.mtls.mode in {"PERMISSIVE", "DISABLE"}
}
