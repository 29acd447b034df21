# METADATA
# title: Policies admit every address to a served port
# description: |
#   A rule without `from`, or address blocks that together cover all of IPv4 or
#   IPv6, undo the isolation that the policy brings: every pod, every node and
#   whatever is routed into the cluster reaches the port. Policies add up, so a
#   stricter one beside it does not help.
#
#   For gateways, admission webhooks and pods behind a load balancer or node
#   port this is often intended, and only noted (`info`).
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic
#     description: "Kubernetes: allow all ingress traffic"
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
#     description: NetworkPolicy reference (from, ipBlock)
#   - ref: https://owasp.org/www-project-kubernetes-top-ten/
#     description: "OWASP Kubernetes Top 10 (2025), K05"
# custom:
#   severity: high
#   message: "NetworkPolicy {policy} admits everybody to port {port} of {workloads}: the rule names no peers"
#   messages:
#     addresses: "everybody is admitted to port {port} of {workloads}: the address blocks of the policies cover every address"
#   remediation: |
#     Name the callers in `from` by `podSelector` and `namespaceSelector`, or by an
#     `ipBlock` no wider than their network, and limit the rule to their `ports`.
#   tags: [network-policy, owasp-k05-2025]
package rules.ingress["open-to-everyone"]

deny contains {"at": ["ports", i, "everyone"], "message": _message(port), "severity": _severity(port)} if {
	some i, port in input.workload.ports
	port.everyone.admitted == "yes"
}

_message(port) := "addresses" if port.everyone.via == "ip-block"

else := ""

_severity(port) := "info" if _meant(port)

else := "high"

_meant(_) if input.workload.gateway

_meant(_) if input.workload.platform

_meant(port) if count(port.exposed_by) > 0

_meant(port) if port.purpose == "webhook"
