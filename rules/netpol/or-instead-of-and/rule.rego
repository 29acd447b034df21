# METADATA
# title: Two peers where one was meant
# description: |
#   Inside one peer `namespaceSelector` and `podSelector` narrow each other:
#   these pods in those namespaces. A stray dash makes two peers of them, and
#   peers add up: every pod of those namespaces, or these pods of the policy's
#   own namespace. The rule then opens a model server to whole namespaces.
#
#   It is reported where the pods of the second peer do not exist in the
#   policy's own namespace, so that the second peer can only have been meant to
#   narrow the first.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
#     description: "Kubernetes: behavior of to and from selectors"
#   - ref: https://owasp.org/www-project-kubernetes-top-ten/
#     description: "OWASP Kubernetes Top 10 (2025), K05"
# custom:
#   severity: medium
#   message: "an {direction} rule of NetworkPolicy {policy} allows every pod of namespaces {namespaces}: pods {pods} are a peer of their own, which matches nothing in its namespace"
#   remediation: |
#     Remove the dash before the second selector, so that `namespaceSelector` and
#     `podSelector` stand in one peer. If both peers are meant, give the pod
#     selector labels that pods of the policy's namespace carry.
#   tags: [network-policy, owasp-k05-2025]
package rules.netpol["or-instead-of-and"]

# The rules of a direction that the policy does not isolate admit nobody.
deny contains {"at": ["rules", i]} if {
	some i, rule in input.network_policy.rules
	rule.applies
	rule.split_peer == "yes"
}
