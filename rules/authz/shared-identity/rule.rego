# METADATA
# title: Identity stands for many workloads
# description: |
#   A principal is a service account, and everything that runs as the account has
#   it. The `default` account of a namespace is everybody's who names none, and an
#   account that several applications share allows all of them what is meant for
#   one. A policy that names it is wider than it reads.
# related_resources:
#   - ref: https://istio.io/latest/docs/concepts/security/#istio-identity
#     description: "Istio: identity"
#   - ref: https://kubernetes.io/docs/concepts/security/service-accounts/
#     description: "Kubernetes: service accounts"
# custom:
#   severity: low
#   message: "AuthorizationPolicy {policy} allows service account {account}, which every pod of that namespace has that names none"
#   messages:
#     shared: "AuthorizationPolicy {policy} allows service account {account}, which {apps} share"
#   remediation: |
#     Give the caller a ServiceAccount of its own, set it as `serviceAccountName`, and
#     name that one in the policy.
#   tags: [authorization]
package rules.authz["shared-identity"]

deny contains {"at": ["rules", i, "references", j]} if {
	some i, j
	input.authorization_policy.rules[i].references[j].problem == "default-account"
}

deny contains {"at": ["rules", i, "references", j], "message": "shared"} if {
	some i, j
	input.authorization_policy.rules[i].references[j].problem == "shared-account"
}
