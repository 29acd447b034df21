# METADATA
# title: Policy keeps a gateway from the backend of its route
# description: |
#   An Ingress, a route of the Gateway API or a VirtualService sends traffic to
#   the workload, and no policy admits the proxies that do it on the pod's port.
#   Users get 503 from a gateway that works. The same holds for a proxy outside the
#   mesh whose backend takes mutual TLS only.
#
#   Where the proxies are not in the tree, it is said only if nobody who may be
#   one is admitted: rules for addresses, for everybody, or for pods and
#   namespaces that the tree does not know in full all count as admitting them.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
#     description: "Kubernetes: both sides must allow a connection"
#   - ref: https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/
#     description: "Istio: where the proxies of a Gateway run"
# custom:
#   severity: high
#   messages:
#     ingress: "{route} leads to {callee} on port {port}, but {ingress_policy} does not admit {proxy}"
#     egress: "{route} leads to {callee} on port {port}, but {egress_policy} does not let {proxy} connect to it"
#     both: "{route} leads to {callee} on port {port}, but {egress_policy} does not let {proxy} connect to it, nor does {ingress_policy} admit it"
#     tls: "{route} leads to {callee} on port {port}, where {mesh_policy} takes mutual TLS only, and {proxy} sends none"
#   notes:
#     mesh: "what asks for mutual TLS"
#     egress: "what keeps the proxy in"
#     ingress: "what keeps the proxy out"
#   remediation: |
#     Admit the gateway's pods by the labels of pod and namespace on the pod's port,
#     {port}: `gateway.networking.k8s.io/gateway-name` for a Gateway of Istio,
#     `istio: ingressgateway` for the classic one.
#   tags: [network-policy, gateway]
package rules.reach["route-backend-blocked"]

import data.lib

deny contains {
	"at": [],
	"message": lib.denied_message,
	"related": lib.denied_notes,
} if {
	input.flow.need == "route"
	input.flow.verdict == "denied"
}

# Only of a proxy in the tree it is known that it is outside the mesh.
deny contains {"at": [], "message": "tls", "related": [{"at": ["mesh"], "note": "mesh"}]} if {
	input.flow.need == "route"
	input.flow.source == "workload"
	input.flow.verdict != "denied"
	input.flow.mesh.verdict == "broken-tls"
}
