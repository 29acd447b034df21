# METADATA
# title: PeerAuthentication selects no pod
# description: |
#   A PeerAuthentication with a selector holds for the pods whose labels match,
#   and for no others. One that matches nothing is accepted without a warning:
#   the workload that it was to make `STRICT` keeps the mode of its namespace,
#   its mesh or Istio's default, `PERMISSIVE`.
#
#   The claim is made only where every workload of the namespace is known. Where
#   a controller may create further pods, it is a hint (`info`).
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/
#     description: PeerAuthentication reference (selector)
#   - ref: https://istio.io/latest/docs/reference/config/type/workload-selector/
#     description: "Istio: workload selector"
# custom:
#   severity: medium
#   message: "PeerAuthentication {policy} covers no workload of these manifests: nothing in its namespace matches {selector}"
#   messages:
#     suggest: "PeerAuthentication {policy} covers no workload of these manifests: nothing in its namespace matches {selector}, but one workload is labelled {suggestion}"
#   remediation: |
#     Make `spec.selector.matchLabels` match the labels under
#     `spec.template.metadata.labels` of the workload that is meant, or delete the
#     policy if the workload is gone.
#   tags: [mtls]
package rules.mtls["dead-selector"]

import data.lib

# In the root namespace a selector is ignored: mtls/root-selector-ignored.
deny contains {
	"at": ["pod_selector"],
	"message": lib.suggested(input.peer_authentication.pod_selector, "suggest", ""),
	"severity": lib.dead_severity(input.peer_authentication.complete, "medium"),
} if {
	input.peer_authentication.selector == "some"
	input.peer_authentication.selects == "no"
	not input.peer_authentication.root_namespace
}
