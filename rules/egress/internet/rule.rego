# METADATA
# title: Egress is isolated, and open to the Internet
# description: |
#   A rule without `to`, or for `0.0.0.0/0`, lets the workload connect to any
#   public address. It is usually written to download a model, and stays when
#   the model is long there: a way out for weights, prompts and stolen
#   credentials, and for a notebook's or an agent's code a way to anywhere. It is
#   said where more than half of the public addresses are admitted on a port
#   other than that of DNS.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
#     description: "Kubernetes: the NetworkPolicy resource (egress)"
#   - ref: https://atlas.mitre.org/techniques/AML.T0024
#     description: "MITRE ATLAS AML.T0024: exfiltration via AI inference API"
# custom:
#   severity: medium
#   message: "NetworkPolicy {policy} lets {workloads} connect to the Internet on {ports}"
#   remediation: |
#     Name the networks in `ipBlock`, or route through an egress proxy or gateway.
#     Model hubs are best mirrored: fetch once into a registry or bucket of your own
#     and admit that alone.
#   tags: [network-policy]
package rules.egress.internet

deny contains {"at": ["egress", "internet"], "severity": _severity} if {
	input.workload.egress.internet.admitted == "yes"
	not input.workload.egress.open # that is egress/not-isolated
	not input.workload.platform
	not input.workload.gateway
}

_severity := "high" if input.workload.role in {"notebook", "agent"}

else := "medium"
