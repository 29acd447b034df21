# METADATA
# title: Tokens are verified and not required
# description: |
#   A RequestAuthentication refuses requests with an invalid token. A request
#   without any token passes it: leaving the `Authorization` header out is all it
#   takes to call the model. Only an AuthorizationPolicy that asks for
#   `requestPrincipals` (or denies `notRequestPrincipals: ["*"]`) makes the token
#   a condition.
#
#   Policies that compare anything of the token, routes by its claims and CUSTOM
#   policies count as asking for it. In ambient mode ztunnel does not verify
#   tokens at all: that takes a waypoint.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/request_authentication/
#     description: RequestAuthentication reference
#   - ref: https://istio.io/latest/docs/tasks/security/authorization/authz-jwt/
#     description: "Istio: JWT token in authorization"
# custom:
#   severity: high
#   message: "RequestAuthentication {policy} verifies tokens, and no AuthorizationPolicy asks for one: requests without a token are served"
#   messages:
#     ztunnel: "RequestAuthentication {policy} is for {workloads}, before which no waypoint stands: ztunnel verifies no tokens"
#   remediation: |
#     Add an AuthorizationPolicy for the same workload that allows
#     `requestPrincipals: ["<issuer>/*"]`, or denies `notRequestPrincipals: ["*"]`.
#   tags: [authorization]
package rules.authz["optional-jwt"]

deny contains {"at": []} if {
	input.request_authentication.has_jwt_rules
	input.request_authentication.token_required == "no"
	input.request_authentication.unsupported_by_ztunnel != "yes"
}

deny contains {"at": [], "message": "ztunnel"} if {
	input.request_authentication.has_jwt_rules
	input.request_authentication.unsupported_by_ztunnel == "yes"
}
