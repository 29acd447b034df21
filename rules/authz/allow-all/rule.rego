# METADATA
# title: Authorization policy allows everything
# description: |
#   ALLOW policies add up: a rule that names no caller and no request, such as
#   `rules: [{}]`, allows everything to everybody, and makes every other ALLOW
#   policy for the same workload idle.
#
#   Gateways, admission webhooks and Knative's activator have callers of every
#   kind, and are reported less severely; where a DENY or CUSTOM policy limits
#   callers beside the rule, nothing is.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/authorization-policy/
#     description: AuthorizationPolicy reference
#   - ref: https://istio.io/latest/docs/ops/best-practices/security/
#     description: "Istio: security best practices"
# custom:
#   severity: high
#   message: "a rule of AuthorizationPolicy {policy} allows every request of every caller to {workloads}"
#   remediation: |
#     Name the callers under `from.source.principals` and what they may do under
#     `to.operation`, or delete the rule.
#   tags: [authorization]
package rules.authz["allow-all"]

deny contains {"at": ["rules", i], "severity": _severity(rule)} if {
	some i, rule in input.authorization_policy.rules
	rule.allows_all
	rule.other_policy_restricts != "yes"
	_in_force(rule)
}

_severity(rule) := "medium" if rule.entry_points_only

else := "high"

_in_force(rule) if rule.in_force == "yes"

# Its workloads are in the tree, and may be in the mesh.
_in_force(rule) if {
	rule.in_force == "unknown"
	input.authorization_policy.selects == "yes"
}
