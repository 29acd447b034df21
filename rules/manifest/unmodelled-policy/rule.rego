# METADATA
# title: Policies of another kind leave verdicts open
# description: |
#   NetworkPolicies are evaluated, and so are the tiers of
#   policy.networking.k8s.io. Policies of Cilium, Calico, Antrea and OVN are
#   not: some deny what a NetworkPolicy admits, others admit what it denies.
#   Whom they select is read, though, so that only the workloads named here
#   are left out: whether they are isolated, and who may connect to them, is
#   unknown in the directions named, and no rule about it fires for them. The
#   same holds for a policy of a known kind in a form that is not known.
#
#   It is said once for each kind and namespace, at the first policy that
#   selects a workload of the tree.
# related_resources:
#   - ref: https://docs.cilium.io/en/stable/network/kubernetes/policy/
#     description: "Cilium: Kubernetes network policies and its own"
#   - ref: https://docs.tigera.io/calico/latest/network-policy/get-started/calico-policy/calico-network-policy
#     description: "Calico: network policy"
#   - ref: https://antrea.io/docs/main/docs/antrea-network-policy/
#     description: "Antrea: network policy CRDs"
# custom:
#   severity: info
#   message: "{kind} of {scope} is not evaluated and leaves {directions} of {count} unknown: {workloads}"
#   remediation: |
#     Check the workloads named with the tools of the network plugin, such as
#     `hubble observe` or `calicoctl get networkpolicy`. Where a NetworkPolicy says the
#     same, prefer it: every plugin enforces it, and it is evaluated here.
#   tags: [manifest, network-policy]
package rules.manifest["unmodelled-policy"]

deny contains {"at": []} if input.unmodelled_policy.unknown_directions != "none"
