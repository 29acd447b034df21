# METADATA
# title: Services declare different protocols for one port
# description: |
#   Two Service ports lead to the same port of the pods and declare protocols of
#   different classes: HTTP, TLS or plain TCP. The proxy in front of the pod sets
#   up one of them. HTTP rules of an AuthorizationPolicy then hold for one
#   caller and not for the other, or the connection fails.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/analysis/ist0116/
#     description: "Istio: DeploymentAssociatedToMultipleServices"
#   - ref: https://istio.io/latest/docs/ops/deployment/application-requirements/
#     description: "Istio: application requirements"
# custom:
#   severity: medium
#   message: "{here} declares port {port} of {workloads} as {protocol}, and {there} as {other}"
#   remediation: "Give both Service ports the `appProtocol` that the pods speak, or lead them to different ports."
#   tags: [service, mesh]
package rules.service["protocol-conflict"]

deny contains {"at": ["ports", i, "protocols"]} if {
	some i, port in input.workload.ports
	port.protocols.conflict
}
