# METADATA
# title: Policy keeps the API server from a webhook
# description: |
#   Admission and conversion webhooks and aggregated APIs are called by the API
#   server, which runs in the host network of the control plane or outside the
#   cluster: no selector finds it. A policy that isolates the webhook's pods has
#   to admit it on the pod's port by address, or by a rule without `from`;
#   otherwise every object that the webhook concerns can no longer be created, or
#   is let through unchecked.
#
#   A rule for addresses may be meant for the API server and is not counted as
#   missing. Traffic from the pod's own node is always let through, so that a
#   cluster of one node does not notice.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
#     description: "Kubernetes: dynamic admission control, service reference"
#   - ref: https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/
#     description: "Kubernetes: communication between nodes and the control plane"
# custom:
#   severity: high
#   message: "port {port} of {workloads} serves the API server, and {ingress_policy} isolates it: no rule admits an address there"
#   notes:
#     policy: "the policy"
#     reference: "{reference} calls it"
#   remediation: |
#     Add an ingress rule for the pod's port, {port}, without `from` or with the
#     addresses of the control plane as `ipBlock`.
#   tags: [network-policy, webhook]
package rules.reach["webhook-blocked"]

deny contains {"at": [], "related": [
	{"at": ["ingress"], "note": "policy"},
	{"at": ["reference"], "note": "reference"},
]} if {
	input.flow.need == "webhook"
	input.flow.ingress.verdict == "denied"
}
