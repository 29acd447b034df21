# METADATA
# title: Policy needs a waypoint that is not there
# description: |
#   In ambient mode ztunnel enforces what identities, addresses and ports decide,
#   and nothing of HTTP. An ALLOW rule with methods, paths, headers or tokens is
#   dropped, so that it allows nothing; such conditions of a DENY rule are left
#   out, and a rule of which nothing remains denies nobody; the actions CUSTOM and
#   AUDIT are ignored. A waypoint proxy has to stand before the workload, and the
#   policy to be attached to it with `targetRefs`.
#
#   A policy that is attached to a Service is enforced by the Service's waypoint
#   and by nothing else: pods with a sidecar ignore it.
# related_resources:
#   - ref: https://istio.io/latest/docs/ambient/usage/l4-policy/
#     description: "Istio: layer 4 policy in ambient mode"
#   - ref: https://istio.io/latest/docs/ambient/usage/waypoint/
#     description: "Istio: waypoint proxies"
# custom:
#   severity: high
#   message: "an ALLOW rule of AuthorizationPolicy {policy} compares what ztunnel does not know, and no waypoint stands before {workloads}: it allows nothing"
#   messages:
#     deny: "a DENY rule of AuthorizationPolicy {policy} compares what ztunnel does not know, and no waypoint stands before {workloads}: it does not deny what it says"
#     target: "AuthorizationPolicy {policy} is attached to {target}, and no waypoint stands before it: neither a sidecar nor ztunnel enforces the policy"
#     action: "AuthorizationPolicy {policy} has an action that ztunnel ignores, and no waypoint stands before {workloads}: it does nothing"
#   remediation: |
#     Deploy a waypoint, label the namespace or Service with `istio.io/use-waypoint`, and
#     replace `selector` by `targetRefs` to the Service or the waypoint's Gateway.
#   tags: [authorization]
package rules.authz["l7-without-waypoint"]

deny contains {"at": ["rules", i], "message": message} if {
	some i, rule in input.authorization_policy.rules
	rule.unsupported_by_ztunnel == "yes"
	not input.authorization_policy.dry_run.on
	message := {"ALLOW": "", "DENY": "deny", "AUDIT": "action", "CUSTOM": "action"}[input.authorization_policy.action]
}

deny contains {"at": ["targets", i], "message": "target"} if {
	some i, target in input.authorization_policy.targets
	target.kind == "Service"
	target.found == "yes"
	target.waypoint == "no"
}
