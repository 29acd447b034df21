# METADATA
# title: Nobody is admitted to a workload that has a Service
# description: |
#   Policies isolate the workload and no rule of any of them admits anybody,
#   although a Service leads to it: the usual default deny whose allow rule was
#   forgotten, or selects other pods. Whoever calls the Service times out.
#
#   It is said once per policy, with the workloads listed.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
#     description: "Kubernetes: the two sorts of pod isolation"
# custom:
#   severity: medium
#   message: "NetworkPolicy {policy} isolates {workloads}, and no policy admits anybody, although a Service leads there"
#   remediation: |
#     Add a policy that selects the workload by its pod labels and admits its callers
#     on the ports they use. If nobody shall call it, delete the Service.
#   tags: [network-policy]
package rules.reach["nobody-admitted"]

deny contains {"at": ["ingress"]} if {
	input.workload.ingress.isolated == "yes"
	input.workload.ingress.admits == "nobody"
	some port in input.workload.ports
	port.has_service
}
