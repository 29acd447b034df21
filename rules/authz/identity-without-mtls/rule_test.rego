package rules.authz["identity-without-mtls_test"]

import data.rules.authz["identity-without-mtls"] as rule

_policy(plaintext) := {"authorization_policy": {"rules": [{"identity": {"plaintext": plaintext}}]}}

test_deny_when_plaintext_escapes_or_passes if {
	rule.deny == {{"at": ["rules", 0, "identity"]}} with input as _policy("escapes")
	rule.deny == {{"at": ["rules", 0, "identity"], "message": "passes"}} with input as _policy("passes")
}

test_deny_when_nobody_has_an_identity_only_as_medium if {
	rule.deny == {{"at": ["rules", 0, "identity"], "message": "nobody", "severity": "medium"}} with input as _policy("nobody")
}

test_allow_when_identities_hold if {
	count(rule.deny) == 0 with input as _policy("none")
}
