# METADATA
# title: Policy names a port that no container declares
# description: |
#   A named port of a NetworkPolicy is looked up among the declared container
#   ports of the destination pod, by name and protocol. Where no container
#   declares it, the rule admits nothing there, without a warning: the caller
#   times out. An `ipBlock` names no port at all.
#
#   For ingress the destination is the pod that the policy selects, for egress
#   the pod that it admits. It is said only where all of them are known.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
#     description: "Kubernetes: NetworkPolicyPort"
# custom:
#   severity: high
#   message: "an {direction} rule of NetworkPolicy {policy} names port {port}, which no container of {workloads} declares for {protocol}"
#   messages:
#     some: "an {direction} rule of NetworkPolicy {policy} names port {port}: {workloads} serves the same number without that name, and is left out"
#     address: "an {direction} rule of NetworkPolicy {policy} names port {port}, but its peers are addresses, which name no port: it admits nothing"
#   remediation: |
#     Name the port as the container does under `ports[].name`, with the same
#     protocol, or write its number.
#   tags: [network-policy]
package rules.netpol["unresolved-port"]

deny contains {"at": ["rules", i, "ports", j]} if {
	some i, j
	_named[i][j].declared == "none"
}

deny contains {"at": ["rules", i, "ports", j], "message": "address"} if {
	some i, j
	_named[i][j].declared == "address"
}

deny contains {"at": ["rules", i, "ports", j], "message": "some", "severity": "medium"} if {
	some i, j
	_named[i][j].declared == "some"
}

_named[i][j] := port if {
	some i, rule in input.network_policy.rules
	rule.applies
	some j, port in rule.ports
	port.kind == "name"
}
