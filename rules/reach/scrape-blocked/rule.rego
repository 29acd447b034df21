# METADATA
# title: Policy keeps Prometheus from metrics it is told to scrape
# description: |
#   A ServiceMonitor, a PodMonitor or an annotation asks for the workload's
#   metrics, and no policy admits on that port anybody who may be Prometheus. The
#   target is down, and the alerts that rest on it never fire.
#
#   Where Prometheus is not in the tree, rules for everybody, for addresses, or
#   for pods and namespaces that the tree does not know in full all count as
#   admitting it.
# related_resources:
#   - ref: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor
#     description: "Prometheus operator: ServiceMonitor"
#   - ref: https://istio.io/latest/docs/ops/integrations/prometheus/#option-1-metrics-merging
#     description: "Istio: merged metrics"
# custom:
#   severity: medium
#   message: "{monitor} asks for metrics of {callee} on port {port}, but {ingress_policy} admits nobody there who may be Prometheus"
#   messages:
#     egress: "{monitor} asks for metrics of {callee} on port {port}, but {egress_policy} does not let Prometheus connect there"
#     tls: "{monitor} asks for metrics of {callee} on port {port}, where {mesh_policy} takes mutual TLS only, and Prometheus sends none"
#   notes:
#     mesh: "what asks for mutual TLS"
#     egress: "what keeps Prometheus in"
#     ingress: "what keeps Prometheus out"
#   remediation: |
#     Admit the namespace of Prometheus (`kubernetes.io/metadata.name: monitoring`, or
#     whatever it is called) on port {port}.
#   tags: [network-policy, observability]
package rules.reach["scrape-blocked"]

deny contains {"at": [], "related": [{"at": ["ingress"], "note": "ingress"}]} if {
	input.flow.need == "scrape"
	input.flow.ingress.verdict == "denied"
}

deny contains {"at": [], "message": "egress", "related": [{"at": ["egress"], "note": "egress"}]} if {
	input.flow.need == "scrape"
	input.flow.egress.verdict == "denied"
	input.flow.ingress.verdict != "denied"
}

# Only of a Prometheus in the tree it is known that it is outside the mesh.
deny contains {"at": [], "message": "tls", "related": [{"at": ["mesh"], "note": "mesh"}]} if {
	input.flow.need == "scrape"
	input.flow.source == "workload"
	input.flow.egress.verdict != "denied"
	input.flow.ingress.verdict != "denied"
	input.flow.mesh.verdict == "broken-tls"
}
