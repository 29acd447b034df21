# METADATA
# title: Policies admit every pod of the cluster
# description: |
#   `namespaceSelector: {}` without a `podSelector` admits every pod of every
#   namespace, those of other teams and of namespaces yet to be created
#   included. The policy then keeps out only what comes from outside the
#   cluster, while one compromised pod anywhere still reaches the workload. It
#   weighs more where that is a model server, a vector store, a notebook or
#   another part of an AI application.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
#     description: "Kubernetes: behavior of to and from selectors"
#   - ref: https://owasp.org/www-project-kubernetes-top-ten/
#     description: "OWASP Kubernetes Top 10 (2025), K05"
# custom:
#   severity: medium
#   message: "NetworkPolicy {policy} admits every pod of every namespace to port {port} of {workloads}"
#   remediation: |
#     Select the callers' namespaces by name (`kubernetes.io/metadata.name: …` in
#     `namespaceSelector.matchLabels`) and add a `podSelector` to the same peer.
#   tags: [network-policy, owasp-k05-2025]
package rules.ingress["open-to-cluster"]

import data.lib

deny contains {"at": ["ports", i, "cluster"], "severity": _severity(port)} if {
	some i, port in input.workload.ports
	port.cluster.admitted == "yes"
	port.everyone.admitted != "yes"
}

_severity(port) := "low" if _wide(port)

else := "high" if lib.runs_ai

else := "medium"

# Scrapers and the callers of a gateway or control plane live in other namespaces.
_wide(port) if port.purpose == "metrics"

_wide(_) if input.workload.gateway

_wide(_) if input.workload.platform
