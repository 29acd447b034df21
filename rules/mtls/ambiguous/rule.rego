# METADATA
# title: PeerAuthentications of one scope contradict each other
# description: |
#   Of several PeerAuthentications that apply to the same workloads with the
#   same scope, the oldest alone is in force; nothing of the others counts, not
#   even their ports. Which one is the oldest depends on the order in which they
#   were created, and changes when one is deleted and applied again.
#
#   Two policies that give the same result are reported as info.
# related_resources:
#   - ref: https://istio.io/latest/docs/concepts/security/#authentication-policies
#     description: "Istio: the oldest of several matching policies is in force"
#   - ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/
#     description: PeerAuthentication reference
# custom:
#   severity: medium
#   message: "PeerAuthentications {policy} and {rival} apply to the same workloads and differ: the older one is in force alone"
#   messages:
#     same: "PeerAuthentications {policy} and {rival} apply to the same workloads: the older one is in force alone"
#   remediation: "Merge {policy} and {rival} into one PeerAuthentication, or give them selectors that do not overlap."
#   tags: [mtls]
package rules.mtls.ambiguous

deny contains {"at": ["conflicts", i]} if {
	some i, conflict in input.peer_authentication.conflicts
	not conflict.same
}

deny contains {"at": ["conflicts", i], "message": "same", "severity": "info"} if {
	some i, conflict in input.peer_authentication.conflicts
	conflict.same
}
