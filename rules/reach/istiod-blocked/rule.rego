# METADATA
# title: Egress policy keeps the sidecar from istiod
# description: |
#   A sidecar fetches its certificate and its configuration from istiod, on TCP
#   15012. Where a policy isolates the egress of the pod and no rule admits that,
#   the proxy never becomes ready, and neither does the pod.
#
#   A rule for addresses, or for a namespace label that the tree does not settle,
#   may be meant for istiod and is not counted as missing.
# related_resources:
#   - ref: https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
#     description: "Istio: ports used by Istio"
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic
#     description: "Kubernetes: default deny all egress traffic"
# custom:
#   severity: high
#   message: "{egress_policy} isolates the egress of {workloads}, and no rule admits TCP 15012 to istiod: the sidecar gets neither certificate nor configuration"
#   remediation: |
#     Add an egress rule for port 15012 whose one peer has both selectors:
#     `kubernetes.io/metadata.name: istio-system` for the namespace and `app: istiod`
#     for the pods.
#   tags: [network-policy, mesh]
package rules.reach["istiod-blocked"]

deny contains {"at": ["egress"]} if {
	input.flow.need == "istiod"
	input.flow.egress.verdict == "denied"
}
