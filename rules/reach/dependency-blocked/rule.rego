# METADATA
# title: Policy blocks what a workload's manifests say it calls
# description: |
#   A variable, an argument or a ConfigMap of the workload names a Service of
#   these manifests, and policies do not let the connection through: the egress
#   of the caller, the ingress of the callee, or both, or an AuthorizationPolicy
#   of the callee. Policies that block what is needed are found out in production,
#   and then switched off.
#
#   Only names that resolve to a Service of the tree count, and only a connection
#   that certainly fails to every pod behind it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
#     description: "Kubernetes: both sides must allow a connection"
#   - ref: https://istio.io/latest/docs/reference/config/security/authorization-policy/
#     description: "Istio: AuthorizationPolicy"
# custom:
#   severity: high
#   messages:
#     egress: "{reference} names {host}, but {egress_policy} does not let {caller} connect to {callee} on port {port}"
#     ingress: "{reference} names {host}, but {ingress_policy} does not admit {caller} to {callee} on port {port}"
#     both: "{reference} names {host}, but {egress_policy} does not let {caller} connect to {callee} on port {port}, and {ingress_policy} does not admit it"
#     authz: "{reference} names {host}, but {mesh_policy} allows {caller} nothing on port {port} of {callee}"
#   notes:
#     egress: "what keeps the caller in"
#     ingress: "what keeps the caller out"
#     mesh: "what refuses its requests"
#   remediation: |
#     Admit {caller} by pod and namespace labels in a policy of the callee, and the
#     callee in a policy of the caller where its egress is isolated, on the pod's
#     port. If the connection is not wanted, remove {reference}.
#   tags: [network-policy]
package rules.reach["dependency-blocked"]

import data.lib

deny contains {
	"at": [],
	"message": lib.denied_message,
	"related": lib.denied_notes,
} if {
	input.flow.need == "dependency"
	input.flow.verdict == "denied"
}

deny contains {"at": [], "message": "authz", "related": [{"at": ["mesh"], "note": "mesh"}]} if {
	input.flow.need == "dependency"
	input.flow.verdict != "denied"
	input.flow.mesh.verdict == "denied"
}
