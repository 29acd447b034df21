# METADATA
# title: Policy admits callers, and not ambient's port 15008
# description: |
#   In an ambient mesh traffic between pods travels in HBONE tunnels: whatever
#   port the application serves, what a NetworkPolicy sees is TCP 15008. A policy
#   that admits a caller of the mesh to the application's port only keeps it out.
# related_resources:
#   - ref: https://istio.io/latest/docs/ambient/usage/networkpolicy/
#     description: "Istio: ambient and Kubernetes NetworkPolicy"
# custom:
#   severity: high
#   messages:
#     ingress: "{ingress_policy} admits callers of the ambient mesh to the ports of {workloads}, and not to 15008, where their traffic arrives"
#     egress: "{egress_policy} lets {workloads} connect to pods of the ambient mesh on their ports, and not on 15008, where the traffic goes"
#   notes:
#     witness: "for one, {caller} to port {port} of {callee}"
#   remediation: |
#     Add port 15008 to the rules that admit pods of the mesh, in both directions.
#     Which port of the application they may use is then for an AuthorizationPolicy
#     to say.
#   tags: [network-policy, mesh]
package rules.reach["hbone-blocked"]

deny contains {
	"at": [side],
	"message": side,
	"related": [{"at": ["reference"], "note": "witness"}],
} if {
	input.flow.need == "hbone"
	some side in ["ingress", "egress"]
	input.flow[side].verdict == "denied"
}
