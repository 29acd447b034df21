# METADATA
# title: Service selects no pod
# description: |
#   A Service finds its pods by their labels, in its own namespace only. One
#   that matches none is accepted without a warning: its name resolves, and
#   every call to the model or index behind it fails.
#
#   The claim is made only where every workload of the namespace is known. Where
#   a controller may create further pods, it is a hint (`info`).
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/
#     description: "Kubernetes: Service"
#   - ref: https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/
#     description: "Kubernetes: debug Services"
# custom:
#   severity: high
#   message: "Service {service} leads to no workload of these manifests: nothing in its namespace matches {selector}"
#   messages:
#     suggest: "Service {service} leads to no workload of these manifests: nothing in its namespace matches {selector}, but one workload is labelled {suggestion}"
#   remediation: |
#     Make `spec.selector` match the labels under `spec.template.metadata.labels` of
#     the workload that the Service is for.
#   tags: [service]
package rules.service["no-backend"]

import data.lib

deny contains {
	"at": ["pod_selector"],
	"message": lib.suggested(input.service.pod_selector, "suggest", ""),
	"severity": lib.dead_severity(input.service.complete, "high"),
} if {
	input.service.type != "ExternalName"
	input.service.selector == "some"
	input.service.selects == "no"
}
