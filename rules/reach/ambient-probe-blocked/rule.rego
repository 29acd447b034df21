# METADATA
# title: Policy does not admit the probes of an ambient pod
# description: |
#   Istio gives the kubelet's probes of an ambient pod the source address
#   169.254.7.127, so that ztunnel can tell them from other traffic of the node.
#   Network plugins let the node's own addresses through to its pods, and not all
#   of them count this one among them: where a policy isolates the pod and does
#   not admit the address, probes may fail and the pod is restarted for ever.
# related_resources:
#   - ref: https://istio.io/latest/docs/ambient/usage/networkpolicy/
#     description: "Istio: ambient, health probes and NetworkPolicy"
# custom:
#   severity: info
#   message: "{ingress_policy} isolates {workloads}, and no rule admits the kubelet's probes, which the ambient mesh sends from 169.254.7.127"
#   remediation: |
#     Add an ingress rule for the `ipBlock` 169.254.7.127/32, where your network
#     plugin needs it.
#   tags: [network-policy, mesh]
package rules.reach["ambient-probe-blocked"]

deny contains {"at": ["ingress"]} if {
	input.flow.need == "probe"
	input.flow.ingress.verdict == "denied"
}
