# METADATA
# title: Authorization policy is not enforced
# description: |
#   With the annotation `istio.io/dry-run: "true"` Istio evaluates a policy, counts
#   and logs what it would do, and does not do it. Not even an ALLOW policy denies
#   by default then. The annotation is for trying a policy out; left on, the
#   workload is open while the policy looks as if it were not.
# related_resources:
#   - ref: https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/
#     description: "Istio: dry run"
#   - ref: https://istio.io/latest/docs/reference/config/annotations/#IoIstioDryRun
#     description: "Istio: resource annotations"
# custom:
#   severity: medium
#   message: "AuthorizationPolicy {policy} is not enforced: `istio.io/dry-run` is on"
#   remediation: |
#     Remove the annotation `istio.io/dry-run` once the policy has proved right.
#   tags: [authorization]
package rules.authz["dry-run"]

deny contains {"at": ["dry_run"]} if input.authorization_policy.dry_run.on
