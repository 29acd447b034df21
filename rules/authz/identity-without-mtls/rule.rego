# METADATA
# title: Identity is compared where plaintext is accepted
# description: |
#   Principals, namespaces and service accounts come from the caller's
#   certificate. Where the effective PeerAuthentication accepts plaintext, a
#   caller that leaves mutual TLS out has none of them: it escapes a DENY policy
#   that names them, and passes an ALLOW policy that lists who may not
#   (ISTIO-SECURITY-2021-004). A caller in the mesh need only connect without its
#   sidecar.
#
#   An ALLOW policy that lists who may call is safe under `PERMISSIVE`: it denies
#   such callers. Under `DISABLE` it allows nobody.
# related_resources:
#   - ref: https://istio.io/latest/docs/concepts/security/#dependency-on-mutual-tls
#     description: "Istio: dependency on mutual TLS"
#   - ref: https://istio.io/latest/news/security/istio-security-2021-004/
#     description: ISTIO-SECURITY-2021-004
#   - ref: https://istio.io/latest/docs/reference/config/security/authorization-policy/
#     description: AuthorizationPolicy reference
# custom:
#   severity: high
#   message: "a DENY rule of AuthorizationPolicy {policy} compares {field}, and plaintext callers, which have none, escape it on port {ports}"
#   messages:
#     passes: "an ALLOW rule of AuthorizationPolicy {policy} compares {field}, and plaintext callers, which have none, pass it on port {ports}"
#     nobody: "an ALLOW rule of AuthorizationPolicy {policy} compares {field} on port {ports}, which takes no mutual TLS: it allows nobody"
#   remediation: |
#     Set the PeerAuthentication in force on the workload to `STRICT`, and write the
#     policy as an ALLOW that lists who may call.
#   tags: [authorization]
package rules.authz["identity-without-mtls"]

deny contains {"at": ["rules", i, "identity"]} if {
	some i, rule in input.authorization_policy.rules
	rule.identity.plaintext == "escapes"
}

deny contains {"at": ["rules", i, "identity"], "message": "passes"} if {
	some i, rule in input.authorization_policy.rules
	rule.identity.plaintext == "passes"
}

deny contains {"at": ["rules", i, "identity"], "message": "nobody", "severity": "medium"} if {
	some i, rule in input.authorization_policy.rules
	rule.identity.plaintext == "nobody"
}
