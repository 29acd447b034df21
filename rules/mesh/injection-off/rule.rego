# METADATA
# title: Workload opts out of the mesh of its namespace
# description: |
#   The namespace is enrolled in the mesh, and the pods of this workload are
#   taken out by a label or annotation of their own: no mutual TLS, no
#   authorization, and no identity for its calls. A reader of the namespace's
#   label believes the opposite. A label that another one overrules silently,
#   `istio.io/rev` beside `istio-injection` or ambient mode beside a sidecar, is
#   reported too.
#
#   Admission webhooks, which the API server calls without a mesh identity, and
#   gateways are left out; Jobs, which a sidecar may keep from completing, and
#   workloads that serve nothing but metrics and health are less severe.
# related_resources:
#   - ref: https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
#     description: "Istio: controlling the injection policy"
#   - ref: https://istio.io/latest/docs/ambient/usage/add-workloads/
#     description: "Istio: add workloads to an ambient mesh"
# custom:
#   severity: high
#   message: "{workloads} opts out of the mesh that its namespace {namespace} is enrolled in"
#   messages:
#     revision-ignored: "namespace {namespace} has `istio-injection: {injection}` beside `istio.io/rev: {revision}`, and the revision does not count"
#     ambient-ignored: "{workloads} is labelled for ambient mode and gets a sidecar: the sidecar wins"
#   remediation: |
#     Remove the opt-out from the pod template, or keep one of two labels that
#     exclude each other. Where a workload must stay outside the mesh, admit its
#     callers by NetworkPolicy.
#   tags: [mesh]
package rules.mesh["injection-off"]

deny contains {"at": ["mesh"], "severity": _severity} if {
	input.workload.mesh.reason in {"opt-out", "ambient-opt-out"}
	input.workload.mesh.enrolled == "yes"
	not input.workload.gateway
	not input.workload.platform
	not "webhook" in input.workload.exposed_by
}

_severity := "high" if _serves

else := "low"

_serves if {
	not input.workload.kind in {"Job", "CronJob"}
	some port in input.workload.ports
	port.purpose == "app"
}

deny contains {"at": ["mesh", "conflict"], "message": kind, "severity": "medium"} if {
	kind := input.workload.mesh.conflict.kind
	kind != "none"
}
