# METADATA
# title: Document cannot be read
# description: |
#   A document that is no valid YAML or JSON, or whose nesting was lost when it
#   was copied from a web page, is refused by `kubectl apply`: the policy in it
#   protects nothing. Worse, a flattened NetworkPolicy or PeerAuthentication
#   still looks right to a hurried reader. Nothing of such a document is
#   believed; every other document of the tree is audited all the same, and
#   claims of absence about the lost object are withheld.
# related_resources:
#   - ref: https://yaml.org/spec/1.2.2/
#     description: YAML 1.2.2
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/
#     description: "Kubernetes: objects and their required fields"
# custom:
#   severity: high
#   message: "{message}"
#   remediation: "{help}"
#   tags: [manifest]
package rules.manifest.syntax

deny contains {"at": []} if input.document.cause
