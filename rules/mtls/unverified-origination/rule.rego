# METADATA
# title: TLS of a DestinationRule does not verify the server
# description: |
#   With `insecureSkipVerify` the client accepts any certificate: whoever sits
#   between it and the server reads prompts, answers and API keys. With an `sni`
#   and no `subjectAltNames` it checks who issued the certificate and not for
#   whom: every certificate of that authority will do.
#
#   The endpoint picker of an InferencePool signs its own certificate, and the
#   published rule for it does not verify: there the finding is low.
# related_resources:
#   - ref: https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings
#     description: DestinationRule reference (ClientTLSSettings)
#   - ref: https://istio.io/latest/docs/ops/best-practices/security/#configure-tls-verification-in-destination-rule-when-using-tls-origination
#     description: "Istio: configure TLS verification in Destination Rule"
# custom:
#   severity: high
#   message: "DestinationRule {rule} accepts any certificate of {host}: `insecureSkipVerify` is on"
#   messages:
#     any-name: "DestinationRule {rule} does not check for whom the certificate of {host} was issued: it has `sni` and no `subjectAltNames`"
#   remediation: |
#     Remove `insecureSkipVerify`, name the authority in `caCertificates` or
#     `credentialName` unless it is a public one, and the server in `subjectAltNames`.
#   tags: [mtls, tls]
package rules.mtls["unverified-origination"]

deny contains {
	"at": ["tls_settings", i],
	"field": array.concat(_path, ["insecureSkipVerify"]),
	"severity": _severity(setting),
} if {
	some i, setting in input.destination_rule.tls_settings
	setting.verify == "skipped"
	_path := ["spec", "trafficPolicy", "tls"]
	setting.scope == "rule"
}

deny contains {"at": ["tls_settings", i], "severity": _severity(setting)} if {
	some i, setting in input.destination_rule.tls_settings
	setting.verify == "skipped"
	setting.scope != "rule"
}

deny contains {"at": ["tls_settings", i], "message": "any-name", "severity": "medium"} if {
	some i, setting in input.destination_rule.tls_settings
	setting.verify == "any-name"
}

_severity(setting) := "low" if setting.endpoint_picker

else := "high"
