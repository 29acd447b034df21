# METADATA
# title: A header that anybody can send decides
# description: |
#   A rule that allows what carries a certain header, or spares it from a DENY,
#   believes the sender: any pod that reaches the workload can write
#   `x-forwarded-user: admin`. A header is worth something only from a caller that
#   is trusted to set it, so that the same rule must name that caller, usually the
#   gateway, by `principals`.
#
#   Rules that ask whether a header is there at all, or absent (Kubeflow's
#   `notValues: ["*"]`), and headers that carry a credential are left out.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/authorization-policy/
#     description: AuthorizationPolicy reference
#   - ref: https://istio.io/latest/docs/reference/config/security/conditions/
#     description: "Istio: authorization policy conditions"
# custom:
#   severity: medium
#   message: "AuthorizationPolicy {policy} believes header {header} from everybody: whoever sends it has passed the rule"
#   remediation: |
#     Add `from.source.principals` with the gateway's identity to the rule, and let the
#     gateway remove the header from what comes from outside.
#   tags: [authorization]
package rules.authz["spoofable-header"]

deny contains {"at": ["rules", i, "header"]} if {
	some i, rule in input.authorization_policy.rules
	rule.header.spoofable
	rule.in_force != "no"
	not input.authorization_policy.dry_run.on
}
