# METADATA
# title: Namespace has policies and no default deny
# description: |
#   NetworkPolicies isolate only the pods that they select. Without one for all
#   pods of the namespace (`podSelector: {}`), whatever is deployed there next,
#   or loses a label, is open to the whole cluster, however carefully its
#   neighbours are protected.
#
#   Where policies isolate every workload of today one by one, it is a hint
#   (`info`). A namespace without any policy is ingress/not-isolated.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-traffic
#     description: "Kubernetes: default deny all ingress traffic"
#   - ref: https://hub.armosec.io/docs/cis-5-3-2
#     description: "CIS Kubernetes Benchmark 5.3.2: ensure that all Namespaces have Network Policies defined"
# custom:
#   severity: medium
#   message: "no NetworkPolicy of namespace {namespace} selects all of its pods: the next one deployed is open to the cluster, as {workloads} is"
#   messages:
#     isolated: "no NetworkPolicy of namespace {namespace} selects all of its pods: the next one deployed is open to the cluster"
#   remediation: |
#     Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress]` to the
#     namespace.
#   tags: [network-policy, cis-5.3.2]
package rules.ingress["no-default-deny"]

deny contains {"at": ["namespace"]} if {
	_lacking
	not input.workload.namespace.all_isolated
	input.workload.ingress.isolated == "no"
	not input.workload.host_network
}

deny contains {"at": ["namespace"], "message": "isolated", "severity": "info"} if {
	_lacking
	input.workload.namespace.all_isolated
}

_lacking if {
	input.workload.namespace.policies == "yes"
	input.workload.namespace.default_deny == "no"
	not input.workload.inferred
	not input.workload.platform
}
