# METADATA
# title: Rules of a direction that the policy does not cover
# description: |
#   `policyTypes` decides which directions a NetworkPolicy isolates. Rules for a
#   direction that it leaves out are accepted and do nothing: `ingress` rules
#   under `policyTypes: [Egress]` leave the model server open to every pod.
#   The reverse surprises as often: without `policyTypes`, a policy written for
#   egress alone also denies all ingress, because `Ingress` is always implied.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
#     description: "Kubernetes: the NetworkPolicy resource"
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
#     description: NetworkPolicy reference (policyTypes)
# custom:
#   severity: high
#   message: "the {direction} rules of NetworkPolicy {policy} do nothing: its `policyTypes` leave {direction} out"
#   messages:
#     denies-ingress: "NetworkPolicy {policy} has no `policyTypes` and only egress rules, so it also denies all ingress to the pods it selects"
#   remediation: |
#     List in `spec.policyTypes` exactly the directions that the policy is meant
#     to isolate: `Ingress` for its ingress rules, `Egress` for its egress rules.
#   tags: [network-policy, owasp-k05-2025]
package rules.netpol["ignored-rules"]

deny contains {"at": ["ingress"]} if {
	input.network_policy.ingress.rules > 0
	not input.network_policy.ingress.applies
}

deny contains {"at": ["egress"]} if {
	input.network_policy.egress.rules > 0
	not input.network_policy.egress.applies
}

deny contains {"at": ["egress"], "message": "denies-ingress", "severity": "info"} if {
	not input.network_policy.has_policy_types
	input.network_policy.egress.rules > 0
	input.network_policy.ingress.rules == 0
}
