# METADATA
# title: No NetworkPolicy restricts who reaches the workload
# description: |
#   A pod that no NetworkPolicy selects for ingress accepts connections from
#   every pod of the cluster. Model servers, vector stores and notebooks rarely
#   authenticate their callers, so that one compromised pod anywhere is enough
#   to query a model, read an index or submit a job; a workload that runs such
#   a product weighs more than any other. It is said once per namespace, with
#   the workloads listed.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
#     description: "Kubernetes: default policies"
#   - ref: https://owasp.org/www-project-kubernetes-top-ten/
#     description: "OWASP Kubernetes Top 10 (2025), K05"
#   - ref: https://hub.armosec.io/docs/cis-5-3-2
#     description: "CIS Kubernetes Benchmark 5.3.2: ensure that all Namespaces have Network Policies defined"
# custom:
#   severity: medium
#   message: "no NetworkPolicy of namespace {namespace} restricts who may connect to {workloads}"
#   messages:
#     ai: "no NetworkPolicy of namespace {namespace} restricts who may connect to {workloads} ({product})"
#     none: "namespace {namespace} has no NetworkPolicy: every pod of the cluster may connect to {workloads}"
#     none-ai: "namespace {namespace} has no NetworkPolicy: every pod of the cluster may connect to {workloads} ({product})"
#   notes:
#     switch: "{switch} is off, which keeps the chart's NetworkPolicies from being made"
#   remediation: |
#     Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress]` to the
#     namespace, which denies all ingress, and beside it one policy per workload
#     that admits its callers on the ports they use.
#   tags: [network-policy, cis-5.3.2, owasp-k05-2025]
package rules.ingress["not-isolated"]

import data.lib

deny contains {"at": ["ingress"], "message": _message, "severity": _severity, "related": lib.chart_switch} if {
	input.workload.ingress.isolated == "no"
	not input.workload.inferred
	not _theirs
	not _serves_nothing
}

# Policies do not reach pods on the host network; those of the control planes
# are not the user's to isolate.
_theirs if input.workload.host_network

_theirs if input.workload.platform

# A job that declares no port and has no Service is a client. So are the steps of
# a workflow and what submits a RayJob.
_serves_nothing if {
	input.workload.kind in {"Job", "CronJob", "Workflow", "CronWorkflow", "RayJob", "RayCronJob"}
	count(input.workload.ports) == 0
}

# By two facts: whether the namespace has policies at all, and who runs there.
_message := "none-ai" if {
	_no_policies
	lib.runs_ai
} else := "none" if _no_policies

else := "ai" if lib.runs_ai

else := ""

_no_policies if input.workload.namespace.policies == "no"

# A gateway is there to be reached.
_severity := "low" if input.workload.gateway

else := "high" if lib.runs_ai

else := "medium"
