# METADATA
# title: NetworkPolicy selects no pod
# description: |
#   A NetworkPolicy protects the pods that its `podSelector` matches, by the
#   labels of the pods themselves: those of the Deployment or the name of the
#   Service do not count. A policy that matches nothing is accepted without a
#   warning, and the model server that it was written for stays open.
#
#   The claim is made only where every workload of the namespace is known. Where
#   a controller may create further pods, it is a hint (`info`).
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
#     description: "Kubernetes: the NetworkPolicy resource (podSelector)"
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
#     description: "Kubernetes: label selectors"
# custom:
#   severity: medium
#   message: "NetworkPolicy {policy} protects no workload of these manifests: nothing in its namespace matches {selector}"
#   messages:
#     suggest: "NetworkPolicy {policy} protects no workload of these manifests: nothing in its namespace matches {selector}, but one workload is labelled {suggestion}"
#   remediation: |
#     Make `spec.podSelector` match the labels under `spec.template.metadata.labels`
#     of the workload to protect, or delete the policy if the workload is gone.
#   tags: [network-policy, owasp-k05-2025]
package rules.netpol["dead-selector"]

import data.lib

deny contains {
	"at": ["pod_selector"],
	"message": lib.suggested(input.network_policy.pod_selector, "suggest", ""),
	"severity": lib.dead_severity(input.network_policy.complete, "medium"),
} if {
	input.network_policy.selector == "some"
	input.network_policy.selects == "no"
}
