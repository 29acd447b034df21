# METADATA
# title: Rule admits what another one admits already
# description: |
#   Policies add up, and a rule whose peers and ports another rule for the same
#   pods covers changes nothing. Whoever tightens one of them is surprised that
#   the other still admits.
#
#   Off by default: a repeated rule does no harm today.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
#     description: "Kubernetes: policies are additive"
# custom:
#   default: "off"
#   severity: info
#   message: "an {direction} rule of NetworkPolicy {policy} changes nothing: `{place}` of {other} admits as much to the same pods"
#   remediation: |
#     Delete the rule, or the policy if it has no other.
#   tags: [network-policy]
package rules.netpol.redundant

deny contains {"at": ["rules", i]} if {
	some i, rule in input.network_policy.rules
	rule.applies
	rule.redundant
}
