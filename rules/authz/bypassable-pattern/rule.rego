# METADATA
# title: Path is refused by one of its spellings
# description: |
#   A DENY policy that lists paths or hosts, and an ALLOW policy that lists those
#   left out, refuse what is spelled as they write it. By default the proxy
#   resolves `.` and `..`, merges no slashes, leaves `%2F` alone and minds case:
#   `//admin` or `/ADMIN` are other paths to it, and the same to many servers, so
#   that the request passes. A host may carry a port.
#
#   The safe patterns list what is meant: ALLOW with `paths`, DENY with
#   `notPaths`. Normalization (`meshConfig.pathNormalization`) narrows the gap and
#   does not close it.
# related_resources:
#   - ref: https://istio.io/latest/docs/ops/best-practices/security/#authorization-policies
#     description: "Istio: safer authorization policy patterns"
#   - ref: https://istio.io/latest/docs/reference/config/security/normalization/
#     description: "Istio: authorization policy normalization"
# custom:
#   severity: medium
#   message: "AuthorizationPolicy {policy} denies {field} {values}: another spelling, such as {spelling}, is not denied"
#   messages:
#     allow: "AuthorizationPolicy {policy} allows everything to everybody but {field} {values}: another spelling, such as {spelling}, is allowed"
#   remediation: |
#     List what may be called in an ALLOW policy, or deny everything but that with
#     `notPaths` and `notHosts`.
#   tags: [authorization]
package rules.authz["bypassable-pattern"]

deny contains {"at": ["rules", i, "pattern"], "message": message} if {
	some i, rule in input.authorization_policy.rules
	message := {"deny": "", "allow": "allow"}[rule.pattern.bypassable]
	rule.in_force != "no"
}
