# METADATA
# title: Callers are admitted on every port
# description: |
#   A rule without `ports` admits its callers on every port of the pods: beside
#   the API that they need also metrics, debug and admin ports, such as the
#   model repository of a Triton server or the cluster port of a vector store.
#   Ports that are added later open by themselves.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
#     description: NetworkPolicy reference (ports)
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#     description: "Kubernetes: network policies"
# custom:
#   severity: low
#   message: "NetworkPolicy {policy} admits {peers} on every port of {workloads}, which means {served}"
#   messages:
#     inferred: "NetworkPolicy {policy} admits {peers} on every port: the rule lists no `ports`"
#   remediation: |
#     List in `ports` the pod ports (not the Service ports) that these callers use.
#   tags: [network-policy]
package rules.ingress["all-ports"]

# "Everything within the namespace" for all of its pods lists no ports on purpose.
deny contains {"at": ["rules", i]} if {
	input.network_policy.selector == "some"
	some i, rule in _open_rules
	rule.served_ports == "many"
}

# The pods are not in the tree, but the policy is written for certain ones.
deny contains {"at": ["rules", i], "message": "inferred"} if {
	input.network_policy.selector == "some"
	input.network_policy.selects == "yes"
	some i, rule in _open_rules
	rule.served_ports == "unknown"
}

_open_rules[i] := rule if {
	input.network_policy.ingress.applies
	some i, rule in input.network_policy.rules
	rule.direction == "ingress"
	rule.peer_kind == "some"
	rule.port_kind == "all"
}
