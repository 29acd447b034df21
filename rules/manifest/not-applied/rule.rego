# METADATA
# title: A policy that no kustomization applies
# description: |
#   A policy file lies beside a kustomization, or below it, and no
#   kustomization of the tree lists it: `kustomize build` leaves it out, and
#   nobody who reviews the directory sees that. The audit counts the policy as
#   if somebody applied it in another way, and what else it says may rest on it.
#
#   Nothing is said where workloads that the policy is for lie beside it and are
#   not listed either: whoever applies those applies the policy with them. Nor is
#   it where the kustomization names the file in a comment.
# related_resources:
#   - ref: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/
#     description: "Kustomize: resources"
# custom:
#   severity: medium
#   message: "{policy} is not applied: `{kustomization}` does not list `{file}`"
#   remediation: |
#     Add `{file}` to `resources` of `{kustomization}`, or delete it.
#   tags: [manifest, network-policy, mesh]
package rules.manifest["not-applied"]

deny contains {"at": []} if input.unapplied.where in {"beside", "below"}
