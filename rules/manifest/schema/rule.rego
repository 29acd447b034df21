# METADATA
# title: Field or value that its kind does not have
# description: |
#   A field that a kind does not have is refused by a strict API server and
#   silently dropped by a lenient one; a key that is written twice silently
#   loses its first value. Either way the object says something else than its
#   author believes: a `podSelector` one level too deep turns a policy for one
#   model server into one for the whole namespace. Nothing is concluded from an
#   object with such a field.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/
#     description: Kubernetes API reference
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
#     description: NetworkPolicy reference
#   - ref: https://istio.io/latest/docs/reference/config/security/peer_authentication/
#     description: PeerAuthentication reference
# custom:
#   severity: high
#   message: "{message}"
#   remediation: "{help}"
#   tags: [manifest]
package rules.manifest.schema

deny contains {"at": []} if input.field.problem
