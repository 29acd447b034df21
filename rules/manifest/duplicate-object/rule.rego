# METADATA
# title: Object is defined twice with different content
# description: |
#   Two documents of one kind, namespace and name are one object to the API
#   server: the one that is applied last wins, which is a matter of file order.
#   Where one copy of a NetworkPolicy admits the frontend and the other admits
#   everybody, nobody can tell from the tree which of them protects the model.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
#     description: "Kubernetes: object names and IDs"
#   - ref: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/
#     description: "Kubernetes: declarative management with kubectl apply"
# custom:
#   severity: medium
#   message: "{object} is also defined in {other}, with different content"
#   remediation: Keep one of the two documents, or give one of them a name of its own.
#   tags: [manifest]
package rules.manifest["duplicate-object"]

deny contains {"at": []} if input.duplicate.same == false
