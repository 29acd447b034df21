package rules.mtls["unverified-origination_test"]

import data.rules.mtls["unverified-origination"] as rule

_rule(change) := {"destination_rule": {"tls_settings": [object.union(
	{"scope": "rule", "verify": "skipped", "endpoint_picker": false},
	change,
)]}}

test_deny_when_any_certificate_is_accepted if {
	rule.deny == {{
		"at": ["tls_settings", 0],
		"field": ["spec", "trafficPolicy", "tls", "insecureSkipVerify"],
		"severity": "high",
	}} with input as _rule({})
}

test_deny_when_a_port_or_subset_accepts_any_certificate if {
	every scope in {"port", "subset"} {
		rule.deny == {{"at": ["tls_settings", 0], "severity": "high"}} with input as _rule({"scope": scope})
	}
}

test_deny_for_an_endpoint_picker_only_as_low if {
	some finding in rule.deny with input as _rule({"endpoint_picker": true})
	finding.severity == "low"
}

test_deny_when_any_name_is_accepted_as_medium if {
	rule.deny == {{"at": ["tls_settings", 0], "message": "any-name", "severity": "medium"}} with input as _rule({"verify": "any-name"})
}

test_allow_when_the_server_is_verified_or_has_no_certificate if {
	every verify in {"full", "none"} {
		count(rule.deny) == 0 with input as _rule({"verify": verify})
	}
}
