# METADATA
# title: Required mutual TLS breaks a probe
# description: |
#   The kubelet has no certificate of the mesh. Istio therefore rewrites HTTP and
#   gRPC probes to go through its agent, and this workload turns that off: the
#   probe meets a proxy that requires mutual TLS, fails, and the pod never gets
#   ready or is restarted again and again.
# related_resources:
#   - ref: https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/
#     description: "Istio: health checking of Istio services"
#   - ref: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
#     description: "Kubernetes: liveness, readiness and startup probes"
# custom:
#   severity: high
#   message: "the {probe} probe of container {container} reaches port {port} of {workloads} in plaintext, which requires mutual TLS: rewriting of probes is off"
#   remediation: |
#     Remove `sidecar.istio.io/rewriteAppHTTPProbers: "false"`, or leave the port of
#     the probe to the agent by other means than an exemption of the whole port.
#   tags: [mesh, mtls]
package rules.reach["probe-broken-by-mtls"]

deny contains {"at": ["mesh", "unrewritten_probes", i]} if {
	some i, probe in input.workload.mesh.unrewritten_probes
	probe.handler in {"http", "grpc"}
	probe.mode == "STRICT"
}
