# METADATA
# title: Istio has to guess the protocol of a Service port
# description: |
#   Istio learns the protocol of a port from `appProtocol` or from the first part
#   of its name (`http-…`, `grpc-…`, `tcp-…`). Otherwise it looks at the first
#   bytes of each connection, and takes what is neither HTTP/1.1 nor HTTP/2 for
#   plain TCP. Rules about paths and methods, retries and metrics then depend on
#   what a client happens to send, and protocols in which the server speaks
#   first may stall. An `appProtocol` that Istio does not know is worse: the
#   name of the port does not count beside it.
# related_resources:
#   - ref: https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
#     description: "Istio: protocol selection"
#   - ref: https://istio.io/latest/docs/ops/deployment/application-requirements/
#     description: "Istio: application requirements"
# custom:
#   severity: medium
#   message: "neither `appProtocol` nor its name tells Istio the protocol of port {port} of Service {service}"
#   messages:
#     hidden-grpc: "the name of port {port} of Service {service} declares HTTP/1 and speaks of gRPC, which needs HTTP/2"
#     unknown-app-protocol: "Istio does not know the `appProtocol` of port {port} of Service {service}, and ignores the port's name beside it"
#   remediation: |
#     Set `appProtocol` to what the pods speak (`http`, `http2`, `grpc`, `https`, `tls`
#     or `tcp`), or begin the port's name with it, such as `http-api` or `grpc-predict`.
#   tags: [service, mesh]
package rules.service["port-protocol"]

# Only sidecars read the protocol: ambient does so in a waypoint alone.
deny contains {"at": ["ports", i], "field": ["spec", "ports", i, "name"]} if {
	some i, port in input.service.ports
	port.mesh == "sidecar"
	port.protocol == "sniffed"
}

deny contains {"at": ["ports", i], "field": ["spec", "ports", i, "name"], "message": "hidden-grpc"} if {
	some i, port in input.service.ports
	port.mesh == "sidecar"
	port.grpc == "hidden"
}

deny contains {
	"at": ["ports", i],
	"field": ["spec", "ports", i, "appProtocol"],
	"message": "unknown-app-protocol",
} if {
	some i, port in input.service.ports
	port.mesh == "sidecar"
	port.protocol == "unknown-app-protocol"
}
