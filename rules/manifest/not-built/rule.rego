# METADATA
# title: A kustomization or chart that does not build
# description: |
#   A kustomization or Helm chart does not build as it stands: its tool refuses
#   it, or something that it names is not in the tree. What would be applied is
#   then not what is written here, and a check that runs on these files alone
#   would be green for a tree that nobody can apply.
#
#   The rest is audited without what is missing, and nothing is claimed that the
#   missing part could change. What is never read by design (a remote base, a
#   chart that is not vendored, a plugin that would be executed) is said once for
#   each kustomization or chart, with low severity. A file with secrets or an
#   `.env`, which nobody expects in a repository, is a note and no finding.
# related_resources:
#   - ref: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
#     description: "Kustomize: the kustomization file"
#   - ref: https://helm.sh/docs/helm/helm_dependency_build/
#     description: "Helm: helm dependency build"
# custom:
#   severity: medium
#   message: "{message}"
#   remediation: "{help}"
#   tags: [manifest]
package rules.manifest["not-built"]

deny contains {"at": []} if {
	input.unbuilt.cause == "broken"
}

deny contains {"at": []} if {
	input.unbuilt.cause == "values"
	input.unbuilt.whole
}

deny contains {"at": [], "severity": "low"} if {
	input.unbuilt.cause == "values"
	not input.unbuilt.whole
}

deny contains {"at": [], "severity": "low"} if {
	input.unbuilt.cause == "refused"
}
