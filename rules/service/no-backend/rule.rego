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

deny contains {"at": ["pod_selector"], "severity": _severity} if {
	_selects_nothing
	not input.service.pod_selector.suggestion
}

deny contains {"at": ["pod_selector"], "message": "suggest", "severity": _severity} if {
	_selects_nothing
	input.service.pod_selector.suggestion
}

_selects_nothing if {
	input.service.type != "ExternalName"
	input.service.selector == "some"
	input.service.selects == "no"
}

# A namespace that is not closed at all ("no") has no workload in the tree:
# there is nothing to be said, and _severity is undefined.
_severity := "high" if input.service.closed == "yes"

_severity := "info" if input.service.closed == "unknown"
