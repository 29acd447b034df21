# METADATA
# title: Policy names the port of a Service instead of the pod's
# description: |
#   NetworkPolicies apply to pods: by the time a packet reaches the pod, the
#   port of the Service has been translated to its `targetPort`. A rule for the
#   Service's port admits nothing, and whoever calls the Service times out.
#
#   It is said where no container declares the number and the policy does not
#   admit the pod's own port either.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
#     description: "Kubernetes: the NetworkPolicy resource"
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
#     description: "Kubernetes: port definitions of a Service"
# custom:
#   severity: high
#   message: "an {direction} rule of NetworkPolicy {policy} names port {port}, which is that of Service {service}: the pods of {workloads} serve {target}"
#   notes:
#     service: "the Service translates the port"
#   remediation: |
#     Write the pod's port, {target}, in the rule.
#   tags: [network-policy]
package rules.netpol["service-port"]

deny contains {
	"at": ["rules", i, "ports", j],
	"related": [{"at": ["rules", i, "ports", j, "service"], "note": "service"}],
} if {
	some i, rule in input.network_policy.rules
	rule.applies
	some j, port in rule.ports
	port.service.present
}
