# METADATA
# title: Egress policy blocks cluster DNS
# description: |
#   Once a policy isolates the egress of a pod, name resolution needs a rule of
#   its own: UDP 53 to the DNS pods of `kube-system` (port 5353 in
#   `openshift-dns`). Without it every Service name and every host of the
#   Internet fails to resolve, whatever else the policy admits. A `podSelector`
#   without `namespaceSelector` looks for the DNS pods in the policy's own
#   namespace, and `protocol` left out is TCP.
#
#   A rule for addresses, or for a namespace label that the tree does not settle,
#   may be meant for DNS and is not counted as missing. High where the workload's
#   manifests name hosts that it calls, medium where it may connect to somebody.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
#     description: "Kubernetes: DNS for Services and Pods"
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic
#     description: "Kubernetes: default deny all egress traffic"
# custom:
#   severity: high
#   message: "{egress_policy} isolates the egress of {workloads}, and no rule admits UDP 53 to cluster DNS: names do not resolve"
#   remediation: |
#     Add an egress rule for ports 53/UDP and 53/TCP whose one peer has both selectors:
#     `kubernetes.io/metadata.name: kube-system` for the namespace and `k8s-app:
#     kube-dns` for the pods.
#   tags: [network-policy]
package rules.reach["dns-blocked"]

deny contains {"at": ["egress"], "severity": _severity} if {
	input.flow.need == "dns"
	input.flow.egress.verdict == "denied"
}

# Without anybody to call it needs no names, and _severity is undefined.
_severity := {"yes": "high", "unknown": "medium"}[input.flow.calls_hosts]
