# METADATA
# title: Authorization refuses a caller that the tree needs
# description: |
#   A route leads to the workload, or a monitor asks for its metrics, and its
#   AuthorizationPolicies allow nothing to the identity that comes: the gateway's
#   or Prometheus' service account is in no ALLOW rule, or in a DENY rule. Users
#   get 403 (`RBAC: access denied`) from a gateway that works.
#
#   It is said only where every request of that caller is refused. What only some
#   requests may do, and callers whose account nobody knows, are left alone.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/authorization-policy/
#     description: "Istio: AuthorizationPolicy"
#   - ref: https://istio.io/latest/docs/concepts/security/#implicit-enablement
#     description: "Istio: how policies combine"
# custom:
#   severity: high
#   messages:
#     route: "{route} leads to {callee} on port {port}, but {mesh_policy} allows nothing there to {proxy}"
#     scrape: "{monitor} asks for metrics of {callee} on port {port}, but {mesh_policy} allows nothing there to Prometheus"
#   notes:
#     policy: "the policy that refuses"
#   remediation: |
#     Allow the caller's principal (`cluster.local/ns/<namespace>/sa/<account>`) in an
#     ALLOW rule for the workload, limited to the paths and methods it needs.
#   tags: [authorization, mesh]
package rules.reach["authz-blocks-caller"]

deny contains {
	"at": [],
	"message": input.flow.need,
	"related": [{"at": ["mesh"], "note": "policy"}],
} if {
	input.flow.need in {"route", "scrape"}
	input.flow.verdict != "denied"
	input.flow.mesh.verdict == "denied"
}
