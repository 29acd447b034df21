# METADATA
# title: Ambient's port 15008 is open wider than the application
# description: |
#   In an ambient mesh every connection between pods arrives on port 15008,
#   whatever port of the application it is for. A policy that admits everybody
#   there undoes the rules that keep the application's ports for some: whoever is
#   in the mesh reaches all of them through the tunnel.
# related_resources:
#   - ref: https://istio.io/latest/docs/ambient/usage/networkpolicy/
#     description: "Istio: ambient and Kubernetes NetworkPolicy"
#   - ref: https://istio.io/latest/docs/ambient/usage/l4-policy/
#     description: "Istio: layer 4 authorization by ztunnel"
# custom:
#   severity: high
#   message: "NetworkPolicy {policy} admits {peer} to port 15008 of {workloads}, through which every port is reached, although its own ports are admitted to some only"
#   remediation: |
#     Admit port 15008 to the same peers as the application's ports, or require
#     identities with `STRICT` mutual TLS and an AuthorizationPolicy.
#   tags: [network-policy, mesh]
package rules.ingress["hbone-overbroad"]

deny contains {"at": ["hbone"], "severity": _severity} if {
	input.workload.hbone.admitted == "yes"
}

# Identities are asked for, and a policy says whose may come in.
_authorized if {
	count(input.workload.ports) > 0
	every port in input.workload.ports {
		port.mtls.mode == "STRICT"
		port.authz.covered == "yes"
	}
}

_severity := "low" if _authorized

else := "high"
