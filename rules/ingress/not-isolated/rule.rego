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

deny contains {"at": ["ingress"], "severity": _severity, "related": _switch} if {
	_open
	input.workload.namespace.policies != "no"
	not _ai
}

deny contains {"at": ["ingress"], "message": "ai", "severity": _severity, "related": _switch} if {
	_open
	input.workload.namespace.policies != "no"
	_ai
}

deny contains {"at": ["ingress"], "message": "none", "severity": _severity, "related": _switch} if {
	_open
	input.workload.namespace.policies == "no"
	not _ai
}

deny contains {"at": ["ingress"], "message": "none-ai", "severity": _severity, "related": _switch} if {
	_open
	input.workload.namespace.policies == "no"
	_ai
}

# Policies do not reach pods on the host network; those of the control planes
# are not the user's to isolate; of implied pods not every label is known.
_open if {
	input.workload.ingress.isolated == "no"
	not input.workload.host_network
	not input.workload.implied
	not input.workload.platform
	not _serves_nothing
}

# A job that declares no port and has no Service is a client. So are the steps of
# a workflow and what submits a RayJob.
_serves_nothing if {
	input.workload.kind in {"Job", "CronJob", "Workflow", "CronWorkflow", "RayJob", "RayCronJob"}
	count(input.workload.ports) == 0
}

_ai if input.workload.role != "none"

# A gateway is there to be reached.
_severity := "low" if input.workload.gateway

_severity := "high" if {
	not input.workload.gateway
	_ai
}

_severity := "medium" if {
	not input.workload.gateway
	not _ai
}

# A chart that has policies, and a value that keeps them from being made.
_switch := [{"at": ["namespace", "switch"], "note": "switch"}] if input.workload.namespace.switch.known

_switch := [] if not input.workload.namespace.switch.known
