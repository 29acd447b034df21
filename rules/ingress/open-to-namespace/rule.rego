# METADATA
# title: Policies admit the whole namespace on every port
# description: |
#   The usual "allow same namespace" admits every pod of the workload's own
#   namespace to every port: metrics, management and debug ports included, and
#   from pods that have no business with it. A namespace is then one trust zone,
#   and what runs a user's code (a notebook, an agent) reaches the model store.
#
#   For stores and for workloads with a control port it is medium.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
#     description: "Kubernetes: behavior of to and from selectors"
#   - ref: https://owasp.org/www-project-kubernetes-top-ten/
#     description: "OWASP Kubernetes Top 10 (2025), K05"
# custom:
#   severity: low
#   message: "NetworkPolicy {policy} admits every pod of namespace {namespace} to every port of {workloads}"
#   remediation: |
#     Replace the peer by one `podSelector` for each caller, with the ports that it
#     uses.
#   tags: [network-policy, owasp-k05-2025]
package rules.ingress["open-to-namespace"]

deny contains {"at": ["own_namespace"], "severity": _severity} if {
	input.workload.own_namespace.admitted == "yes"
}

_severity := "medium" if _precious

else := "low"

# What holds everybody's data, and what runs code for whoever connects.
_precious if input.workload.role in {"vector-store", "registry", "feature-store", "cache"}

_precious if {
	some port in input.workload.ports
	port.management.name != "none"
	port.management.auth != "yes"
}
