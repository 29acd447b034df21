package rules.mtls["destination-rule-conflict_test"]

import data.rules.mtls["destination-rule-conflict"] as rule

_rule(kinds) := {"destination_rule": {"tls_settings": [{"conflicts": [{"kind": kind} | some kind in kinds]}]}}

test_deny_when_client_and_server_do_not_fit if {
	every kind in ["plaintext-to-strict", "tls-to-strict", "mtls-to-plaintext", "silent-plaintext"] {
		rule.deny == {{"at": ["tls_settings", 0, "conflicts", 0], "message": kind}} with input as _rule([kind])
	}
}

test_allow_when_they_fit if {
	count(rule.deny) == 0 with input as _rule([])
}
