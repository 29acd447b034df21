# METADATA
# title: No NetworkPolicy restricts where the workload connects
# description: |
#   A pod whose egress no NetworkPolicy isolates may connect to every pod of the
#   cluster and every address outside: a compromised model server sends weights
#   and prompts wherever it likes, and code that a notebook, an agent or a
#   training job was given reaches the whole network. A policy whose rule is `{}`
#   restricts no more than none. It is said once per namespace, with the workloads
#   listed.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic
#     description: "Kubernetes: default deny all egress traffic"
#   - ref: https://owasp.org/www-project-kubernetes-top-ten/
#     description: "OWASP Kubernetes Top 10 (2025), K05"
# custom:
#   severity: low
#   messages:
#     none: "no NetworkPolicy restricts where {workloads} of namespace {namespace} may connect"
#     open: "the egress rules of namespace {namespace} let {workloads} connect to everybody on every port"
#   notes:
#     switch: "{switch} is off, which keeps the chart's NetworkPolicies from being made"
#   remediation: |
#     Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Egress]` to the
#     namespace, one that allows UDP and TCP 53 to cluster DNS, and one per workload
#     for what it calls.
#   tags: [network-policy, owasp-k05-2025]
package rules.egress["not-isolated"]

import data.lib

deny contains {"at": ["egress"], "message": "none", "severity": _severity, "related": lib.chart_switch} if {
	input.workload.egress.isolated == "no"
	_ours
}

deny contains {"at": ["namespace"], "message": "open", "severity": _severity} if {
	input.workload.egress.open
	_ours
}

_ours if {
	not input.workload.host_network
	not input.workload.inferred
	not input.workload.platform
	not input.workload.gateway
}

# What these run is not what the cluster's owner wrote.
_severity := "medium" if input.workload.role in {"notebook", "agent", "training", "pipeline"}

else := "low"
