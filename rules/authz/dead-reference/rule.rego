# METADATA
# title: Authorization policy names nothing
# description: |
#   A selector, target, account or port that nothing has is accepted without a
#   warning. A policy for no pod protects nothing; an ALLOW rule for a caller that
#   does not exist locks everybody out, and a DENY rule for it lets everybody in.
#
#   A principal is written without `spiffe://`, a port is the pod's and not the
#   Service's, and a `*` is a wildcard as the first or the last character only.
#   Absence is claimed only where every workload of the namespace is known; where
#   a controller may create further pods, a selector is a hint (`info`).
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/security/authorization-policy/
#     description: AuthorizationPolicy reference
# custom:
#   severity: medium
#   message: "AuthorizationPolicy {policy} is for no workload of these manifests: nothing in its namespace matches {selector}"
#   messages:
#     suggest: "AuthorizationPolicy {policy} is for no workload of these manifests: nothing in its namespace matches {selector}, but one workload is labelled {suggestion}"
#     target: "AuthorizationPolicy {policy} is attached to {target}, which its namespace does not have"
#     spiffe: "AuthorizationPolicy {policy} names {value}: a principal is compared without `spiffe://`, so that nobody has it"
#     wildcard: "AuthorizationPolicy {policy} compares {field} with {value}, and only one `*`, the first or the last character, is a wildcard"
#     account: "AuthorizationPolicy {policy} names service account {account}, which no pod of its namespace runs as"
#     account-suggest: "AuthorizationPolicy {policy} names service account {account}, which no pod of its namespace runs as; there is {suggestion}"
#     port: "AuthorizationPolicy {policy} compares port {value}, a port of Service {service}: the pods serve it on {target}"
#   remediation: |
#     Write the label, name or number that is meant: labels of the pod template, the
#     pods' `serviceAccountName`, the container's port. Delete the entry if what it
#     named is gone.
#   tags: [authorization]
package rules.authz["dead-reference"]

import data.lib

deny contains {
	"at": ["pod_selector"],
	"message": lib.suggested(input.authorization_policy.pod_selector, "suggest", ""),
	"severity": lib.dead_severity(input.authorization_policy.complete, "medium"),
} if {
	input.authorization_policy.selector == "some"
	input.authorization_policy.selects == "no"
}

deny contains {"at": ["targets", i], "message": "target"} if {
	some i, target in input.authorization_policy.targets
	target.found == "no"
}

# Other problems are authz/shared-identity, and there _message is undefined.
deny contains {"at": ["rules", i, "references", j], "message": message} if {
	some i, j
	reference := input.authorization_policy.rules[i].references[j]
	message := _message(reference)
}

_message(reference) := lib.suggested(reference, "account-suggest", "account") if reference.problem == "no-account"

else := {"spiffe-prefix": "spiffe", "literal-wildcard": "wildcard", "service-port": "port"}[reference.problem]
