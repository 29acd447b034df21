# METADATA
# title: Policies do not reach a pod on the host network
# description: |
#   A pod with `hostNetwork: true` shares the address of its node. Network
#   plugins cannot tell its traffic from the node's and leave it alone: a policy
#   that selects the pod protects nothing, and a policy elsewhere that selects
#   it as a peer does not find it. GPU workloads run so for RDMA, and escape
#   both NetworkPolicies and the mesh.
#
#   For the agents of a node (DaemonSets) and the platform's own pods, which need
#   the host network, it is a hint (`info`).
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
#     description: "Kubernetes: NetworkPolicy and hostNetwork pods"
# custom:
#   severity: high
#   message: "{workloads} runs on the host network, where NetworkPolicy {policy} is not enforced although it selects the pods"
#   notes:
#     policy: "the policy"
#   remediation: |
#     Remove `hostNetwork: true`, or give the pods a network interface of their own
#     for RDMA (Multus, SR-IOV). Where they must stay, restrict the nodes' addresses
#     by a firewall of the nodes.
#   tags: [network-policy]
package rules.netpol["host-network"]

deny contains {
	"at": ["host"],
	"severity": _severity,
	"related": [{"at": ["host", "policy"], "note": "policy"}],
} if {
	input.workload.host.selected != "none"
}

_severity := "info" if input.workload.host.node_agent

else := "high"
