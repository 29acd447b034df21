# METADATA
# title: Workload may reach the cloud's metadata service
# description: |
#   `169.254.169.254` answers any pod with credentials of its node, or of its
#   workload identity, on AWS, Google Cloud and Azure. Code that a notebook, an
#   agent or a pipeline runs for its users only needs one HTTP request to act as
#   the node. It is said of workloads that run such code, once per namespace.
#
#   GKE's workload identity itself is served at that address, so that a pod that
#   uses it needs the way; therefore there is no automatic repair.
# related_resources:
#   - ref: https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity
#     description: "Google: GKE workload identity (metadata server)"
#   - ref: https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
#     description: "AWS: restrict access to the instance profile assigned to the worker node"
# custom:
#   severity: high
#   message: "egress of {workloads} reaches the cloud's metadata service at 169.254.169.254: no NetworkPolicy restricts it"
#   messages:
#     rule: "NetworkPolicy {policy} lets {workloads} reach the cloud's metadata service at 169.254.169.254"
#   remediation: |
#     Isolate the egress and leave the address out, in an `ipBlock` with `except:
#     [169.254.169.254/32]`. On GKE with workload identity admit it for the
#     workloads that have one, and no others.
#   tags: [network-policy]
package rules.egress["metadata-api"]

deny contains {"at": ["egress", "metadata_api"], "message": _message} if {
	input.workload.egress.metadata_api.admitted == "yes"
	input.workload.role in {"notebook", "agent", "pipeline"}
}

_message := "" if input.workload.egress.metadata_api.via == "not-isolated"

else := "rule"
