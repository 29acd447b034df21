# METADATA
# title: No authorization policy limits who may call the workload
# description: |
#   Mutual TLS says who calls, and lets everybody in: a workload that no ALLOW
#   or CUSTOM policy is for, and no DENY policy that lists who may call, answers
#   every identity of the mesh. One compromised pod is then enough to query a
#   model, read an index or submit a job. It is said once per namespace.
#
#   A policy without a selector in the namespace or in the mesh's root namespace
#   covers its workloads; one with `istio.io/dry-run` covers nothing.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/authorization-policy/
#     description: AuthorizationPolicy reference
#   - ref: https://istio.io/latest/docs/ops/best-practices/security/
#     description: "Istio: security best practices"
#   - ref: https://istio.io/latest/docs/concepts/security/#implicit-enablement
#     description: "Istio: authorization is implicitly enabled"
# custom:
#   severity: medium
#   message: "no AuthorizationPolicy limits who may call {workloads}: every caller that reaches it is served"
#   remediation: |
#     Add an AuthorizationPolicy with an empty spec to namespace {namespace}, which
#     denies all, and beside it one policy per workload that allows its callers by
#     `principals`.
#   tags: [authorization]
package rules.authz.uncovered

import data.lib

deny contains {"at": ["namespace"], "severity": _severity} if {
	input.workload.mesh.member in {"sidecar", "ambient"}
	input.workload.namespace.declared == "yes"
	not input.workload.gateway
	not input.workload.platform
	not input.workload.host_network
	not input.workload.inferred
	some port in input.workload.ports
	port.protocol == "TCP"
	port.purpose == "app"
	port.mtls.mode != "NONE"
	port.authz.covered == "no"
}

_severity := "high" if lib.runs_ai

else := "medium"
