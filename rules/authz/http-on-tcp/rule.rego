# METADATA
# title: HTTP is compared on a TCP port
# description: |
#   Istio treats a port as HTTP when its Service says so. On a port declared as
#   `tcp`, `tls`, `https`, `mongo` and the like there are no methods, paths, hosts,
#   headers or tokens to compare: an ALLOW rule that asks for one is dropped whole,
#   so that the caller is denied, and a DENY rule matches without it, so that all
#   its traffic is denied.
#
#   A DENY rule is for every port that it does not leave out with `ports`.
# related_resources:
#   - ref: https://istio.io/latest/docs/tasks/security/authorization/authz-tcp/
#     description: "Istio: authorization for TCP traffic"
#   - ref: https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
#     description: "Istio: protocol selection"
# custom:
#   severity: high
#   message: "an ALLOW rule of AuthorizationPolicy {policy} compares HTTP attributes, and its only ports, {tcp} of {victims}, are TCP to Istio: it allows nothing"
#   messages:
#     deny: "a DENY rule of AuthorizationPolicy {policy} compares HTTP attributes, and port {tcp} of {victims} is TCP to Istio: it denies the whole port"
#   remediation: |
#     Name the Service port `http…` or `grpc…`, or set its `appProtocol`, if it speaks
#     HTTP; otherwise limit the rule to HTTP ports with `to.operation.ports`, or leave
#     the HTTP attributes out.
#   tags: [authorization]
package rules.authz["http-on-tcp"]

deny contains {"at": ["rules", i]} if {
	some i, rule in input.authorization_policy.rules
	input.authorization_policy.action == "ALLOW"
	rule.tcp_ports == "all"
	_enforced
}

deny contains {"at": ["rules", i], "message": "deny"} if {
	some i, rule in input.authorization_policy.rules
	input.authorization_policy.action == "DENY"
	rule.tcp_ports != "none"
	_enforced
}

_enforced if not input.authorization_policy.dry_run.on
