# METADATA
# title: Workload stays outside the mesh
# description: |
#   Mutual TLS, authorization and telemetry hold only for pods that the mesh
#   captures. Here the manifests themselves count on a mesh (they hold policies
#   of Istio for the namespace, or enrol other workloads), yet nothing enrols
#   this workload: the namespace has no label for it, or the label stands on
#   the Deployment instead of its pod template, or an annotation is used, which
#   can switch injection off but not on.
# related_resources:
#   - ref: https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
#     description: "Istio: installing the sidecar, controlling the injection policy"
#   - ref: https://istio.io/latest/docs/ambient/usage/add-workloads/
#     description: "Istio: add workloads to an ambient mesh"
# custom:
#   severity: medium
#   message: "nothing enrols {workloads} in the mesh: neither namespace {namespace} nor the pods carry a label for it"
#   messages:
#     label-on-owner: "the label on {object} injects no sidecar into {workloads}: it belongs on the pod template"
#     annotation-only: "the annotation injects no sidecar into {workloads}: namespace {namespace} is not labelled, and only a label of the pods can replace that"
#   remediation: |
#     Label the namespace `istio-injection: enabled` (or `istio.io/rev`, or
#     `istio.io/dataplane-mode: ambient`), or label the pod template
#     `sidecar.istio.io/inject: "true"`. Label pods that are to stay outside
#     `sidecar.istio.io/inject: "false"`, so that it can be seen.
#   tags: [mesh]
package rules.mesh["not-enrolled"]

import data.lib

deny contains {"at": ["namespace"], "severity": _severity} if {
	_outside
	input.workload.mesh.reason == "no-label"
}

deny contains {"at": ["mesh"], "message": input.workload.mesh.reason, "severity": _severity} if {
	_outside
	input.workload.mesh.reason in {"label-on-owner", "annotation-only"}
}

# The caller of a webhook is the API server, which is in no mesh.
_outside if {
	input.workload.mesh.member == "none"
	input.workload.mesh.expected == "yes"
	not input.workload.host_network
	not input.workload.inferred
	not input.workload.platform
	not input.workload.gateway
	not "webhook" in input.workload.exposed_by
}

_severity := "high" if lib.runs_ai

else := "medium"
