# METADATA
# title: Service port leads to a port that nobody serves
# description: |
#   `targetPort` names a port of the pods. A name that no container declares
#   with that protocol resolves to nothing, and every call fails. A number works
#   without a declaration, so that one which the containers do not list, while
#   they list others, is only likely to be a mistake (`low`); policies and
#   monitors that go by declared ports miss it all the same.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
#     description: "Kubernetes: port definitions of a Service"
#   - ref: https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/
#     description: "Kubernetes: debug Services"
# custom:
#   severity: high
#   message: "port {port} of Service {service} leads nowhere: no container of {workloads} declares a port `{target}` of its protocol"
#   messages:
#     number: "port {port} of Service {service} leads to pod port {target}, which no container of {workloads} declares"
#   remediation: |
#     Set `targetPort` to the number or name of a port that the container listens on,
#     or declare the port under `ports` of the container.
#   tags: [service]
package rules.service["unserved-port"]

deny contains {"at": ["ports", i]} if {
	some i, port in input.service.ports
	port.served == "no"
	port.target == "name"
}

deny contains {"at": ["ports", i], "message": "number", "severity": "low"} if {
	some i, port in input.service.ports
	port.served == "no"
	port.target == "number"
	port.pods_declare_ports
}
