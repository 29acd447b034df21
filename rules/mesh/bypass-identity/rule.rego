# METADATA
# title: Container can go around its proxy
# description: |
#   Traffic of user and group 1337 is the proxy's own and is not redirected: a
#   container that runs as either sends plaintext past the proxy, and no policy
#   of the mesh sees it. With `NET_ADMIN` a container can change the redirection
#   itself, with `NET_RAW` it can read and forge packets of its pod.
# related_resources:
#   - ref: https://istio.io/latest/docs/ops/deployment/application-requirements/
#     description: "Istio: application requirements"
#   - ref: https://istio.io/latest/docs/ops/best-practices/security/#understand-traffic-capture-limitations
#     description: "Istio: traffic capture limitations"
# custom:
#   severity: high
#   messages:
#     uid: "container {container} of {workloads} runs as user 1337, the proxy's: its traffic is not redirected"
#     gid: "container {container} of {workloads} runs as group 1337, the proxy's: its traffic is not redirected"
#     net-admin: "container {container} of {workloads} may change the redirection to the proxy: it has `NET_ADMIN`"
#     net-raw: "container {container} of {workloads} may send raw packets beside the proxy: it has `NET_RAW`"
#   remediation: "Run the container as another user and group than 1337, and without the capability."
#   tags: [mesh]
package rules.mesh["bypass-identity"]

deny contains {"at": ["mesh", "bypass", i], "message": bypass.kind, "severity": _severity(bypass)} if {
	not input.workload.gateway
	some i, bypass in input.workload.mesh.bypass
}

_severity(bypass) := "medium" if bypass.kind == "net-raw"

else := "high"
