# METADATA
# title: Control port without authentication is open
# description: |
#   Ray's dashboard and client port, TorchServe's management API, Triton's model
#   repository, a notebook without token and their like run code or load models
#   for whoever connects: they are made to be reached by their own application
#   only. Here the product asks nobody who they are, and everybody, the whole
#   cluster or a whole namespace may connect. ShadowRay and ShellTorch broke into
#   thousands of clusters this way.
#
#   A caller that a policy names by its pod labels is taken for one that belongs
#   there. Where authentication is set by variables or arguments, or where they do
#   not tell, nothing is said.
# related_resources:
#   - ref: https://docs.ray.io/en/latest/ray-security/index.html
#     description: "Ray: security"
#   - ref: https://github.com/pytorch/serve/blob/master/SECURITY.md
#     description: "TorchServe: security policy"
#   - ref: https://owasp.org/www-project-kubernetes-top-ten/
#     description: "OWASP Kubernetes Top 10 (2025), K05"
# custom:
#   severity: critical
#   messages:
#     open: "no NetworkPolicy restricts who reaches {management} of {workloads} without authentication: port {port}"
#     everyone: "NetworkPolicy {policy} admits everybody to {management} of {workloads} without authentication: port {port}"
#     cluster: "NetworkPolicy {policy} admits every pod of the cluster to {management} of {workloads} without authentication: port {port}"
#     namespace: "NetworkPolicy {policy} admits {peer} to {management} of {workloads} without authentication: port {port}"
#   remediation: |
#     Admit to port {port} only the pods of the same application, by their labels, and
#     switch on the product's own authentication where it has one.
#   tags: [network-policy, ai, owasp-k05-2025]
package rules.ingress["control-port-open"]

deny contains {"at": ["ports", i, "management"], "message": "open"} if {
	some i
	_management[i]
	_open
}

_open if input.workload.ingress.isolated == "no"

_open if input.workload.host_network

deny contains {"at": ["ports", i, way], "message": way, "severity": _severity[way]} if {
	some i, port in _management
	way := _widest(port)
}

_severity := {"everyone": "critical", "cluster": "critical", "namespace": "high"}

_management[i] := port if {
	some i, port in input.workload.ports
	port.management.name != "none"
	port.management.auth == "no"
	not _authorized(port)
}

# In the mesh an AuthorizationPolicy may be what keeps callers out.
_authorized(port) if {
	input.workload.mesh.member != "none"
	port.authz.covered != "no"
}

# Only the widest is said.
_widest(port) := "everyone" if {
	port.everyone.admitted == "yes"
} else := "cluster" if {
	port.cluster.admitted == "yes"
} else := "namespace" if {
	port.namespace.admitted == "yes"
}
