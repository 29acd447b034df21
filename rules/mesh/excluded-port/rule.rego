# METADATA
# title: Port bypasses the proxy
# description: |
#   What arrives at this port does not pass the proxy: no mutual TLS, whatever
#   the PeerAuthentication says, and no AuthorizationPolicy holds there. Ports
#   are taken out by `excludeInboundPorts`, by a list of `includeInboundPorts`
#   that lacks them, by `interceptionMode: NONE`, or by the bypass of ambient.
#
#   For webhooks, whose caller is the API server, that is usual (info), and for
#   metrics and health ports common (low).
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/annotations/
#     description: "Istio: resource annotations"
#   - ref: https://istio.io/latest/docs/ops/best-practices/security/#understand-traffic-capture-limitations
#     description: "Istio: traffic capture limitations"
# custom:
#   severity: high
#   message: "port {port} of {workloads} bypasses the proxy by {annotation}: neither mutual TLS nor authorization holds there"
#   remediation: |
#     Remove the port from {annotation}. Where its callers cannot speak mutual TLS,
#     exempt it by `portLevelMtls: PERMISSIVE`, which keeps authorization in force,
#     and restrict it by NetworkPolicy.
#   tags: [mesh]
package rules.mesh["excluded-port"]

deny contains {"at": ["ports", i, "capture"], "severity": _severity(port)} if {
	not input.workload.gateway
	some i, port in input.workload.ports
	port.capture.state in {"excluded", "not-included", "mode-none", "bypassed"}
}

_severity(port) := {"webhook": "info", "metrics": "low", "health": "low", "app": "high"}[port.purpose]
