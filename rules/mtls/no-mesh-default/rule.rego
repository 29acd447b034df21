# METADATA
# title: No mesh-wide policy requires mutual TLS
# description: |
#   The tree holds the root namespace or the configuration of the mesh, and no
#   PeerAuthentication without a selector there. Every workload that no policy
#   of its namespace covers, those of namespaces to come included, accepts
#   plaintext: Istio's default is `PERMISSIVE`.
#
#   A mesh-wide policy of another mode is left to `mtls/not-strict`. Where every
#   workload of the tree is covered by `STRICT` policies of its own namespace,
#   the finding is low.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/
#     description: PeerAuthentication reference
#   - ref: https://istio.io/latest/docs/tasks/security/authentication/authn-policy/#globally-enabling-istio-mutual-tls-in-strict-mode
#     description: "Istio: mutual TLS for the whole mesh"
# custom:
#   severity: high
#   message: "no PeerAuthentication of these manifests requires mutual TLS of the whole mesh, in its root namespace {root}: what no other policy covers accepts plaintext"
#   remediation: |
#     Add a PeerAuthentication without `selector` and with `spec.mtls.mode: STRICT` to
#     the root namespace, {root}. Callers outside the mesh must be enrolled first.
#   tags: [mtls]
package rules.mtls["no-mesh-default"]

deny contains {"at": [], "severity": _severity} if {
	input.mesh.default in {"none", "UNSET"}
}

_severity := "high" if {
	input.mesh.has_members == "yes"
	input.mesh.all_strict == "no"
} else := "low"
